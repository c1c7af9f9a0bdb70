package org.mailstead.core.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.OrganizationId;
import org.mailstead.store.DamagedBlobException;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.PartitionId;

class ContentsTest {
  private static final OrganizationId ORGANIZATION = new OrganizationId("m-1");
  private static final PartitionId HOLDER = new PartitionId("queue/1");
  private static final int[] LENGTHS = {
    0, 1, 8192, 8193, 65_535, 65_536, 65_537, 131_072, 2_500_000
  };

  private final MemoryStore store = new MemoryStore();
  private final Contents contents = new Contents(store, new SecureRandom());

  private static byte[] octets(int length) {
    byte[] octets = new byte[length];
    new Random(length).nextBytes(octets);
    return octets;
  }

  @Test
  void contentsOfAnyLengthComeBackWholeAndInParts() throws IOException {
    List<Content> plain = Arrays.stream(LENGTHS).mapToObj(n -> Content.of(octets(n))).toList();
    List<StagedContent> staged = contents.stage(ORGANIZATION, HOLDER, plain);
    Random random = new Random(7);
    for (int i = 0; i < LENGTHS.length; i++) {
      byte[] original = octets(LENGTHS[i]);
      StagedContent content =
          StagedContent.of(ORGANIZATION, staged.get(i).reference(), staged.get(i).inline());
      assertThat(content.isBlob()).isEqualTo(original.length > ContentLimits.INLINE_BYTES_MAX);
      assertThat(content.length()).isEqualTo(original.length);
      try (Content opened = contents.open(content);
          var in = opened.open()) {
        assertThat(in.readAllBytes()).isEqualTo(original);
      }
      try (Content opened = contents.open(content)) {
        byte[] whole = new byte[original.length];
        opened.buffer().get(whole);
        assertThat(whole).isEqualTo(original);
      }
      for (int part = 0; part < 20; part++) {
        int from = random.nextInt(original.length + 10);
        int length = random.nextInt(140_000);
        assertThat(contents.read(content, from, length))
            .isEqualTo(
                from >= original.length
                    ? new byte[0]
                    : Arrays.copyOfRange(original, from, Math.min(original.length, from + length)));
      }
    }
  }

  @Test
  void changedOrMovedCiphertextIsDamagedNotWrong() {
    byte[] small = octets(100);
    StagedContent staged =
        contents.stage(ORGANIZATION, HOLDER, List.of(Content.of(small))).getFirst();
    byte[] inline = staged.inline().orElseThrow();
    for (int i = 0; i < inline.length; i++) {
      byte[] changed = inline.clone();
      changed[i] ^= 1;
      StagedContent damaged =
          StagedContent.of(ORGANIZATION, staged.reference(), Optional.of(changed));
      assertThatThrownBy(() -> contents.read(damaged, 0, 100))
          .as("octet %s", i)
          .isInstanceOf(DamagedBlobException.class);
    }
    StagedContent elsewhere =
        StagedContent.of(new OrganizationId("m-2"), staged.reference(), staged.inline());
    assertThatThrownBy(() -> contents.read(elsewhere, 0, 100))
        .isInstanceOf(DamagedBlobException.class);
    StagedContent cut =
        StagedContent.of(ORGANIZATION, staged.reference(), Optional.of(Arrays.copyOf(inline, 50)));
    assertThatThrownBy(() -> contents.read(cut, 0, 100)).isInstanceOf(DamagedBlobException.class);
  }

  @Test
  void holdersComeAndGo() {
    StagedContent staged =
        contents.stage(ORGANIZATION, HOLDER, List.of(Content.of(octets(20_000)))).getFirst();
    PartitionId mailbox = new PartitionId("mailbox/m");
    contents.hold(mailbox, staged);
    contents.release(HOLDER, staged);
    assertThat(store.blobs().holders(staged.id())).containsExactly(mailbox);
    assertThat(staged.toString()).doesNotContain("key");
  }
}
