package org.mailstead.mailflow;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.directory.Recipients;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.core.rules.DeliveryScripts;
import org.mailstead.formats.sieve.MimeSieveMessage;
import org.mailstead.formats.sieve.SieveAction;
import org.mailstead.mailflow.journaling.JournaledMessage;
import org.mailstead.mailflow.journaling.Journaling;
import org.mailstead.mailflow.limits.SendingLimits;
import org.mailstead.mailflow.replies.AutomaticReply;
import org.mailstead.mailflow.replies.ForwardedMessage;
import org.mailstead.mailflow.replies.ReplyRules;
import org.mailstead.mailflow.srs.SenderRewriting;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides what a user's rules may send, and prepares it: redirected messages, forwards, automatic
/// replies. Mail flow rules of the organization hold for it as for what the user sends (FLW-2), so
/// do the limits on recipients (LIM-3) and journaling (JRN-1).
///
/// **Circles.** A message that has been in the user's mailbox says so in a Delivered-To field,
/// which every redirect and forward carries on; it goes on from there only once.
final class RuleSending {
  private static final Logger LOG = LoggerFactory.getLogger(RuleSending.class);
  private static final String DELIVERED_TO = "Delivered-To";

  private final MailflowSettings settings;
  private final Directory directory;
  private final FlowEnforcement flow;
  private final Optional<SendingLimits> limits;
  private final JournalEntries journals;
  private final SenderRewriting srs;
  private final InstantSource clock;
  private final RandomGenerator random;

  RuleSending(
      MailflowSettings settings,
      Directory directory,
      FlowEnforcement flow,
      Optional<SendingLimits> limits,
      JournalEntries journals,
      SenderRewriting srs,
      InstantSource clock,
      RandomGenerator random) {
    this.settings = settings;
    this.directory = directory;
    this.flow = flow;
    this.limits = limits;
    this.journals = journals;
    this.srs = srs;
    this.clock = clock;
    this.random = random;
  }

  /// The delivery that something comes of.
  ///
  /// @param content the message as other servers get it
  record Context(
      DeliveryEnvironment world,
      QueueEnvelope.Origin origin,
      MimeSieveMessage message,
      MessageHeader header,
      Content content) {
    OrganizationId organization() {
      return world.organization();
    }
  }

  /// Sends the message on as it is (RFC 5228 §4.2).
  ///
  /// @return false: it may not be, and nothing was added
  boolean redirect(Context context, EmailAddress to, String name, List<RuleMail> mail) {
    EmailAddress owner = ownerAddress(context);
    if (isCircle(context, owner)) return false;
    Optional<Sent> sent = recipients(context, to, context.header());
    if (sent.isEmpty()) return false;
    if (sent.get().recipients().isEmpty()) return true;
    Optional<Optional<SendingLimits.Reservation>> room = reserve(context, to, owner);
    if (room.isEmpty()) return false;
    Optional<EmailAddress> reversePath = context.world().reversePath();
    boolean leaves = sent.get().recipients().stream().noneMatch(QueueRecipient::isLocal);
    if (leaves && reversePath.isPresent() && !isOurs(context, reversePath.get())) {
      reversePath =
          srs.rewrite(context.organization(), reversePath.get()).or(() -> Optional.of(owner));
    }
    mail.add(
        new RuleMail(
            name,
            sent.get().organization(),
            context.world().owner(),
            reversePath,
            context.origin(),
            sent.get().recipients(),
            DELIVERED_TO + ": " + AddressText.of(owner) + "\r\n",
            true,
            "",
            room.get(),
            journaled(context, sent.get(), context.header(), reversePath, owner)));
    return true;
  }

  /// Sends a new message of the owner with the message in it.
  ///
  /// @return false: it may not be, and nothing was added
  boolean forward(Context context, EmailAddress to, String name, List<RuleMail> mail) {
    EmailAddress owner = ownerAddress(context);
    if (isCircle(context, owner)) return false;
    Set<String> delivered = new LinkedHashSet<>(List.of(AddressText.of(owner)));
    context.header().findAll(DELIVERED_TO).stream()
        .map(value -> value.replaceAll("[^!-~]", ""))
        .filter(value -> value.length() <= 320)
        .forEach(delivered::add);
    var forward =
        new ForwardedMessage(
            AddressText.of(owner),
            AddressText.of(to),
            DateText.of(clock.instant()),
            messageId(),
            "=_" + token() + token());
    String before = forward.before(context.message(), List.copyOf(delivered));
    MessageHeader header = header(before);
    Optional<Sent> sent = recipients(context, to, header);
    if (sent.isEmpty()) return false;
    if (sent.get().recipients().isEmpty()) return true;
    Optional<Optional<SendingLimits.Reservation>> room = reserve(context, to, owner);
    if (room.isEmpty()) return false;
    mail.add(
        new RuleMail(
            name,
            sent.get().organization(),
            context.world().owner(),
            Optional.of(owner),
            QueueEnvelope.Origin.SUBMISSION,
            sent.get().recipients(),
            before,
            true,
            forward.after(),
            room.get(),
            journaled(context, sent.get(), context.header(), Optional.of(owner), owner)));
    return true;
  }

  /// Answers the sender automatically, unless there are reasons not to (RFC 3834, RFC 5230).
  void answer(Context context, SieveAction.Vacation vacation, String name, List<RuleMail> mail) {
    DeliveryEnvironment world = context.world();
    List<EmailAddress> more =
        vacation.addresses().stream().flatMap(text -> address(text).stream()).toList();
    Optional<String> refusal =
        ReplyRules.refusal(
            context.message(),
            world.reversePath(),
            address ->
                world.isOwn(address)
                    || more.stream().anyMatch(a -> a.toString().equalsIgnoreCase(address.whole())));
    if (refusal.isPresent()) {
      LOG.debug("{}: no automatic reply: {}", name, refusal.get());
      return;
    }
    EmailAddress sender = world.reversePath().orElseThrow();
    EmailAddress owner = ownerAddress(context);
    EmailAddress from =
        vacation.from().flatMap(RuleSending::address).filter(world::isOwn).orElse(owner);
    var reply =
        new AutomaticReply(
            vacation,
            AddressText.of(from),
            AddressText.of(sender),
            DateText.of(clock.instant()),
            messageId());
    String text =
        new String(reply.write(context.message()), java.nio.charset.StandardCharsets.UTF_8);
    Optional<Sent> sent = recipients(context, sender, header(text));
    if (sent.isEmpty() || sent.get().recipients().isEmpty()) return;
    String once = "vacation\0" + vacation.handle() + "\0" + sender.normalized();
    Instant until = world.received().plus(vacation.period());
    if (!world.mailbox().memory().note(once, world.deliveryId(), world.received(), until)) return;
    mail.add(
        new RuleMail(
            name,
            sent.get().organization(),
            world.owner(),
            // RFC 3834 §3.3: nobody is to answer it.
            Optional.empty(),
            QueueEnvelope.Origin.REPORT,
            sent.get().recipients(),
            text,
            false,
            "",
            Optional.empty(),
            List.of()));
  }

  /// A message to a user whose script does not work.
  String complaint(EmailAddress owner, DeliveryScripts.Broken broken) {
    String error = broken.error().replaceAll("\\p{Cntrl}+", " ");
    return "Date: "
        + DateText.of(clock.instant())
        + "\r\nFrom: Mail Delivery System <mailer-daemon@"
        + settings.hostname()
        + ">\r\nTo: <"
        + AddressText.of(owner)
        + ">\r\nSubject: Your mail rules do not work\r\nMessage-ID: "
        + messageId()
        + "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
        + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + "While a message was delivered to you, "
        + broken.stage().words()
        + " could not be carried out:\r\n\r\n  "
        + error
        + "\r\n\r\nThe message is in your inbox, and so will others be for which this happens."
        + "\r\nYou are told once; please correct or remove the rules.\r\n";
  }

  /// @param recipients empty: a mail flow rule drops it, and nobody is told
  private record Sent(OrganizationId organization, List<QueueRecipient> recipients) {}

  /// Whom an address means, after the mail flow rules; empty if nobody is reached.
  private Optional<Sent> recipients(Context context, EmailAddress to, MessageHeader header) {
    List<QueueRecipient> targets = new ArrayList<>();
    OrganizationId organization = context.organization();
    switch (directory.recipients().resolve(to)) {
      case Recipients.Resolution.Local(var found, var _, var members) -> {
        organization = found;
        for (Recipients.Recipient member : members) {
          targets.add(
              recipient(
                  members.size() == 1 ? to : member.address(),
                  new QueueRecipient.Target.Local(member.mailbox(), member.entity())));
        }
      }
      case Recipients.Resolution.Foreign() ->
          targets.add(recipient(to, new QueueRecipient.Target.Remote()));
      case Recipients.Resolution.Unknown(), Recipients.Resolution.Disabled() -> {
        LOG.info("a rule sends to an address here that takes no mail");
      }
    }
    if (targets.isEmpty()) return Optional.empty();
    FlowEnforcement.Message rules =
        flow.message(
            Optional.of(context.organization()),
            header,
            context.world().deliveryId(),
            clock.instant());
    List<QueueRecipient> left = new ArrayList<>();
    for (QueueRecipient each : targets) {
      Optional<FlowEnforcement.Decided> decided = rules.decide(organization, each);
      if (decided.isEmpty()) continue;
      // The user's own administrator, or the recipient's, does not want it: it stays here.
      if (decided.get().recipient().target() instanceof QueueRecipient.Target.Blocked) {
        return Optional.empty();
      }
      left.add(decided.get().recipient());
    }
    var _ = rules.finish();
    return Optional.of(new Sent(organization, left));
  }

  private static QueueRecipient recipient(EmailAddress address, QueueRecipient.Target target) {
    return new QueueRecipient(address, Optional.empty(), Set.of(), target);
  }

  /// Room in the owner's limits; empty if there is none.
  private Optional<Optional<SendingLimits.Reservation>> reserve(
      Context context, EmailAddress to, EmailAddress owner) {
    if (limits.isEmpty()) return Optional.of(Optional.empty());
    Organization sender = directory.organizations().load(context.organization());
    boolean external =
        !directory
            .recipients()
            .isOwnDomain(context.organization(), to.domain().toLowerCase(Locale.ROOT));
    boolean test = owner.domain().equalsIgnoreCase(sender.testDomain());
    var load = new SendingLimits.Load(external ? 1 : 0, test ? 1 : 0);
    if (load.isNothing()) return Optional.of(Optional.empty());
    return switch (limits.get().reserve(sender.account(), context.world().owner(), load)) {
      case SendingLimits.Answer.Full full -> {
        LOG.info("a rule's message is not sent: the limit {} is reached", full.limit());
        yield Optional.empty();
      }
      case SendingLimits.Answer.Reserved(var reservation) -> Optional.of(Optional.of(reservation));
    };
  }

  private List<Journaling.Report> journaled(
      Context context,
      Sent sent,
      MessageHeader header,
      Optional<EmailAddress> reversePath,
      EmailAddress owner) {
    List<JournaledMessage.To> to =
        sent.recipients().stream()
            .map(each ->
                new JournaledMessage.To(
                    sent.organization(), each.address(), Optional.empty(), Optional.of(owner)))
            .toList();
    return journals.reports(
        new JournaledMessage(
            Optional.of(context.organization()),
            reversePath,
            to,
            JournalEntries.header(header),
            ""),
        clock.instant());
  }

  /// The owner's primary address.
  private EmailAddress ownerAddress(Context context) {
    EmailAddress recipient = context.world().recipient();
    return switch (directory.recipients().resolve(recipient)) {
      case Recipients.Resolution.Local(var _, var _, var members) ->
          members.stream()
              .filter(member -> member.entity().equals(context.world().owner()))
              .map(Recipients.Recipient::address)
              .findFirst()
              .orElse(recipient);
      case Recipients.Resolution.Unknown(),
          Recipients.Resolution.Disabled(),
          Recipients.Resolution.Foreign() ->
          recipient;
    };
  }

  private static boolean isCircle(Context context, EmailAddress owner) {
    boolean circle =
        context.header().findAll(DELIVERED_TO).stream()
            .anyMatch(value -> address(value.strip()).equals(Optional.of(owner)));
    if (circle) LOG.info("a message has come back to a mailbox that sent it on: it stays");
    return circle;
  }

  private boolean isOurs(Context context, EmailAddress address) {
    return directory.recipients().isOwnDomain(context.organization(), address.domain());
  }

  /// In brackets or not, with a name or not.
  private static Optional<EmailAddress> address(String text) {
    int open = text.lastIndexOf('<');
    int close = text.lastIndexOf('>');
    String inner = open >= 0 && close > open ? text.substring(open + 1, close) : text;
    try {
      return Optional.of(EmailAddress.parse(inner.strip()));
    } catch (org.mailstead.base.MalformedException e) {
      return Optional.empty();
    }
  }

  private static MessageHeader header(String text) {
    return MessageHeader.of(Content.of(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
  }

  private String messageId() {
    return "<" + token() + "." + token() + "@" + settings.hostname() + ">";
  }

  private String token() {
    return Long.toUnsignedString(random.nextLong(), 36);
  }
}
