package org.mailstead.mailflow;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.formats.mime.HeaderText;
import org.mailstead.smtp.wire.SmtpReply;

/// Writes delivery status notifications: what happened and what to do, in plain words, and the same
/// for machines.
///
/// @spec https://www.rfc-editor.org/rfc/rfc3464 RFC 3464
/// @spec https://www.rfc-editor.org/rfc/rfc3461 RFC 3461
/// @spec https://www.rfc-editor.org/rfc/rfc6522 RFC 6522
/// @spec https://www.rfc-editor.org/rfc/rfc6533 RFC 6533
final class DeliveryReports {
  /// What a report is about. One report, one kind.
  enum Kind {
    FAILURE,
    DELAY,
    SUCCESS
  }

  /// One recipient of whom a report tells.
  ///
  /// @param action RFC 3464 §2.3.3
  /// @param willRetryUntil for delays
  record Reported(
      QueueRecipient recipient,
      String action,
      SmtpReply reply,
      Optional<String> remoteMta,
      boolean isExpired,
      Optional<Instant> willRetryUntil) {}

  private final String hostname;
  private final InstantSource clock;
  private final RandomGenerator random;

  DeliveryReports(String hostname, InstantSource clock, RandomGenerator random) {
    this.hostname = hostname;
    this.clock = clock;
    this.random = random;
  }

  /// A report as a message.
  ///
  /// @param original the message reported on, without lines of final delivery; empty if it cannot
  ///   be read
  Content write(
      Kind kind,
      QueueId entry,
      QueueEnvelope envelope,
      EmailAddress sender,
      List<Reported> reported,
      Optional<Content> original) {
    Instant now = clock.instant();
    Optional<MessageHeader> header = original.map(MessageHeader::of);
    boolean international = isInternational(sender, reported, header);
    String boundary = "=_" + token() + token();
    Text text = new Text();
    text.line("Date: " + DateText.of(now));
    text.line("From: Mail Delivery System <mailer-daemon@" + hostname + ">");
    text.line("To: <" + AddressText.of(sender) + ">");
    text.line("Subject: " + subject(kind));
    text.line("Message-ID: <" + token() + "." + token() + "@" + hostname + ">");
    header
        .flatMap(h -> h.find("Message-ID"))
        .map(String::strip)
        .filter(id -> id.length() <= 900 && id.matches("<[!-~]+>"))
        .ifPresent(id -> text.line("References: " + id));
    // RFC 3834 §5: no automatic answers to this.
    text.line("Auto-Submitted: auto-replied");
    text.line("MIME-Version: 1.0");
    text.line("Content-Type: multipart/report; report-type=delivery-status;");
    text.line("\tboundary=\"" + boundary + "\"");
    text.line("");
    text.line("This is a delivery status notification in MIME format.");
    text.line("");
    text.line("--" + boundary);
    text.line("Content-Type: text/plain; charset=utf-8");
    text.line("Content-Transfer-Encoding: 8bit");
    text.line("Content-Language: en");
    text.line("");
    people(text, kind, envelope, reported, header);
    text.line("");
    text.line("--" + boundary);
    // RFC 6533 §4.2: the form for addresses beyond ASCII.
    text.line(
        international
            ? "Content-Type: message/global-delivery-status"
            : "Content-Type: message/delivery-status");
    if (international) text.line("Content-Transfer-Encoding: 8bit");
    text.line("");
    machines(text, entry, envelope, reported, now);
    original.ifPresent(message -> returned(text, boundary, kind, envelope, message, international));
    text.line("");
    text.line("--" + boundary + "--");
    return Content.of(text.bytes());
  }

  private void people(
      Text text,
      Kind kind,
      QueueEnvelope envelope,
      List<Reported> reported,
      Optional<MessageHeader> header) {
    String what =
        "Your message of "
            + DateText.of(envelope.received())
            + header
                .flatMap(h -> h.find("Subject"))
                .map(DeliveryReports::shown)
                .filter(subject -> !subject.isEmpty())
                .map(subject -> ", \"" + subject + "\",")
                .orElse("");
    text.line(
        switch (kind) {
          case FAILURE -> what + " could not be delivered to:";
          case DELAY -> what + " has not been delivered yet to:";
          case SUCCESS -> what + " has been passed on to:";
        });
    for (Reported each : reported) {
      text.line("");
      text.line("  " + AddressText.of(each.recipient().address()) + expandedFrom(each));
      text.line("    " + explanation(kind, each));
      each.remoteMta()
          .ifPresentOrElse(
              mta -> text.line("    The server " + mta + " answered: " + plain(each.reply())),
              () -> text.line("    The reason given: " + plain(each.reply())));
    }
    text.line("");
    text.line(
        switch (kind) {
          case FAILURE ->
              "Nothing more will be tried for these recipients. Other recipients, if there were"
                  + " any, are not concerned.";
          case DELAY -> "You need not do anything: delivery will be tried again.";
          case SUCCESS -> "You need not do anything.";
        });
    text.line("");
    text.line("This report was made by the mail server " + hostname + ".");
  }

  /// What happened and what to do about it, by the enhanced code (RFC 3463).
  private static String explanation(Kind kind, Reported each) {
    return switch (kind) {
      case SUCCESS ->
          each.action().equals("relayed")
              ? "It was given to a server that sends no further reports."
              : "It is in the mailbox.";
      case DELAY ->
          "It will be tried until "
              + each.willRetryUntil().map(DateText::of).orElse("it expires")
              + "; then you will hear again.";
      case FAILURE -> {
        if (each.isExpired()) {
          yield "It was tried again and again without success. Please check the address, or send"
              + " the message again later.";
        }
        yield switch (status(each)) {
          case "5.1.1" -> "There is no such address. Please check its spelling.";
          case "5.1.2", "5.4.4" ->
              "The domain after the @ does not exist or has no mail server. Please check its"
                  + " spelling.";
          case "5.1.10" -> "The domain after the @ does not accept mail at all.";
          case "5.2.1" -> "This mailbox does not accept messages.";
          case "5.2.2" ->
              "This mailbox is full. Please tell its owner by another way, and send the message"
                  + " again later.";
          case "5.2.3", "5.3.4" ->
              "The message is larger than the recipient accepts. Please send it in smaller parts"
                  + " or pass large files on by other means.";
          case "5.4.6" -> "The message went round in a circle. Please tell your administrator.";
          case "5.6.7", "5.6.8", "5.6.9" ->
              "The recipient's server does not accept international characters in addresses or"
                  + " header lines. Please use addresses in plain Latin letters.";
          case "5.7.1" -> "The recipient's server does not allow this message.";
          default -> "The recipient's server does not take the message.";
        };
      }
    };
  }

  private void machines(
      Text text, QueueId entry, QueueEnvelope envelope, List<Reported> reported, Instant now) {
    // RFC 3464 §2.2.1, RFC 3461 §6.3: Original-Envelope-Id as it was given, decoded.
    envelope
        .envelopeId()
        .map(DeliveryReports::field)
        .ifPresent(id -> text.line("Original-Envelope-Id: " + id));
    text.line("Reporting-MTA: dns; " + hostname);
    text.line("Arrival-Date: " + DateText.of(envelope.received()));
    text.line("X-Mailstead-Queue-Id: " + entry);
    for (Reported each : reported) {
      text.line("");
      each.recipient()
          .originalRecipient()
          .map(DeliveryReports::field)
          .ifPresent(original -> text.line("Original-Recipient: " + original));
      String address = AddressText.of(each.recipient().address());
      // RFC 6533 §3: the type tells that the address is not ASCII.
      text.line(
          "Final-Recipient: " + (AddressText.isAscii(address) ? "rfc822; " : "utf-8; ") + address);
      text.line("Action: " + each.action());
      text.line("Status: " + status(each));
      each.remoteMta().ifPresent(mta -> text.line("Remote-MTA: dns; " + field(mta)));
      // Functions bounce in any language; people read it above.
      text.line(
          "Diagnostic-Code: smtp; " + field(each.reply().toString()).replaceAll("[^ -~]", "?"));
      text.line("Last-Attempt-Date: " + DateText.of(now));
      each.willRetryUntil()
          .ifPresent(until -> text.line("Will-Retry-Until: " + DateText.of(until)));
    }
  }

  private static void returned(
      Text text,
      String boundary,
      Kind kind,
      QueueEnvelope envelope,
      Content message,
      boolean international) {
    // RFC 3461 §4.3: RET is for failures; anything else returns the header.
    boolean full =
        kind == Kind.FAILURE
            && envelope
                .returnContent()
                .map(value -> value == QueueEnvelope.ReturnContent.FULL)
                .orElse(message.length() <= MailflowLimits.RETURNED_BYTES_MAX);
    text.line("");
    text.line("--" + boundary);
    if (full) {
      text.line(international ? "Content-Type: message/global" : "Content-Type: message/rfc822");
      text.line("Content-Transfer-Encoding: 8bit");
      text.line("");
      byte[] bytes = new byte[(int) message.length()];
      message.buffer().get(bytes);
      text.raw(bytes);
    } else {
      text.line(
          international
              ? "Content-Type: message/global-headers"
              : "Content-Type: text/rfc822-headers");
      text.line("Content-Transfer-Encoding: 8bit");
      text.line("");
      text.raw(MessageHeader.of(message).bytes(MailflowLimits.RETURNED_HEADER_BYTES_MAX));
    }
  }

  private static String subject(Kind kind) {
    return switch (kind) {
      case FAILURE -> "Undeliverable: your message could not be delivered";
      case DELAY -> "Delayed: your message has not been delivered yet";
      case SUCCESS -> "Delivered: your message was passed on";
    };
  }

  /// RFC 3463; from the code where the peer gave none.
  private static String status(Reported each) {
    // RFC 3463 §3.5: what expired is told as such; the last answer stands in Diagnostic-Code.
    if (each.isExpired()) return "5.4.7";
    String code =
        each.reply()
            .enhancedCode()
            .orElseGet(() ->
                each.reply().isPermanent()
                    ? "5.0.0"
                    : each.reply().isTemporary() ? "4.0.0" : "2.0.0");
    // RFC 3464 §2.3.4: the class must fit the action.
    String wanted =
        switch (each.action()) {
          case "failed" -> "5";
          case "delayed" -> "4";
          default -> "2";
        };
    return code.startsWith(wanted) ? code : wanted + ".0.0";
  }

  /// The address that the sender wrote, if another one came out of it.
  private static String expandedFrom(Reported each) {
    return each.recipient()
        .originalRecipient()
        .map(original -> original.substring(original.indexOf(';') + 1))
        .filter(original -> !original.equalsIgnoreCase(each.recipient().address().toString()))
        .map(original -> " (written to " + field(original) + ")")
        .orElse("");
  }

  private static String plain(SmtpReply reply) {
    return field(reply.toString());
  }

  /// Raw header octets for people: decoded, no control characters, not too long.
  private static String shown(String raw) {
    String text = HeaderText.decode(raw).replaceAll("\\p{Cntrl}+", " ").strip();
    return text.length() > 300 ? text.substring(0, 300) + "…" : text;
  }

  /// A field's value on one line.
  private static String field(String text) {
    String clean = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return clean.length() > 900 ? clean.substring(0, 900) : clean;
  }

  private static boolean isInternational(
      EmailAddress sender, List<Reported> reported, Optional<MessageHeader> header) {
    return !AddressText.isAscii(sender.toString())
        || header.map(MessageHeader::hasEightBit).orElse(false)
        || reported.stream()
            .anyMatch(each ->
                !AddressText.isAscii(each.recipient().address().toString())
                    || !AddressText.isAscii(each.recipient().originalRecipient().orElse("")));
  }

  private String token() {
    return Long.toUnsignedString(random.nextLong(), 36);
  }

  /// Lines ended by CRLF.
  private static final class Text {
    private final java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream(2048);

    void line(String line) {
      out.writeBytes(line.getBytes(StandardCharsets.UTF_8));
      out.write('\r');
      out.write('\n');
    }

    void raw(byte[] bytes) {
      out.writeBytes(bytes);
    }

    byte[] bytes() {
      return out.toByteArray();
    }
  }
}
