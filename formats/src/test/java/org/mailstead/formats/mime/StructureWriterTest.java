package org.mailstead.formats.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// RFC 9051 §7.5.2.
class StructureWriterTest {
  @Test
  void exampleOfTheSpecification() {
    // The body structure of RFC 9051 §7.5.2's first example, from a message of that kind.
    String body = "x".repeat(48) + "\n";
    MimePart part = Corpus.scan("Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\n\n" + body.repeat(23));
    assertThat(text(StructureWriter.bodyStructure(part)))
        .isEqualTo(
            "(\"text\" \"plain\" (\"charset\" \"US-ASCII\") NIL NIL \"7bit\" 1150 23 NIL NIL NIL NIL)");
  }

  @Test
  void senderAndReplyToFallBackToFrom() {
    String envelope = envelope("From: A <a@b.example>\nReply-To: c@d.example\n\n");
    assertThat(envelope)
        .isEqualTo(
            "(NIL NIL ((\"A\" NIL \"a\" \"b.example\")) ((\"A\" NIL \"a\" \"b.example\"))"
                + " ((NIL NIL \"c\" \"d.example\")) NIL NIL NIL NIL NIL)");
  }

  @Test
  void emptyFieldIsAnEmptyStringAndAnAbsentOneIsNil() {
    assertThat(envelope("Subject:\nTo:\n\n"))
        .isEqualTo("(NIL \"\" NIL NIL NIL NIL NIL NIL NIL NIL)");
  }

  @Test
  void groupsHaveAStartAndAnEnd() {
    assertThat(envelope("To: Team: a@b.example;\n\n"))
        .contains("((NIL NIL \"Team\" NIL)(NIL NIL \"a\" \"b.example\")(NIL NIL NIL NIL))");
  }

  @Test
  void stringsAreQuotedOrLiteral() {
    assertThat(envelope("Subject: a\"b\\c\n\n")).contains("\"a\\\"b\\\\c\"");
    assertThat(envelope("Subject: \u00c3\u00a4\n\n")).contains("{2}\r\n\u00c3\u00a4 NIL");
    assertThat(envelope("Subject: a\0b\n\n")).contains("\"a?b\"");
    MimePart bare = MessageScanner.scan(java.nio.ByteBuffer.wrap(Corpus.octets("Subject: a\rb\n")));
    assertThat(text(StructureWriter.envelope(bare))).contains("\"a b\"");
  }

  @Test
  void multipartWithoutPartsAndOpaqueMessagesKeepTheGrammar() {
    String empty = "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0)";
    assertThat(text(StructureWriter.body(Corpus.scan("Content-Type: multipart/mixed\n\nx\n"))))
        .isEqualTo("(" + empty + " \"mixed\")");
    MimePart opaque =
        Corpus.scan("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nAAAA\n");
    assertThat(text(StructureWriter.body(opaque)))
        .isEqualTo(
            "(\"message\" \"rfc822\" NIL NIL NIL \"base64\" 6 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) "
                + empty
                + " 1)");
  }

  /// RFC 3501 §9: only message/rfc822 shows an envelope to such clients.
  @Test
  void messageGlobalIsABasicBody() {
    MimePart part = Corpus.scan("Content-Type: message/global\n\nSubject: x\n\nbody\n");
    assertThat(text(StructureWriter.body(part)))
        .isEqualTo("(\"message\" \"global\" NIL NIL NIL \"7bit\" 20)");
  }

  @Test
  void extensionDataIsWhole() {
    MimePart part = Corpus.sample("mixed-attachment").structure();
    assertThat(text(StructureWriter.bodyStructure(part)))
        .contains("NIL NIL (\"en\" \"de\") NIL)")
        .contains(
            "\"Q2hlY2sgSW50ZWdyaXR5IQ==\" (\"attachment\" (\"filename\" \"list.pdf\" \"size\" \"12\")) NIL"
                + " \"http://mill.example/list.pdf\")")
        .endsWith(" \"mixed\" (\"boundary\" \"outer-42\") NIL NIL NIL)");
    assertThat(text(StructureWriter.body(part))).endsWith(" \"mixed\")");
  }

  @Test
  void envelopeOfAPartThatIsNoMessageIsOfNils() {
    MimePart part = Corpus.sample("alternative").structure().children().getFirst();
    assertThat(text(StructureWriter.envelope(part)))
        .isEqualTo("(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
  }

  private static String envelope(String message) {
    return text(StructureWriter.envelope(Corpus.scan(message)));
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.ISO_8859_1);
  }
}
