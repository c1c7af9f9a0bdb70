package org.mailstead.mailflow.limits;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.directory.Recipients;
import org.mailstead.formats.mime.AddressParser;
import org.mailstead.mailflow.limits.SendingLimits.Answer;
import org.mailstead.mailflow.limits.SendingLimits.Load;
import org.mailstead.smtp.server.Verdict;

/// The recipients of one message while it comes in. A recipient is an address that the sender
/// named: a group counts as one, and an address that is named twice as one. External is every
/// address that is not in a verified domain of the sender's organization, whoever delivers it.
///
/// **Refusals.** 452 4.7.1 at RCPT as soon as a limit leaves no place: what was accepted before may
/// go on, and the rest may be sent when the day is over (RFC 5321 §4.5.3.1.10 has senders do so for
/// 452). After the data only if others took the place meanwhile; 550 5.7.1 if the message by itself
/// is beyond the limit, because then no day will help.
///
/// Used by one thread.
public final class SendingCount {
  private final SendingLimits limits;
  private final Recipients recipients;
  private final Organization sender;
  private final EntityId user;
  private final Set<EmailAddress> external = new HashSet<>();
  private final Set<EmailAddress> all = new HashSet<>();

  SendingCount(SendingLimits limits, Recipients recipients, Organization sender, EntityId user) {
    this.limits = limits;
    this.recipients = recipients;
    this.sender = sender;
    this.user = user;
  }

  /// Counts one more recipient, or refuses it.
  ///
  /// @param envelopeSender the reverse path, or the user's address without one
  public Optional<Verdict> add(EmailAddress recipient, EmailAddress envelopeSender) {
    if (!all.add(recipient)) return Optional.empty();
    boolean outside =
        !recipients.isOwnDomain(sender.id(), recipient.domain().toLowerCase(Locale.ROOT));
    if (outside) external.add(recipient);
    Optional<Answer.Full> full =
        limits.full(sender.account(), user, load(isTest(envelopeSender.domain())));
    if (full.isEmpty()) return Optional.empty();
    remove(recipient);
    return Optional.of(Verdict.deferred(452, "4.7.1", text(full.get())));
  }

  /// Forgets a recipient who was refused for another reason.
  public void remove(EmailAddress recipient) {
    all.remove(recipient);
    external.remove(recipient);
  }

  /// Takes the room for the message as a whole.
  ///
  /// @param fromFields values of its From fields: a test domain there counts as well
  public Answer reserve(EmailAddress envelopeSender, List<String> fromFields) {
    boolean test =
        isTest(envelopeSender.domain())
            || fromFields.stream()
                .flatMap(field -> AddressParser.parse(field).stream())
                .flatMap(address -> address.host().stream())
                .anyMatch(this::isTest);
    return limits.reserve(sender.account(), user, load(test));
  }

  /// Whether the message counts at all.
  public static boolean counts(SendingLimits.Reservation reservation) {
    var counted = reservation.counted();
    return counted.external() > 0 || counted.test() > 0;
  }

  public static Verdict refusal(Answer.Full full) {
    return full.never()
        ? Verdict.rejected(550, "5.7.1", text(full))
        : Verdict.deferred(452, "4.7.1", text(full));
  }

  private Load load(boolean test) {
    return new Load(external.size(), test ? all.size() : 0);
  }

  private boolean isTest(String domain) {
    return domain.equalsIgnoreCase(sender.testDomain());
  }

  private static String text(Answer.Full full) {
    String what =
        switch (full.limit()) {
          case USER_EXTERNAL -> "You may write to " + full.max() + " external recipients a day";
          case ACCOUNT_EXTERNAL ->
              "This account may write to " + full.max() + " external recipients a day";
          case ACCOUNT_TEST ->
              "Test domains of this account may write to " + full.max() + " recipients a day";
        };
    return full.never() ? what : what + "; the next day begins at 00:00 UTC";
  }
}
