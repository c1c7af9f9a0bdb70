package org.mailstead.mailflow;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.access.Principal;
import org.mailstead.core.directory.Recipients;
import org.mailstead.core.queue.EntryHook;
import org.mailstead.core.queue.QueueLimits;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.mailflow.journaling.JournaledMessage;
import org.mailstead.mailflow.srs.SenderRewriting;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;

/// Whom one message goes to: decides about each RCPT and keeps what stands behind those that were
/// accepted.
final class EnvelopeRecipients {
  /// One recipient as accepted: a user's mailbox, a group's members, or somebody elsewhere.
  ///
  /// @param named as the peer named it
  /// @param isExpanded whether a group stands behind it
  record Accepted(EmailAddress named, List<Target> targets, boolean isExpanded) {
    /// Of the first target; what was dropped has a key that nothing else has.
    Object key() {
      return targets.isEmpty() ? this : EnvelopeRecipients.key(targets.getFirst().recipient());
    }
  }

  /// @param organization whose queue entry it belongs to
  /// @param awaited the function whose answer it waits for
  /// @param told functions that are told of it
  record Target(
      OrganizationId organization,
      QueueRecipient recipient,
      Optional<EntryHook.Call> awaited,
      List<FlowEnforcement.Told> told) {
    Target(OrganizationId organization, QueueRecipient recipient) {
      this(organization, recipient, Optional.empty(), List.of());
    }

    boolean isHooked() {
      return awaited.isPresent() || !told.isEmpty();
    }
  }

  private final Recipients directory;
  private final LocalDelivery local;
  private final SenderRewriting srs;
  private final MailflowSettings settings;
  private final Optional<Principal> submitter;
  private final MailFrom from;
  private final List<Accepted> accepted = new ArrayList<>();
  private int targetCount;

  EnvelopeRecipients(
      Recipients directory,
      LocalDelivery local,
      SenderRewriting srs,
      MailflowSettings settings,
      Optional<Principal> submitter,
      MailFrom from) {
    this.directory = directory;
    this.local = local;
    this.srs = srs;
    this.settings = settings;
    this.submitter = submitter;
    this.from = from;
  }

  /// The answer to RCPT.
  Verdict add(RcptTo to) {
    return switch (srs.original(to.address())) {
      case SenderRewriting.Returned.NotRewritten() -> addAsNamed(to);
      case SenderRewriting.Returned.Refused(String reason) ->
          Verdict.rejected(550, "5.1.1", reason);
      case SenderRewriting.Returned.Original(var organization, var original) ->
          addReturned(to, organization, original);
    };
  }

  /// A bounce to mail that a user here has sent on goes back to who sent it first. Nothing but
  /// bounces: such an address is no way to relay.
  private Verdict addReturned(RcptTo to, OrganizationId organization, EmailAddress original) {
    if (from.reversePath().isPresent()) {
      return Verdict.rejected(550, "5.7.1", "This address takes delivery reports only");
    }
    var resent = new RcptTo(original, Set.of(RcptTo.Notify.NEVER), to.originalRecipient());
    if (!(directory.resolve(original) instanceof Recipients.Resolution.Foreign)) {
      return addAsNamed(resent);
    }
    return addRemote(resent, organization);
  }

  private Verdict addAsNamed(RcptTo to) {
    return switch (resolve(to.address())) {
      case Recipients.Resolution.Local(var organization, var entity, var members) ->
          addLocal(to, entity, members);
      case Recipients.Resolution.Unknown() ->
          Verdict.rejected(550, "5.1.1", "There is no such address here");
      case Recipients.Resolution.Disabled() ->
          Verdict.rejected(550, "5.2.1", "This mailbox does not accept messages");
      case Recipients.Resolution.Foreign() -> addRemote(to);
    };
  }

  private Recipients.Resolution resolve(EmailAddress address) {
    Recipients.Resolution found = directory.resolve(address);
    // RFC 5321 §4.5.1: postmaster exists wherever mail is taken in.
    boolean postmaster = address.local().toLowerCase(Locale.ROOT).equals("postmaster");
    if (!postmaster || settings.postmaster().isEmpty()) return found;
    return switch (found) {
      case Recipients.Resolution.Local _, Recipients.Resolution.Disabled _ -> found;
      case Recipients.Resolution.Unknown _ -> directory.resolve(settings.postmaster().get());
      case Recipients.Resolution.Foreign _ ->
          address.domain().equalsIgnoreCase(settings.hostname())
              ? directory.resolve(settings.postmaster().get())
              : found;
    };
  }

  private Verdict addLocal(RcptTo to, EntityId entity, List<Recipients.Recipient> members) {
    boolean group = members.size() != 1 || !members.getFirst().entity().equals(entity);
    if (members.isEmpty()) {
      return Verdict.rejected(550, "5.2.4", "This group has no members who receive mail");
    }
    if (targetCount + members.size() > QueueLimits.RECIPIENT_COUNT_MAX) {
      return Verdict.deferred(452, "4.5.3", "Too many recipients for one message");
    }
    // LIM-2: a full mailbox is refused here where the peer can still be told; in a group it costs
    // only that member, with a report.
    if (!group && local.isOverQuota(members.getFirst().mailbox(), from.size().orElse(0))) {
      return Verdict.rejected(552, "5.2.2", "The mailbox is full");
    }
    List<Target> targets = new ArrayList<>();
    for (Recipients.Recipient member : members) {
      Optional<String> original = originalRecipient(to);
      if (group && original.isEmpty()) {
        original = Optional.of("rfc822;" + to.address());
      }
      targets.add(
          new Target(
              member.organization(),
              new QueueRecipient(
                  group ? member.address() : to.address(),
                  original,
                  notifications(to),
                  new QueueRecipient.Target.Local(member.mailbox(), member.entity()))));
    }
    targetCount += targets.size();
    accepted.add(new Accepted(to.address(), targets, group));
    return Verdict.accepted();
  }

  private Verdict addRemote(RcptTo to) {
    if (submitter.isEmpty()) {
      return Verdict.rejected(550, "5.7.1", "Relaying is not allowed: the domain is not ours");
    }
    return addRemote(to, submitter.get().organization());
  }

  private Verdict addRemote(RcptTo to, OrganizationId organization) {
    QueueRecipient recipient =
        new QueueRecipient(
            to.address(),
            originalRecipient(to),
            notifications(to),
            new QueueRecipient.Target.Remote());
    accepted.add(new Accepted(to.address(), List.of(new Target(organization, recipient)), false));
    targetCount++;
    return Verdict.accepted();
  }

  /// Each as it was accepted, in that order.
  List<Accepted> accepted() {
    return accepted;
  }

  /// Keeps what the mail flow rules leave of each.
  void apply(FlowEnforcement.Message rules) {
    accepted.replaceAll(each ->
        new Accepted(
            each.named(),
            each.targets().stream()
                .flatMap(target -> rules.decide(target.organization(), target.recipient()).stream())
                .map(decided ->
                    new Target(
                        decided.organization(),
                        decided.recipient(),
                        decided.awaited(),
                        decided.told()))
                .toList(),
            each.isExpanded()));
  }

  Set<OrganizationId> organizations() {
    Set<OrganizationId> all = new LinkedHashSet<>();
    for (Accepted each : accepted) {
      for (Target target : each.targets()) all.add(target.organization());
    }
    return all;
  }

  List<QueueRecipient> of(OrganizationId organization) {
    return accepted.stream()
        .flatMap(each -> each.targets().stream())
        .filter(target -> target.organization().equals(organization))
        .map(Target::recipient)
        .toList();
  }

  /// By organization, each as it was accepted.
  Map<OrganizationId, List<QueueRecipient>> byOrganization() {
    Map<OrganizationId, List<QueueRecipient>> all = new LinkedHashMap<>();
    for (Target each : distinct().values()) {
      all.computeIfAbsent(each.organization(), _ -> new ArrayList<>()).add(each.recipient());
    }
    return all;
  }

  /// Every mailbox and every remote address once, in the order of acceptance, by its key.
  Map<Object, Target> distinct() {
    Map<Object, Target> distinct = new LinkedHashMap<>();
    for (Accepted each : accepted) {
      for (Target target : each.targets()) distinct.putIfAbsent(key(target.recipient()), target);
    }
    return distinct;
  }

  /// The only recipient, if nobody else would learn of an address by it (RFC 5321 §7.2).
  Optional<EmailAddress> only() {
    return accepted.size() == 1 && !accepted.getFirst().isExpanded()
        ? accepted.getFirst().targets().stream().findFirst().map(t -> t.recipient().address())
        : Optional.empty();
  }

  /// By its key, the address that each was named by.
  Map<Object, EmailAddress> named() {
    Map<Object, EmailAddress> named = new HashMap<>();
    for (Accepted each : accepted) {
      for (Target target : each.targets()) {
        named.putIfAbsent(key(target.recipient()), each.named());
      }
    }
    return named;
  }

  /// What a journal report says of them: each with the address that it was named by.
  List<JournaledMessage.To> journaled() {
    Map<Object, EmailAddress> named = named();
    List<JournaledMessage.To> to = new ArrayList<>();
    distinct()
        .forEach((key, target) -> {
          EmailAddress address = target.recipient().address();
          to.add(
              new JournaledMessage.To(
                  target.organization(),
                  address,
                  Optional.ofNullable(named.get(key)).filter(name -> !name.equals(address))));
        });
    return to;
  }

  /// What tells one recipient from another: the mailbox, or the address elsewhere.
  static Object key(QueueRecipient recipient) {
    return switch (recipient.target()) {
      case QueueRecipient.Target.Local(var mailbox, var entity) -> mailbox;
      case QueueRecipient.Target.Remote _,
          QueueRecipient.Target.Gateway _,
          QueueRecipient.Target.Blocked _ ->
          recipient.address();
    };
  }

  private static Optional<String> originalRecipient(RcptTo to) {
    return to.originalRecipient().map(original -> original.type() + ";" + original.address());
  }

  private static Set<QueueRecipient.Notify> notifications(RcptTo to) {
    Set<QueueRecipient.Notify> all = EnumSet.noneOf(QueueRecipient.Notify.class);
    for (RcptTo.Notify each : to.notifications()) {
      all.add(
          switch (each) {
            case NEVER -> QueueRecipient.Notify.NEVER;
            case SUCCESS -> QueueRecipient.Notify.SUCCESS;
            case FAILURE -> QueueRecipient.Notify.FAILURE;
            case DELAY -> QueueRecipient.Notify.DELAY;
          });
    }
    return all;
  }
}
