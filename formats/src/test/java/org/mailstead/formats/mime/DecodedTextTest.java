package org.mailstead.formats.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Transfer encodings, search text, previews.
class DecodedTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "base64 | T2F0cw== | Oats",
        "base64 | T2F0cw | Oats",
        "base64 | T2F*0\\r\\ncw= | Oats",
        "base64 | T2E=T2E= | OaOa",
        "quoted-printable | a=3Db=\\r\\nc | a=bc",
        "quoted-printable | a=  \\t\\r\\nb | ab",
        "quoted-printable | a=\\nb | ab",
        "quoted-printable | a=3d=ZZ= 4 | a==ZZ= 4",
        "quoted-printable | a=4\\r\\nb | a=4\\r\\nb",
        "7bit | a=3D | a=3D",
        "x-unheard-of | a=3D | a=3D",
        "x-uuencode | begin 644 a\\r\\n$3V%T<P``\\r\\n`\\r\\nend\\r\\nrest | Oats"
      })
  void transferEncodingsAreUndone(String encoding, String body, String expected)
      throws IOException {
    assertThat(decode(encoding, unescaped(body))).isEqualTo(unescaped(expected));
  }

  private static String unescaped(String text) {
    return text.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t");
  }

  @Test
  void spaceAtTheEndOfAQuotedPrintableLineGoes() throws IOException {
    assertThat(decode("quoted-printable", "a \t\r\nb c \n")).isEqualTo("a\r\nb c\n");
    assertThat(decode("quoted-printable", "a ")).isEqualTo("a ");
    assertThat(decode("quoted-printable", "a=")).isEqualTo("a");
    assertThat(decode("quoted-printable", "a=4")).isEqualTo("a=4");
  }

  @Test
  void decodersGiveTheSameInPiecesOfAnySize() throws IOException {
    Random random = new Random(42);
    byte[] octets = new byte[70_000];
    random.nextBytes(octets);
    String base64 = Base64.getMimeEncoder().encodeToString(octets);
    ByteBuffer message = ByteBuffer.wrap(Corpus.octets(base64));
    try (InputStream stream = TransferDecoder.open(message, 0, base64.length(), "base64")) {
      byte[] read = new byte[octets.length];
      int count = 0;
      while (count < read.length) {
        if (random.nextBoolean()) read[count++] = (byte) stream.read();
        else count += stream.read(read, count, Math.min(read.length - count, random.nextInt(999)));
      }
      assertThat(read).isEqualTo(octets);
      assertThat(stream.read()).isEqualTo(-1);
    }
    String quoted = "=C3=A4 text that goes on   \r\n=\r\n".repeat(5_000);
    assertThat(decode("quoted-printable", quoted))
        .isEqualTo("\u00c3\u00a4 text that goes on\r\n".repeat(5_000));
    String hostile = ("=" + " ".repeat(500)).repeat(500);
    assertThat(decode("quoted-printable", hostile)).hasSizeLessThanOrEqualTo(hostile.length());
  }

  private static String decode(String encoding, String body) throws IOException {
    ByteBuffer message = ByteBuffer.wrap(Corpus.octets(body));
    try (InputStream stream = TransferDecoder.open(message, 0, message.remaining(), encoding)) {
      return new String(stream.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  @Test
  void sizeIsThatOfTheDecodedBody() {
    Corpus.Sample sample = Corpus.sample("mixed-attachment");
    assertThat(TransferDecoder.size(sample.buffer(), sample.structure().children().get(1)))
        .isEqualTo(10);
    assertThat(TransferDecoder.isKnown("base64")).isTrue();
    assertThat(TransferDecoder.isKnown("x-unheard-of")).isFalse();
  }

  @Test
  void searchSeesHeadersTextFileNamesAndEmbeddedMessages() {
    MessageText text = text("forwarded-message");
    assertThat(text.subject()).isEqualTo("Fwd: oats");
    assertThat(text.from()).isEqualTo("Ada Quill <ada@mill.example>");
    assertThat(text.headers()).contains("Message-ID: <f1@mill.example>");
    assertThat(text.body())
        .contains("For you.", "oats.eml", "From: Cora", "inner plain", "inner html")
        .doesNotContain("<p>", "--inner");
    assertThat(text.complete()).isTrue();
    assertThat(text("message-rfc822-base64").body()).contains("hidden harvest", "buried words");
    assertThat(text("delivery-report").body()).contains("5.1.1", "Subject: lost");
    assertThat(text("alternative").body()).contains("Twelve sacks.").doesNotContain("color");
    assertThat(text("legacy-uuencode").body()).contains("Twelve sacks");
  }

  @Test
  void previewIsTheFirstText() {
    assertThat(preview("plain-ascii"))
        .isEqualTo("Twelve sacks of oats leave on Thursday. Please have the cart ready.");
    assertThat(preview("plain-quoted-printable"))
        .isEqualTo("Der Preis: 20 € für zwölf Säcke, zahlbar bald. 1+1=2");
    assertThat(preview("plain-base64")).isEqualTo("Дванадцять мішків вівса");
    assertThat(preview("alternative")).isEqualTo("Twelve sacks.");
    assertThat(preview("related-inline")).isEqualTo("Look:");
    assertThat(preview("plain-empty-body")).isEmpty();
    assertThat(preview("legacy-shift-jis")).isEqualTo("麦の袋①");
    assertThat(preview("legacy-tis-620")).isEqualTo("ข้าวโอ๊ต");
    assertThat(preview("legacy-windows-1252-as-latin1")).isEqualTo("“Oats” – 20 €");
    assertThat(preview("legacy-utf-8-that-is-latin1")).isEqualTo("Zwölf Säcke");
  }

  @Test
  void previewIsCutBetweenCharacters() {
    String body = "\uD83D\uDE4F".repeat(300);
    byte[] octets =
        ("Content-Type: text/plain; charset=utf-8\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8);
    ByteBuffer message = ByteBuffer.wrap(octets);
    String preview = Preview.of(message, MessageScanner.scan(message));
    assertThat(preview.codePointCount(0, preview.length()))
        .isEqualTo(MimeLimits.PREVIEW_CHARACTERS);
    assertThat(preview).endsWith("\uD83D\uDE4F");
  }

  @Test
  void quotedTextIsPassedOverIfThereIsMore() {
    assertThat(of("\n> old words\n>> older\nNew words\n")).isEqualTo("New words");
    assertThat(of("\n> old words\n")).isEqualTo("> old words");
  }

  private static String of(String text) {
    ByteBuffer message = ByteBuffer.wrap(Corpus.octets(text));
    return Preview.of(message, MessageScanner.scan(message));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "<p>a</p><p>b</p> | a\\nb\\n",
        "a<br>b | a\\nb",
        "a <b>b</b>c | a bc",
        "<td>a</td><td>b</td> | a b",
        "<style>x</style>a<script>y</script> | a\\n",
        "<!-- x -->a<!-- open | a",
        "a &amp; b &lt;c&gt; &eacute; &#233; &#x20AC; &nbsp;d | a & b <c> é é € d",
        "a & b &unknown; &amp | a & b &unknown; &amp",
        "1 < 2 > 0 | 1 < 2 > 0",
        "<a title=\">\">x</a> | x",
        "<a title=\"open>x | x",
        "<style>never closed | never closed"
      })
  void htmlBecomesText(String html, String expected) {
    assertThat(HtmlText.of(html, 1000)).isEqualTo(unescaped(expected));
  }

  @Test
  void hostileHtmlIsReadInTime() {
    for (String piece :
        new String[] {"<style>", "<", "&", "<a \"", "<a '>", "<!--", "</", "<script></", "&#;"}) {
      String html = piece.repeat(4_000_000 / piece.length());
      assertThat(HtmlText.of(html, 10_000_000).length()).isLessThanOrEqualTo(html.length());
    }
  }

  private static MessageText text(String name) {
    Corpus.Sample sample = Corpus.sample(name);
    return MessageText.of(sample.buffer(), sample.structure());
  }

  private static String preview(String name) {
    Corpus.Sample sample = Corpus.sample(name);
    return Preview.of(sample.buffer(), sample.structure());
  }
}
