package org.mailstead.formats.sieve;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.ZonedDateTime;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.mailstead.formats.mime.MessageScanner;

/// A world for scripts: a mailbox with a few folders, at noon of a Monday.
final class Running implements SieveEnvironment {
  final Set<String> mailboxes = new HashSet<>(Set.of("INBOX", "Work", "Junk"));
  final Set<String> seen = new HashSet<>();
  Optional<String> from = Optional.of("sender@example.net");
  Optional<String> to = Optional.of("me+list@example.org");

  static SieveMessage message(String text) {
    ByteBuffer octets =
        ByteBuffer.wrap(text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
    return new MimeSieveMessage(octets, MessageScanner.scan(octets), octets.limit());
  }

  SieveOutcome run(String script, String message) {
    return SieveScript.parse(script).run(message(message), this);
  }

  /// The actions in a short form, separated by `; `, or the error.
  String actions(String script, String message) {
    return switch (run(script, message)) {
      case SieveOutcome.Failed(String text) -> "failed: " + text;
      case SieveOutcome.Done done ->
          done.actions().stream().map(Running::shown).collect(Collectors.joining("; "));
    };
  }

  private static String shown(SieveAction action) {
    return switch (action) {
      case SieveAction.Keep(var flags) -> "keep" + flags(flags);
      case SieveAction.FileInto(var mailbox, var use, var create, var flags) ->
          "fileinto "
              + mailbox
              + use.map(u -> " use " + u).orElse("")
              + (create ? " create" : "")
              + flags(flags);
      case SieveAction.Redirect(var address) -> "redirect " + address;
      case SieveAction.Forward(var address) -> "forward " + address;
      case SieveAction.Reject(var reason, var extended) ->
          (extended ? "ereject " : "reject ") + reason;
      case SieveAction.Vacation vacation ->
          "vacation "
              + vacation.period().toSeconds()
              + " "
              + vacation.subject().map(s -> s + ": ").orElse("")
              + vacation.reason();
      case SieveAction.NoteDuplicate(var handle, var id, var period, var last) ->
          "note " + handle + "/" + id + " " + period.toSeconds() + (last ? " last" : "");
    };
  }

  private static String flags(Set<String> flags) {
    return flags.isEmpty() ? "" : " " + flags;
  }

  @Override
  public ZonedDateTime now() {
    return ZonedDateTime.parse("2026-11-23T12:00:00+01:00[Europe/Berlin]");
  }

  @Override
  public SieveMessage.Envelope envelope() {
    return new SieveMessage.Envelope(from, to);
  }

  @Override
  public boolean mailboxExists(String name) {
    return mailboxes.contains(name);
  }

  @Override
  public boolean specialUseExists(Optional<String> mailbox, String use) {
    return use.equalsIgnoreCase("\\Junk") && mailbox.map("Junk"::equals).orElse(true);
  }

  @Override
  public boolean isDuplicate(SieveAction.NoteDuplicate note) {
    return seen.contains(note.handle() + "/" + note.id());
  }

  @Override
  public boolean isInternalSender() {
    return from.map(address -> address.endsWith("@example.org")).orElse(false);
  }

  @Override
  public boolean isOwn(SieveMessage.Address address) {
    return address.whole().toLowerCase(Locale.ROOT).equals("me@example.org");
  }
}
