package org.mailstead.smtp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DataDecoderTest {
  private record Decoded(String text, int consumed, boolean ended, boolean bare, long longest) {}

  /// Feeds the octets in pieces as the random source cuts them.
  private static Decoded decode(boolean dotted, byte[] in, Random random) {
    var out = new ByteArrayOutputStream();
    DataDecoder.Sink sink = (bytes, offset, count) -> out.write(bytes, offset, count);
    var decoder = dotted ? DataDecoder.dotted(sink) : DataDecoder.chunked(sink);
    int at = 0;
    while (at < in.length && !decoder.isEnded()) {
      int to = Math.min(in.length, at + 1 + random.nextInt(random.nextBoolean() ? 3 : 40));
      at = decoder.decode(in, at, to);
    }
    if (!dotted) decoder.finish();
    return new Decoded(
        out.toString(StandardCharsets.ISO_8859_1),
        at,
        decoder.isEnded(),
        decoder.isBareLineEndSeen(),
        decoder.longestLineBytes());
  }

  /// What the decoder must do, written for reading instead of for speed: normalize line by line.
  private static Decoded reference(boolean dotted, String in) {
    var out = new StringBuilder();
    var line = new StringBuilder();
    boolean strict = true; // the line began after CRLF
    boolean bare = false;
    int longest = 0;
    boolean open = false;
    for (int i = 0; i < in.length(); i++) {
      char c = in.charAt(i);
      boolean crlf = c == '\r' && i + 1 < in.length() && in.charAt(i + 1) == '\n';
      if (!crlf && c != '\n') {
        bare |= c == '\r' && !(dotted && i + 1 == in.length());
        line.append(c == '\r' ? ' ' : c);
        open = true;
        continue;
      }
      // The raw line ".\r" of ".\r\r\n" is not an end: its bare CR is a space by now.
      boolean dot = dotted && !line.isEmpty() && line.charAt(0) == '.';
      if (dot && strict && crlf && line.length() == 1) {
        return new Decoded(out.toString(), i + 2, true, bare, longest);
      }
      String text = (dot ? line.substring(1) : line.toString()) + "\r\n";
      longest = Math.max(longest, text.length());
      out.append(text);
      line.setLength(0);
      open = false;
      bare |= !crlf;
      strict = crlf;
      if (crlf) i++;
    }
    if (!dotted && open) {
      line.append("\r\n");
      longest = Math.max(longest, line.length());
      out.append(line);
    }
    return new Decoded(out.toString(), in.length(), !dotted, bare, longest);
  }

  @Test
  void howeverTheOctetsAreCutTheResultIsTheSameAsReadLineByLine() {
    long seed = new Random().nextLong();
    System.out.println("howeverTheOctetsAreCut: seed " + seed);
    var random = new Random(seed);
    String[] parts = {
      "\r\n", "\r\n", "\n", "\r", ".", "..", "a", "bcdefghijkl", "\0", "\t", "ä", "\u000b"
    };
    for (int i = 0; i < 100_000; i++) {
      var text = new StringBuilder();
      for (int j = random.nextInt(14); j > 0; j--) text.append(parts[random.nextInt(parts.length)]);
      boolean dotted = random.nextBoolean();
      if (dotted) text.append("\r\n.\r\n").append("NOOP\r\n");
      byte[] in = text.toString().getBytes(StandardCharsets.ISO_8859_1);
      assertThat(decode(dotted, in, random))
          .as("%s of %s", dotted, text.toString().replace("\r", "\\r").replace("\n", "\\n"))
          .isEqualTo(reference(dotted, text.toString()));
    }
  }

  @Test
  void whatTheEncoderWritesTheDecoderReadsAndNoBareLineEndEverLeaves() throws IOException {
    long seed = new Random().nextLong();
    System.out.println("whatTheEncoderWrites: seed " + seed);
    var random = new Random(seed);
    String[] parts = {"\r\n", "\n", "\r", ".", "a", "bcd", "\r\n.\r\n", "x".repeat(70_000)};
    for (int i = 0; i < 5_000; i++) {
      var text = new StringBuilder();
      for (int j = random.nextInt(10); j > 0; j--) {
        text.append(parts[random.nextInt(random.nextInt(20) == 0 ? 8 : 7)]);
      }
      byte[] content = text.toString().getBytes(StandardCharsets.ISO_8859_1);
      String normalized = decode(false, content, random).text();

      var chunked = new ByteArrayOutputStream();
      DataEncoder.writeChunked(ByteBuffer.wrap(content), chunked::write);
      assertThat(chunked.toString(StandardCharsets.ISO_8859_1)).isEqualTo(normalized);

      var dotted = new ByteArrayOutputStream();
      DataEncoder.writeDotted(ByteBuffer.wrap(content), dotted::write);
      String wire = dotted.toString(StandardCharsets.ISO_8859_1);
      assertThat(wire.replace("\r\n", "")).doesNotContain("\r", "\n");
      assertThat("\r\n" + wire).doesNotContain("\r\n.\r\n");
      var decoded = decode(true, (wire + ".\r\n").getBytes(StandardCharsets.ISO_8859_1), random);
      assertThat(decoded.ended()).isTrue();
      assertThat(decoded.bare()).isFalse();
      assertThat(decoded.text()).isEqualTo(normalized);
    }
  }

  @Test
  void theLongestLineIsKnownEvenWithoutAnEnd() {
    var decoder = DataDecoder.dotted((_, _, _) -> {});
    byte[] in = ("ab\r\n" + "x".repeat(5000)).getBytes(StandardCharsets.US_ASCII);
    assertThat(decoder.decode(in, 0, in.length)).isEqualTo(in.length);
    assertThat(decoder.longestLineBytes()).isEqualTo(5000);
    assertThat(decoder.isEnded()).isFalse();
  }
}
