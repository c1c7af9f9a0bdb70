package org.mailstead.formats.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/// RFC 2046 §5.1 and what occurs instead.
class MessageScannerTest {
  @Test
  void offsetsOfAPlainMessageAreThoseOfItsBytes() {
    String text = "Subject: a\r\n\r\none\r\ntwo";
    MimePart part = MessageScanner.scan(ByteBuffer.wrap(Corpus.octets(text)));
    assertThat(part.headerOffset()).isZero();
    assertThat(part.bodyOffset()).isEqualTo(14);
    assertThat(part.end()).isEqualTo(text.length());
    assertThat(part.bodyLines()).isEqualTo(1);
    assertThat(part.type() + "/" + part.subtype()).isEqualTo("text/plain");
    assertThat(part.encoding()).isEqualTo("7bit");
    assertThat(part.envelope().orElseThrow().subject()).contains("a");
  }

  @Test
  void lineBreakBeforeABoundaryBelongsToIt() {
    MimePart part =
        Corpus.scan(
            "Content-Type: multipart/mixed; boundary=b\n\npreamble\n--b\n\none\n\n--b\n\ntwo\n--b--\nend\n");
    assertThat(part.children()).hasSize(2);
    assertThat(part.children().get(0).bodyBytes()).isEqualTo(5);
    assertThat(part.children().get(0).bodyLines()).isEqualTo(1);
    assertThat(part.children().get(1).bodyBytes()).isEqualTo(3);
    assertThat(part.children().get(1).bodyLines()).isZero();
  }

  @Test
  void bareLineFeedsAreLineBreaksAndBareCarriageReturnsAreNot() {
    MimePart feeds =
        MessageScanner.scan(
            ByteBuffer.wrap(
                Corpus.octets("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n")));
    assertThat(feeds.children()).hasSize(1);
    assertThat(feeds.children().getFirst().bodyBytes()).isEqualTo(3);
    MimePart returns =
        MessageScanner.scan(ByteBuffer.wrap(Corpus.octets("Subject: a\r\rb\r\n\r\nx\ry\r\n")));
    assertThat(returns.envelope().orElseThrow().subject()).contains("a\r\rb");
    assertThat(returns.bodyLines()).isEqualTo(1);
  }

  @Test
  void boundaryThatBeginsAnotherDoesNotEndIt() {
    assertThat(Corpus.sample("malformed-boundary-prefix-of-inner").structure().children())
        .hasSize(2);
    MimePart outer = Corpus.sample("malformed-inner-prefix-of-outer").structure();
    assertThat(outer.children()).hasSize(2);
    assertThat(outer.children().getFirst().children()).hasSize(1);
  }

  @Test
  void outerBoundaryEndsAnInnerMultipartThatWasNotClosed() {
    MimePart part = Corpus.sample("malformed-outer-ends-inner").structure();
    assertThat(part.children()).hasSize(2);
    assertThat(part.children().get(0).children()).hasSize(1);
    assertThat(part.children().get(1).bodyBytes()).isEqualTo(3);
  }

  @Test
  void missingCloseMissingBlankLineAndEmptyBoundaryKeepTheOctets() {
    MimePart open = Corpus.sample("malformed-no-close").structure();
    assertThat(open.children()).hasSize(2);
    assertThat(open.children().get(1).end()).isEqualTo(open.end());
    MimePart headerOnly = Corpus.sample("malformed-no-blank-line").structure();
    assertThat(headerOnly.bodyBytes()).isZero();
    assertThat(headerOnly.envelope().orElseThrow().to()).hasSize(1);
    assertThat(Corpus.sample("malformed-empty-boundary").structure().children()).isEmpty();
    assertThat(Corpus.sample("malformed-no-boundary-parameter").structure().children()).isEmpty();
  }

  @Test
  void boundaryEndsAHeaderWithoutEmptyLine() {
    MimePart part =
        Corpus.scan(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n--b\n\ntwo\n--b--\n");
    assertThat(part.children()).hasSize(2);
    assertThat(part.children().getFirst().subtype()).isEqualTo("html");
    assertThat(part.children().getFirst().bodyBytes()).isZero();
  }

  @Test
  void firstContentTypeCountsAndAddressFieldsAreJoined() {
    MimePart part = Corpus.sample("malformed-duplicate-content-type").structure();
    assertThat(part.subtype()).isEqualTo("html");
    assertThat(part.encoding()).isEqualTo("7bit");
    Envelope envelope = part.envelope().orElseThrow();
    assertThat(envelope.subject()).contains("Delivery of oats");
    assertThat(envelope.to()).hasSize(2);
  }

  @Test
  void partsOfADigestAreMessagesUnlessTheySayOtherwise() {
    MimePart part = Corpus.sample("digest").structure();
    assertThat(part.children()).hasSize(3);
    MimePart first = part.children().getFirst();
    assertThat(first.isMessage()).isTrue();
    assertThat(first.children().getFirst().envelope().orElseThrow().subject()).contains("first");
    assertThat(part.children().get(2).type()).isEqualTo("text");
  }

  @Test
  void encodedMessagesAreNotLookedInto() {
    MimePart part = Corpus.sample("message-rfc822-base64").structure();
    assertThat(part.subtype()).isEqualTo("rfc822");
    assertThat(part.children()).isEmpty();
    assertThat(part.isMessage()).isFalse();
    assertThat(Corpus.sample("message-global").structure().isMessage()).isTrue();
  }

  @Test
  void mboxLineAndFieldsWithoutColonArePassedOver() {
    Envelope envelope = Corpus.sample("legacy-mbox-from-line").structure().envelope().orElseThrow();
    assertThat(envelope.from().getFirst().local()).contains("ada");
    assertThat(envelope.subject()).contains("Delivery of oats");
  }

  @Test
  void spaceBeforeTheColonIsAccepted() {
    Envelope envelope = Corpus.sample("malformed-colon-first").structure().envelope().orElseThrow();
    assertThat(envelope.subject()).contains("white space before the colon");
    assertThat(envelope.from()).hasSize(1);
  }

  @Test
  void foldedFieldsBecomeOneLine() {
    Envelope envelope =
        Corpus.sample("malformed-continuation-first").structure().envelope().orElseThrow();
    assertThat(envelope.subject()).contains("folded over lines");
  }

  @Test
  void commentsInContentFieldsDoNotCount() {
    MimePart part = Corpus.sample("malformed-comments").structure();
    assertThat(part.type() + "/" + part.subtype()).isEqualTo("text/html");
    assertThat(part.encoding()).isEqualTo("7bit");
    assertThat(part.parameters()).containsExactly(new MimePart.Parameter("charset", "us-ascii"));
  }

  @Test
  void contentFieldsAreKept() {
    MimePart pdf = Corpus.sample("mixed-attachment").structure().children().get(1);
    assertThat(pdf.contentId()).contains("<list@mill.example>");
    assertThat(pdf.md5()).contains("Q2hlY2sgSW50ZWdyaXR5IQ==");
    assertThat(pdf.location()).contains("http://mill.example/list.pdf");
    assertThat(pdf.disposition().orElseThrow().value()).isEqualTo("attachment");
    MimePart text = Corpus.sample("mixed-attachment").structure().children().get(0);
    assertThat(text.languages()).containsExactly("en", "de");
    assertThat(text.description()).contains("the words");
  }

  /// RFC 9051 §6.4.5.1.
  @Test
  void sectionNumbersFindParts() {
    MimePart root = Corpus.sample("forwarded-message").structure();
    assertThat(root.find(List.of())).contains(root);
    assertThat(root.find(List.of(1)).orElseThrow().type()).isEqualTo("text");
    MimePart message = root.find(List.of(2)).orElseThrow();
    assertThat(message.isMessage()).isTrue();
    assertThat(root.find(List.of(2, 1)).orElseThrow().subtype()).isEqualTo("plain");
    assertThat(root.find(List.of(2, 2)).orElseThrow().subtype()).isEqualTo("html");
    assertThat(root.find(List.of(2, 3))).isEmpty();
    assertThat(root.find(List.of(1, 1))).isEmpty();
    assertThat(root.find(List.of(0))).isEmpty();
    MimePart plain = Corpus.sample("plain-ascii").structure();
    assertThat(plain.find(List.of(1))).contains(plain);
    assertThat(plain.find(List.of(2))).isEmpty();
    assertThat(plain.find(List.of(1, 1))).isEmpty();
    MimePart nested = Corpus.sample("message-rfc822-root").structure();
    assertThat(nested.find(List.of(1))).contains(nested);
    assertThat(nested.find(List.of(1, 1))).contains(nested.children().getFirst());
  }
}
