package org.mailstead.formats.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class CorpusTest {
  /// Committed beside the corpus; rewritten by -Dmailstead.corpus.write=true, to be read in review.
  private static final Path EXPECTED =
      Corpus.repository().resolve("formats/src/test/resources/corpus/structures.txt");

  @Test
  void ownCorpusHasItsKinds() {
    List<String> names = Corpus.own().stream().map(Corpus.Sample::name).toList();
    assertThat(names).hasSizeGreaterThanOrEqualTo(40);
    for (String kind : List.of("plain-", "legacy-", "malformed-", "digest", "deep-", "flood-")) {
      assertThat(names).anyMatch(name -> name.startsWith(kind));
    }
  }

  @TestFactory
  Stream<DynamicTest> everyMessageHasASoundStructure() {
    return Corpus.all().stream()
        .map(sample ->
            DynamicTest.dynamicTest(sample.name(), () -> StructureChecks.check(sample.octets())));
  }

  @Test
  void everyTruncationHasASoundStructure() {
    for (Corpus.Sample sample : Corpus.own()) {
      byte[] octets = sample.octets();
      int step = Math.max(1, octets.length / 40);
      for (int length = 0; length < octets.length; length += step) {
        StructureChecks.check(Arrays.copyOf(octets, length));
      }
    }
  }

  @Test
  void randomMutationsHaveASoundStructure() {
    long seed = Long.getLong("mailstead.seed", System.nanoTime());
    System.out.println("seed " + seed + " (-Dmailstead.seed)");
    Random random = new Random(seed);
    List<Corpus.Sample> samples = Corpus.all();
    for (int round = 0; round < 2000; round++) {
      byte[] octets = Mutation.of(samples.get(random.nextInt(samples.size())).octets(), random);
      try {
        StructureChecks.check(octets);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
  }

  /// Envelopes and structures of our own corpus, read over by people and compared once with Dovecot
  /// 2.3; where it differs and why stands in dovecot-differences.txt.
  @Test
  void structureTextsAreTheExpectedOnes() throws IOException {
    var lines = new ArrayList<String>();
    for (Corpus.Sample sample : Corpus.own()) {
      MimePart structure = sample.structure();
      lines.add(sample.name());
      lines.add("  " + printable(StructureWriter.envelope(structure)));
      lines.add("  " + printable(StructureWriter.bodyStructure(structure)));
      lines.add("  " + printable(StructureWriter.body(structure)));
    }
    String text = String.join("\n", lines) + "\n";
    if (Boolean.getBoolean("mailstead.corpus.write")) Files.writeString(EXPECTED, text);
    List<String> expected = Files.readAllLines(EXPECTED);
    for (int i = 0; i < Math.min(lines.size(), expected.size()); i++) {
      assertThat(lines.get(i)).as("line %d", i + 1).isEqualTo(expected.get(i));
    }
    assertThat(lines).hasSameSizeAs(expected);
  }

  private static String printable(byte[] octets) {
    var out = new StringBuilder();
    for (char c : new String(octets, StandardCharsets.ISO_8859_1).toCharArray()) {
      if (c >= ' ' && c < 127) out.append(c);
      else out.append(String.format("\\x%02x", (int) c));
    }
    return out.toString();
  }
}
