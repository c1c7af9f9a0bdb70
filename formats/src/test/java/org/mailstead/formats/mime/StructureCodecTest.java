package org.mailstead.formats.mime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StructureCodecTest {
  @Test
  void everyStructureComesBack() {
    for (Corpus.Sample sample : Corpus.all()) {
      MimePart structure = sample.structure();
      assertThat(StructureCodec.decode(StructureCodec.encode(structure)))
          .as(sample.name())
          .isEqualTo(structure);
    }
  }

  /// Stored data is read for ever: this is what version 1 wrote.
  @Test
  void formatOneIsFixed() {
    MimePart part = Corpus.scan("Subject: a\nContent-Type: text/html; charset=utf-8\n\nx\n");
    assertThat(StructureCodec.encode(part))
        .containsExactly(
            1, 0x80, 1, 1, 3, 17, 1, 21, 22, 0, 54, 3, 1, 0, 2, 'a', 0, 0, 0, 0, 0, 0, 0, 0);
  }

  @Test
  void damagedBytesAreReportedAndNothingElse() {
    byte[] encoded = StructureCodec.encode(Corpus.sample("forwarded-message").structure());
    assertThatThrownBy(() -> StructureCodec.decode(new byte[0]))
        .isInstanceOf(IllegalStateException.class);
    for (int length = 0; length < encoded.length; length++) {
      byte[] cut = Arrays.copyOf(encoded, length);
      assertThatThrownBy(() -> StructureCodec.decode(cut))
          .isInstanceOf(IllegalStateException.class);
    }
    for (int i = 0; i < encoded.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] flipped = encoded.clone();
        flipped[i] ^= (byte) (1 << bit);
        try {
          StructureCodec.decode(flipped);
        } catch (IllegalStateException e) {
          assertThat(e).hasMessageContaining("invariant broken");
        }
      }
    }
    byte[] longer = Arrays.copyOf(encoded, encoded.length + 1);
    assertThatThrownBy(() -> StructureCodec.decode(longer))
        .isInstanceOf(IllegalStateException.class);
  }
}
