package org.mailstead.formats.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mailstead.formats.mime.MessageWriter.Body;
import org.mailstead.formats.mime.MessageWriter.Field;
import org.mailstead.formats.mime.MessageWriter.Mailbox;

/// RFC 5322 §2, RFC 2045 to 2047, RFC 2231, RFC 3464.
class MessageWriterTest {
  private static final OffsetDateTime DATE = OffsetDateTime.parse("2025-03-03T09:05:00+01:00");

  @Test
  void plainMessageIsWrittenAsItIs() {
    byte[] octets =
        writer()
            .addresses("From", List.of(new Mailbox("Ada Quill", "ada@mill.example")))
            .addresses(
                "To",
                List.of(new Mailbox("", "ben@forge.example"), new Mailbox("Q, R.", "q@r.example")))
            .date("Date", DATE)
            .text("Subject", "Delivery of oats")
            .structured("Message-ID", "<1@mill.example>")
            .toBytes(new Body.Text("Twelve sacks.\nReady?\n"));
    assertThat(text(octets))
        .isEqualTo(
            """
            From: Ada Quill <ada@mill.example>
            To: ben@forge.example, "Q, R." <q@r.example>
            Date: Mon, 3 Mar 2025 09:05:00 +0100
            Subject: Delivery of oats
            Message-ID: <1@mill.example>
            MIME-Version: 1.0
            Content-Type: text/plain; charset=us-ascii
            Content-Transfer-Encoding: 7bit

            Twelve sacks.
            Ready?
            """
                .replace("\n", "\r\n"));
  }

  @Test
  void whatIsWrittenComesBack() {
    long seed = Long.getLong("mailstead.seed", System.nanoTime());
    System.out.println("seed " + seed + " (-Dmailstead.seed)");
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      String subject = randomText(random, 1 + random.nextInt(300)).strip();
      String name = randomText(random, 1 + random.nextInt(60)).strip();
      String body = randomText(random, random.nextInt(3000)) + "\n";
      String file = randomText(random, 1 + random.nextInt(120)).strip();
      byte[] octets =
          new MessageWriter(random)
              .addresses("From", List.of(new Mailbox(name, "a@b.example")))
              .text("Subject", subject)
              .toBytes(
                  new Body.Multipart(
                      "mixed",
                      List.of(),
                      List.of(
                          new Body.Text(body),
                          new Body.Attachment("a/b", Optional.of(file), new byte[100]))));
      checkLines(octets);
      ByteBuffer message = ByteBuffer.wrap(octets);
      MimePart part = MessageScanner.scan(message);
      Envelope envelope = part.envelope().orElseThrow();
      assertThat(HeaderText.decode(envelope.subject().orElseThrow()))
          .as("seed %d round %d", seed, round)
          .isEqualTo(collapsed(subject));
      if (!name.isEmpty()) {
        assertThat(collapsed(HeaderText.decode(envelope.from().getFirst().name().orElse(""))))
            .as("seed %d round %d", seed, round)
            .isEqualTo(collapsed(name));
      }
      assertThat(part.children()).hasSize(2);
      byte[] decoded = Octets.decoded(message, part.children().getFirst(), 1 << 20);
      assertThat(new String(decoded, StandardCharsets.UTF_8) + "\r\n")
          .isEqualTo(body.replace("\n", "\r\n"));
      if (!file.isBlank()) {
        assertThat(ParameterText.filename(part.children().get(1))).contains(file);
      }
      assertThat(TransferDecoder.size(message, part.children().get(1))).isEqualTo(100);
    }
  }

  private static String collapsed(String text) {
    return text.replaceAll(" +", " ");
  }

  private static String randomText(Random random, int length) {
    String alphabet = "abc xyz  \"\\<>(),;:=?_äß日\uD83D";
    var out = new StringBuilder();
    while (out.length() < length) {
      char c = alphabet.charAt(random.nextInt(alphabet.length()));
      if (c == '\uD83D') out.append("\uD83D\uDE4F");
      else out.append(c);
    }
    return out.toString();
  }

  /// RFC 5322 §2.1.1: CRLF only, never beyond 998 octets, header lines within 78 where it can be.
  private static void checkLines(byte[] octets) {
    String text = new String(octets, StandardCharsets.ISO_8859_1);
    assertThat(text).endsWith("\r\n");
    for (String line : text.split("\r\n", -1)) {
      assertThat(line.length()).isLessThanOrEqualTo(998);
      assertThat(line).doesNotContain("\r", "\n", "\0");
    }
  }

  @Test
  void headerLinesAreFoldedAt78() {
    byte[] octets =
        writer()
            .text("Subject", "oats and ".repeat(40))
            .text("Comments", "Säcke und ".repeat(40))
            .toBytes(new Body.Text("x"));
    checkLines(octets);
    for (String line : text(octets).split("\r\n")) assertThat(line).hasSizeLessThanOrEqualTo(78);
  }

  @Test
  void valuesCannotAddFieldsOrLongLines() {
    byte[] octets =
        writer()
            .text("Subject", "a\r\nBcc: x@y.example\r\n\r\nbody")
            .structured("References", "<" + "r".repeat(5000) + "@mill.example>")
            .addresses("To", List.of(new Mailbox("n\r\nX: y", "a@b.example\r\nX: y")))
            .toBytes(new Body.Text("words"));
    checkLines(octets);
    MimePart part = MessageScanner.scan(ByteBuffer.wrap(octets));
    HeaderFields fields = HeaderFields.of(ByteBuffer.wrap(octets), part);
    assertThat(fields.find("bcc")).isEmpty();
    assertThat(fields.find("x")).isEmpty();
    assertThat(part.bodyBytes()).isEqualTo(7);
  }

  /// RFC 3464 §2.
  @Test
  void reportHasItsThreeParts() {
    byte[] original = Corpus.sample("plain-utf8-8bit").octets();
    byte[] octets = report(new Body.Message(original));
    checkLines(octets);
    ByteBuffer message = ByteBuffer.wrap(octets);
    MimePart part = MessageScanner.scan(message);
    assertThat(part.subtype()).isEqualTo("report");
    assertThat(part.parameters())
        .contains(new MimePart.Parameter("report-type", "delivery-status"));
    assertThat(part.encoding()).isEqualTo("8bit");
    assertThat(part.children())
        .extracting(child -> child.type() + "/" + child.subtype())
        .containsExactly("text/plain", "message/delivery-status", "message/rfc822");
    String status =
        new String(
            Octets.decoded(message, part.children().get(1), 10_000), StandardCharsets.US_ASCII);
    assertThat(status)
        .startsWith("Reporting-MTA: dns; mx.mill.example\r\n\r\nFinal-Recipient: rfc822;")
        .contains("Diagnostic-Code: smtp; 550 5.1.1 no such ?person?");
    MimePart inner = part.children().get(2).children().getFirst();
    byte[] back = new byte[(int) (inner.end() - inner.headerOffset()) + 2];
    message.get((int) inner.headerOffset(), back);
    assertThat(back).isEqualTo(original);
  }

  @Test
  void messageThatNoTransportCarriesIsReducedToItsHeader() {
    for (String name : List.of("malformed-long-line", "malformed-bare-cr", "malformed-nul-bytes")) {
      byte[] octets = report(new Body.Message(Corpus.sample(name).octets()));
      checkLines(octets);
      MimePart part = MessageScanner.scan(ByteBuffer.wrap(octets));
      assertThat(part.children().get(2).subtype()).isEqualTo("rfc822-headers");
    }
  }

  @Test
  void headerOfAMessageHasNoBody() {
    byte[] octets = report(new Body.MessageHeader(Corpus.sample("plain-ascii").octets()));
    assertThat(text(octets)).contains("Delivery of oats").doesNotContain("Twelve sacks");
    MimePart part = MessageScanner.scan(ByteBuffer.wrap(octets));
    assertThat(part.children().get(2).subtype()).isEqualTo("rfc822-headers");
  }

  private static byte[] report(Body original) {
    return writer()
        .addresses("From", List.of(new Mailbox("Mail Delivery", "mailer-daemon@mill.example")))
        .text("Subject", "Undelivered")
        .toBytes(
            MessageWriter.report(
                "It did not arrive.\n",
                List.of(
                    List.of(new Field("Reporting-MTA", "dns; mx.mill.example")),
                    List.of(
                        new Field("Final-Recipient", "rfc822; nobody@forge.example"),
                        new Field("Action", "failed"),
                        new Field("Status", "5.1.1"),
                        new Field("Diagnostic-Code", "smtp; 550 5.1.1 no such “person”\r\nX: y"))),
                original));
  }

  private static MessageWriter writer() {
    return new MessageWriter(new Random(7));
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.ISO_8859_1);
  }
}
