package org.mailstead.mailflow.journaling;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Recipients;
import org.mailstead.core.policy.JournalingRules;
import org.mailstead.core.queue.QueueRecipient;

/// Decides which organizations journal a message, and writes their reports (JRN-1; WorkMail guide,
/// Using Email Journaling). An organization journals what its users send, with all recipients, and
/// what they receive, with its own recipients: one report, however many they are.
///
/// **Never a journal of a journal.** Reports and what is made of their failure here are queued
/// without passing reception, so they are not seen by this. Not journaled is what goes to nobody
/// but the journaling address, and a delivery report from elsewhere (null reverse path) that goes
/// to nobody but the report address. Header fields do not keep a message from being journaled:
/// everybody can write them.
public final class Journaling {
  /// The local part of the sender of reports; nobody can have it (JRN-1).
  public static final String SENDER = "amazonjournaling";

  /// A report to be queued: `before`, the message octet for octet, `after`.
  ///
  /// @param organization whose mail the entry is
  /// @param journalingAddress as the rules name it
  /// @param reportAddress the reverse path: hears of failures
  public record Report(
      OrganizationId organization,
      EmailAddress journalingAddress,
      EmailAddress reportAddress,
      List<QueueRecipient> targets,
      String before,
      String after) {}

  private final Directory directory;
  private final JournalingRules rules;
  private final RandomGenerator random;

  public Journaling(Directory directory, RandomGenerator random) {
    this.directory = directory;
    this.rules = new JournalingRules(directory);
    this.random = random;
  }

  /// The reports that the message needs: at most one for each organization.
  public List<Report> reports(JournaledMessage message, Instant now) {
    Set<OrganizationId> organizations = new LinkedHashSet<>();
    message.submitter().ifPresent(organizations::add);
    message.recipients().forEach(to -> organizations.add(to.organization()));
    List<Report> reports = new ArrayList<>();
    for (OrganizationId each : organizations) report(each, message, now).ifPresent(reports::add);
    return reports;
  }

  private Optional<Report> report(
      OrganizationId organization, JournaledMessage message, Instant now) {
    JournalingRules.Rules found = rules.load(organization);
    if (!found.enabled()) return Optional.empty();
    EmailAddress journal = found.journalingAddress().orElseThrow();
    EmailAddress failures = found.reportAddress().orElseThrow();
    boolean sent = message.submitter().equals(Optional.of(organization));
    List<JournaledMessage.To> told =
        message.recipients().stream()
            .filter(to -> sent || to.organization().equals(organization))
            .toList();
    if (told.stream().allMatch(to -> to.named().equals(journal))) return Optional.empty();
    if (message.reversePath().isEmpty()
        && told.stream().allMatch(to -> to.named().equals(failures))) {
      return Optional.empty();
    }
    EmailAddress sender =
        new EmailAddress(SENDER, directory.organizations().load(organization).testDomain());
    String boundary = "=_" + token() + token();
    String before =
        JournalReport.before(
            message, told, sent, sender, journal, boundary, "<" + token() + "." + token(), now);
    String after = "\r\n--" + boundary + "--\r\n";
    return Optional.of(target(organization, journal, failures, before, after));
  }

  private Report target(
      OrganizationId organization,
      EmailAddress journal,
      EmailAddress failures,
      String before,
      String after) {
    return switch (directory.recipients().resolve(journal)) {
      case Recipients.Resolution.Local(var owner, var _, var members) when !members.isEmpty() ->
          new Report(
              owner,
              journal,
              failures,
              members.stream()
                  .map(member ->
                      recipient(
                          members.size() == 1 ? journal : member.address(),
                          new QueueRecipient.Target.Local(member.mailbox(), member.entity())))
                  .toList(),
              before,
              after);
      // An address here that takes no mail fails like any other: the report address hears of it.
      case Recipients.Resolution.Local _,
          Recipients.Resolution.Foreign _,
          Recipients.Resolution.Unknown _,
          Recipients.Resolution.Disabled _ ->
          new Report(
              organization,
              journal,
              failures,
              List.of(recipient(journal, new QueueRecipient.Target.Remote())),
              before,
              after);
    };
  }

  private static QueueRecipient recipient(EmailAddress address, QueueRecipient.Target target) {
    return new QueueRecipient(
        address, Optional.empty(), Set.of(QueueRecipient.Notify.FAILURE), target);
  }

  private String token() {
    return Long.toUnsignedString(random.nextLong(), 36);
  }
}
