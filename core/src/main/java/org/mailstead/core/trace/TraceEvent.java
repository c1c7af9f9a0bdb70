package org.mailstead.core.trace;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Something that became of a message, or that a rule or check said of it.
///
/// @param recipients whom it is about; empty: everybody
/// @param rule a rule's name
/// @param action what a rule or policy wants, or which folder a copy is in
/// @param detail a server's answer, a check's verdict, a reason: printable text
/// @param server who gave the answer, when it was another server
public record TraceEvent(
    Instant time,
    Kind kind,
    List<String> recipients,
    Optional<String> rule,
    Optional<String> action,
    Optional<String> detail,
    Optional<String> server) {
  /// The names are stored and shown.
  public enum Kind {
    /// It is in the queue or in its mailbox.
    ACCEPTED,
    /// The sender's server, or client, was told no.
    REFUSED,
    /// What a check said: SPF, DKIM, DMARC, spam.
    CHECKED,
    /// A DMARC policy was followed, or not.
    DMARC_POLICY,
    /// A mail flow rule for inbound mail decided.
    INBOUND_RULE,
    /// A mail flow rule for outbound mail decided.
    OUTBOUND_RULE,
    /// An inbox rule of the recipient applied.
    MAILBOX_RULE,
    /// A function was called, or could not be.
    FUNCTION_CALLED,
    /// What a function, or the fallback in its place, said.
    FUNCTION_DECIDED,
    /// A journal report was queued.
    JOURNALED,
    /// A copy is in a mailbox.
    DELIVERED,
    /// Another server has a copy.
    SENT,
    /// It will be tried again.
    DELAYED,
    /// A recipient gets it never.
    BOUNCED
  }

  /// Recipients of one event that are kept.
  public static final int RECIPIENTS_MAX = 100;

  private static final int TEXT_CHARS_MAX = 400;

  public TraceEvent {
    recipients = recipients.stream().limit(RECIPIENTS_MAX).toList();
    rule = rule.map(TraceEvent::clean);
    action = action.map(TraceEvent::clean);
    detail = detail.map(TraceEvent::clean);
    server = server.map(TraceEvent::clean);
  }

  public static TraceEvent of(Instant time, Kind kind, List<String> recipients) {
    return new TraceEvent(
        time,
        kind,
        recipients,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  public TraceEvent withRule(String name, String said) {
    return new TraceEvent(
        time, kind, recipients, Optional.of(name), Optional.of(said), detail, server);
  }

  public TraceEvent withAction(String said) {
    return new TraceEvent(time, kind, recipients, rule, Optional.of(said), detail, server);
  }

  public TraceEvent withDetail(String text) {
    return new TraceEvent(time, kind, recipients, rule, action, Optional.of(text), server);
  }

  public TraceEvent withServer(Optional<String> name) {
    return new TraceEvent(time, kind, recipients, rule, action, detail, name);
  }

  /// About how many octets it takes, rather more.
  int size() {
    int size = 200;
    for (String recipient : recipients) size += 8 + 4 * recipient.length();
    for (Optional<String> text : List.of(rule, action, detail, server)) {
      size += 4 * text.map(String::length).orElse(0);
    }
    return size;
  }

  static String clean(String text) {
    String cut = text.length() > TEXT_CHARS_MAX ? text.substring(0, TEXT_CHARS_MAX) : text;
    return cut.replaceAll("\\p{Cntrl}+", " ");
  }
}
