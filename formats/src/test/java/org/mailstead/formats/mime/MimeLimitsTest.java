package org.mailstead.formats.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each bound is met, and what is beyond it is kept and counted.
class MimeLimitsTest {
  @Test
  void thousandDeepMultipartsBecomeALeaf() {
    var text = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      text.append("Content-Type: multipart/mixed; boundary=b").append(i).append("\n\n--b");
      text.append(i).append("\n");
    }
    text.append("\nwords\n");
    for (int i = 999; i >= 0; i--) text.append("--b").append(i).append("--\n");
    MimePart part = Corpus.scan(text.toString());
    int depth = 1;
    MimePart deepest = part;
    while (!deepest.children().isEmpty()) {
      deepest = deepest.children().getFirst();
      depth++;
    }
    assertThat(depth).isEqualTo(MimeLimits.DEPTH_MAX);
    assertThat(deepest.type()).isEqualTo("multipart");
    StructureChecks.check(Corpus.octets(text.toString()));
  }

  @Test
  void thousandDeepMessagesBecomeALeaf() {
    String text = "Content-Type: message/rfc822\n\n".repeat(1000) + "\nwords\n";
    MimePart deepest = Corpus.scan(text);
    int depth = 1;
    while (!deepest.children().isEmpty()) {
      deepest = deepest.children().getFirst();
      depth++;
    }
    assertThat(depth).isEqualTo(MimeLimits.DEPTH_MAX);
    StructureChecks.check(Corpus.octets(text));
  }

  @Test
  void partsBeyondTheBoundBelongToTheLast() {
    String text =
        "Content-Type: multipart/mixed; boundary=b\n\n"
            + "--b\n\nx\n".repeat(MimeLimits.PARTS_MAX + 500)
            + "--b--\nepilogue\n";
    MimePart part = Corpus.scan(text);
    assertThat(part.children()).hasSize(MimeLimits.PARTS_MAX - 1);
    assertThat(part.children().getLast().bodyLines()).isGreaterThan(500 * 3);
    assertThat(part.end() - part.children().getLast().end()).isEqualTo(19);
  }

  @Test
  void hundredThousandHeaderLinesAreReadInTime() {
    String text = "X-Flood: drop\n".repeat(100_000) + "Subject: late\n\nwords\n";
    MimePart part = Corpus.scan(text);
    // Beyond the fields that are looked at.
    assertThat(part.envelope().orElseThrow().subject()).isEmpty();
    assertThat(part.bodyBytes()).isEqualTo(7);
    StructureChecks.check(Corpus.octets(text));
  }

  @Test
  void headerBytesBeyondTheBoundAreNotLookedAt() {
    String text = "X: " + "a".repeat(MimeLimits.HEADER_BYTES_MAX) + "\nSubject: late\n\nwords\n";
    MimePart part = Corpus.scan(text);
    assertThat(part.envelope().orElseThrow().subject()).isEmpty();
    assertThat(part.bodyBytes()).isEqualTo(7);
    StructureChecks.check(Corpus.octets(text));
    StructureChecks.check(Corpus.octets("Subject: " + "b\n ".repeat(MimeLimits.HEADER_BYTES_MAX)));
  }

  @Test
  void valuesAddressesAndParametersAreCut() {
    String subject = "s".repeat(MimeLimits.FIELD_BYTES_MAX * 2);
    String to = "a@b.example,".repeat(MimeLimits.ADDRESSES_MAX * 2);
    String parameters = "; p=v".repeat(MimeLimits.PARAMETERS_MAX * 2);
    MimePart part =
        Corpus.scan(
            "Subject: %s\nTo: %s\nContent-Type: a/b%s\n\n".formatted(subject, to, parameters));
    Envelope envelope = part.envelope().orElseThrow();
    // The space after the colon is one of the octets.
    assertThat(envelope.subject().orElseThrow()).hasSize(MimeLimits.FIELD_BYTES_MAX - 1);
    assertThat(envelope.to()).hasSizeBetween(1000, MimeLimits.ADDRESSES_MAX);
    assertThat(part.parameters()).hasSize(MimeLimits.PARAMETERS_MAX);
    assertThat(AddressParser.parse(to)).hasSize(MimeLimits.ADDRESSES_MAX);
    String many = ("To: " + "a@b.example,".repeat(4000) + "\n").repeat(10);
    assertThat(Corpus.scan(many + "\n").envelope().orElseThrow().to())
        .hasSizeLessThanOrEqualTo(MimeLimits.ADDRESSES_MAX);
  }

  @Test
  void stringsOfAllPartsTogetherAreBounded() {
    String description = "d".repeat(MimeLimits.FIELD_BYTES_MAX - 10);
    String text =
        "Content-Type: multipart/mixed; boundary=b\n\n"
            + ("--b\nContent-Description: " + description + "\n\n").repeat(200)
            + "--b--\n";
    MimePart part = Corpus.scan(text);
    assertThat(part.children()).hasSize(200);
    assertThat(StructureCodec.encode(part).length).isLessThan(MimeLimits.STRUCTURE_BYTES_MAX * 2);
    assertThat(part.children().getLast().description()).isEmpty();
  }

  @Test
  void boundaryLongerThanTheBoundIsNone() {
    String boundary = "b".repeat(MimeLimits.BOUNDARY_BYTES_MAX + 1);
    MimePart part =
        Corpus.scan(
            "Content-Type: multipart/mixed; boundary=%s\n\n--%s\n\nx\n--%s--\n"
                .formatted(boundary, boundary, boundary));
    assertThat(part.children()).isEmpty();
    String longest = boundary.substring(1);
    MimePart fits =
        Corpus.scan(
            "Content-Type: multipart/mixed; boundary=%s\n\n--%s\n\nx\n--%s--\n"
                .formatted(longest, longest, longest));
    assertThat(fits.children()).hasSize(1);
  }

  @Test
  void quotedStringsBeyondTheBoundAreLiterals() {
    String fits = "s".repeat(MimeLimits.QUOTED_BYTES_MAX);
    assertThat(envelope("Subject: " + fits + "\n\n")).startsWith("(NIL \"sss");
    assertThat(envelope("Subject: " + fits + "s\n\n"))
        .startsWith("(NIL {" + (MimeLimits.QUOTED_BYTES_MAX + 1) + "}\r\nsss");
  }

  @Test
  void searchTextIsCutAndSaysSo() {
    byte[] octets = new byte[MimeLimits.SEARCH_CHARACTERS_MAX + 1000];
    Arrays.fill(octets, (byte) 'a');
    octets[0] = '\n';
    ByteBuffer message = ByteBuffer.wrap(octets);
    MessageText text = MessageText.of(message, MessageScanner.scan(message));
    assertThat(text.complete()).isFalse();
    assertThat(text.body()).hasSize(MimeLimits.SEARCH_CHARACTERS_MAX);
  }

  @Test
  void encodedMessagesInsideEachOtherAreDecodedToABound() {
    String inner = "Subject: core\r\n\r\nkernel\r\n";
    for (int i = 0; i <= MimeLimits.ENCODED_DEPTH_MAX; i++) {
      String encoded = java.util.Base64.getMimeEncoder().encodeToString(Corpus.octets(inner));
      inner =
          "Subject: shell %d\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n"
              .formatted(i, encoded);
    }
    ByteBuffer message = ByteBuffer.wrap(Corpus.octets(inner));
    MessageText text = MessageText.of(message, MessageScanner.scan(message));
    assertThat(text.complete()).isFalse();
    assertThat(text.body()).contains("shell 1").doesNotContain("kernel");
  }

  /// LIM-1: messages of 150 MB come in by APPEND and import. The file is mapped; the heap holds a
  /// window.
  @Test
  void messageOf150MegabytesIsScannedWithinLittleMemory(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("large.eml");
    long lines = 0;
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      write(channel, "Subject: large\r\nContent-Type: multipart/mixed; boundary=bbb\r\n\r\n");
      write(channel, "--bbb\r\n\r\nwords\r\n--bbb\r\nContent-Transfer-Encoding: base64\r\n\r\n");
      byte[] piece = Corpus.octets(("QUFB".repeat(19) + "\r\n").repeat(10_000));
      while (channel.size() < 150L * 1000 * 1000) {
        ByteBuffer buffer = ByteBuffer.wrap(piece);
        while (buffer.hasRemaining()) channel.write(buffer);
        lines += 10_000;
      }
      write(channel, "--bbb--\r\n");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer message = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      MessageScanner.scan(message);
      long before = allocated();
      MimePart part = MessageScanner.scan(message);
      long used = allocated() - before;
      assertThat(used).isLessThan(4 << 20);
      assertThat(part.end()).isEqualTo(Files.size(file));
      assertThat(part.children()).hasSize(2);
      assertThat(part.children().get(1).bodyLines()).isEqualTo(lines - 1);
      assertThat(part.children().get(1).bodyBytes()).isEqualTo(lines * 78 - 2);
      assertThat(TransferDecoder.size(message, part.children().get(1))).isEqualTo(lines * 57);
      assertThat(Preview.of(message, part)).isEqualTo("words");
    }
  }

  private static void write(FileChannel channel, String text) throws IOException {
    channel.write(ByteBuffer.wrap(Corpus.octets(text)));
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean)
            java.lang.management.ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  private static String envelope(String message) {
    return new String(
        StructureWriter.envelope(Corpus.scan(message)),
        java.nio.charset.StandardCharsets.ISO_8859_1);
  }
}
