package org.mailstead.core.trace;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Which messages are looked for; what is empty does not matter. Texts are compared without regard
/// to case.
///
/// @param message a Message-ID, with or without its brackets, or the id of a queue entry
/// @param sender an address, or a domain, of the reverse path, Sender or From
/// @param recipient an address or a domain
/// @param since inclusive
/// @param until exclusive
public record TraceQuery(
    Optional<String> message,
    Optional<String> sender,
    Optional<String> recipient,
    Optional<Instant> since,
    Optional<Instant> until) {
  public static TraceQuery all() {
    return new TraceQuery(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  boolean matches(TraceSummary summary) {
    return (since.isEmpty() || !summary.received().isBefore(since.get()))
        && (until.isEmpty() || summary.received().isBefore(until.get()))
        && message.map(wanted -> isMessage(summary, wanted)).orElse(true)
        && isAny(
            sender,
            Stream.concat(
                    summary.sender().stream(),
                    Stream.concat(summary.senderField().stream(), summary.from().stream()))
                .toList())
        && isAny(
            recipient,
            Stream.concat(summary.inside().stream(), summary.outside().stream()).toList());
  }

  private static boolean isMessage(TraceSummary summary, String wanted) {
    String bare = bare(wanted);
    return summary.id().equalsIgnoreCase(bare)
        || summary.messageId().map(id -> bare(id).equalsIgnoreCase(bare)).orElse(false);
  }

  private static String bare(String id) {
    String text = id.strip();
    return text.startsWith("<") && text.endsWith(">") ? text.substring(1, text.length() - 1) : text;
  }

  private static boolean isAny(Optional<String> wanted, List<String> addresses) {
    if (wanted.isEmpty()) return true;
    String text = wanted.get().toLowerCase(Locale.ROOT);
    String domain = text.startsWith("@") ? text : "@" + text;
    return addresses.stream()
        .map(address -> address.toLowerCase(Locale.ROOT))
        .anyMatch(address ->
            address.equals(text) || (text.lastIndexOf('@') <= 0 && address.endsWith(domain)));
  }
}
