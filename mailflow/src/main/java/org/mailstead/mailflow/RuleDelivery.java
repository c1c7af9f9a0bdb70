package org.mailstead.mailflow;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.directory.Recipients;
import org.mailstead.core.mailbox.Filing;
import org.mailstead.core.mailbox.Flags;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.core.mailbox.MessageIndex;
import org.mailstead.core.mailbox.NewMessage;
import org.mailstead.core.mailbox.StagedMessage;
import org.mailstead.core.queue.Claim;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.queue.QueueRecipient;
import org.mailstead.core.rules.DeliveryScripts;
import org.mailstead.core.rules.InboxRule;
import org.mailstead.formats.mime.MessageScanner;
import org.mailstead.formats.sieve.MimeSieveMessage;
import org.mailstead.formats.sieve.SieveAction;
import org.mailstead.store.DamagedBlobException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Delivers into a mailbox as its owner's rules say (docs/decisions/0061-order-of-scripts.md).
///
/// **Where it is filed** is the mailbox's commit, with the delivery's id: a repetition changes
/// nothing. **What goes out** ([RuleMail]) is queued by the commit that records the delivery. What
/// may happen once only, an automatic reply to a sender, is noted in the mailbox before, under the
/// delivery's id: the same delivery tried again may do it again.
///
/// **Mail is never lost by rules.** A script that fails, a folder that is gone, a redirect that may
/// not be: the message is in INBOX then. Junk is filed as junk; no rules run for it.
final class RuleDelivery {
  private static final Logger LOG = LoggerFactory.getLogger(RuleDelivery.class);
  private static final Duration BROKEN_TOLD_FOR = Duration.ofDays(90);

  private final Mailboxes mailboxes;
  private final Recipients directory;
  private final MailQueue queue;
  private final LocalDelivery local;
  private final RuleSending sending;
  private final MailEvents events;

  RuleDelivery(
      Mailboxes mailboxes,
      Recipients directory,
      MailQueue queue,
      LocalDelivery local,
      RuleSending sending,
      MailEvents events) {
    this.mailboxes = mailboxes;
    this.directory = directory;
    this.queue = queue;
    this.local = local;
    this.sending = sending;
    this.events = events;
  }

  /// One delivery.
  ///
  /// @param relayOffset where the message begins as other servers get it
  /// @param id of this delivery
  /// @param message the message's id
  private record Delivery(
      OrganizationId organization,
      EntityId owner,
      EmailAddress recipient,
      Optional<EmailAddress> reversePath,
      QueueEnvelope.Origin origin,
      int relayOffset,
      String id,
      String message,
      Instant received) {}

  /// What is to be done in the mailbox.
  ///
  /// @param files empty: the message is not kept
  private record Planned(
      List<SieveAction> files,
      Optional<String> rejection,
      List<RuleMail> mail,
      List<InboxRule> applied,
      Optional<DeliveryScripts.Broken> broken) {
    static final Planned INBOX =
        new Planned(
            List.of(new SieveAction.Keep(Set.of())),
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty());
  }

  /// The rules of a mailbox, read for one message.
  ///
  /// @param isRead false: they could not be read, and are tried again with the delivery
  record Rules(boolean isRead, Optional<DeliveryScripts> scripts) {
    /// Whether they may send something: then the message must pass the queue.
    boolean maySend() {
      return scripts.map(DeliveryScripts::maySend).orElse(false);
    }

    /// Whether they may reject the message: who sends it hears so in the dialogue (RFC 5429 §2.1).
    boolean mayReject() {
      return scripts.map(DeliveryScripts::mayReject).orElse(false);
    }
  }

  Rules rules(MailboxId mailbox) {
    try {
      return new Rules(true, DeliveryScripts.load(mailboxes.open(mailbox)));
    } catch (RefusedException | UnavailableException e) {
      // The delivery will say so.
      LOG.debug("no rules of {}: {}", mailbox, e.getMessage());
      return new Rules(false, Optional.empty());
    }
  }

  /// Delivers a message of which nothing is stored yet, and whose rules send nothing.
  ///
  /// @param rules of the mailbox
  AttemptResult deliver(
      Rules rules,
      Acceptance.Message message,
      EnvelopeRecipients.Target target,
      QueueRecipient.Target.Local here,
      Content whole,
      int relayOffset,
      LocalDelivery.Place place) {
    NewMessage fresh = new NewMessage(whole, 0, Set.of(), message.now());
    String id = message.id().toString();
    if (place == LocalDelivery.Place.JUNK) {
      return local.deliver(here.mailbox(), fresh, id, place).in(place.folder());
    }
    Delivery delivery =
        new Delivery(
            target.organization(),
            here.entity(),
            target.recipient().address(),
            message.from().reversePath(),
            message.submitter().isPresent()
                ? QueueEnvelope.Origin.SUBMISSION
                : QueueEnvelope.Origin.INBOUND,
            relayOffset,
            id,
            id,
            message.now());
    return carryOut(
        here.mailbox(),
        rules,
        delivery,
        () -> new Lent(whole),
        (mailbox, places) -> mailbox.deliver(places, fresh, id).isPresent());
  }

  /// Delivers a message from the queue; a second time with the same claim's delivery changes
  /// nothing.
  AttemptResult deliver(
      Claim claim,
      int index,
      QueueRecipient.Target.Local here,
      MessageIndex scanned,
      LocalDelivery.Place place) {
    QueueEnvelope envelope = claim.envelope();
    String id = claim.deliveryId(index);
    if (place == LocalDelivery.Place.JUNK || envelope.origin() == QueueEnvelope.Origin.JOURNAL) {
      return local
          .deliver(here.mailbox(), claim.content(), scanned, envelope.received(), id, place)
          .in(place.folder());
    }
    Delivery delivery =
        new Delivery(
            envelope.organization(),
            here.entity(),
            claim.recipients().get(index).address(),
            envelope.reversePath(),
            envelope.origin(),
            envelope.relayOffset(),
            id,
            claim.id().message().toString(),
            envelope.received());
    var staged = new StagedMessage(claim.content(), scanned, 0, Set.of(), envelope.received());
    return carryOut(
        here.mailbox(),
        new Rules(false, Optional.empty()),
        delivery,
        () -> queue.open(claim),
        (mailbox, places) -> mailbox.deliver(places, staged, id).isPresent());
  }

  private interface Opening {
    Content open();
  }

  /// A content that somebody else closes.
  private record Lent(Content content) implements Content {
    @Override
    public long length() {
      return content.length();
    }

    @Override
    public ByteBuffer buffer() {
      return content.buffer();
    }

    @Override
    public InputStream open() throws IOException {
      return content.open();
    }

    @Override
    public void close() {}
  }

  private interface Commit {
    /// Whether it was the first time.
    boolean deliver(Mailbox mailbox, List<Filing> places);
  }

  private AttemptResult carryOut(
      MailboxId id, Rules rules, Delivery delivery, Opening content, Commit commit) {
    Planned planned;
    try {
      planned = plan(id, rules, delivery, content);
    } catch (RefusedException | UnavailableException | DamagedBlobException e) {
      // What keeps rules from being read keeps the mailbox from being written: the same words.
      return local.attempt(
          id,
          _ -> {
            throw e;
          });
    } catch (RuntimeException e) {
      LOG.error("rules of {} cannot be followed; the message goes to INBOX", id, e);
      planned = Planned.INBOX;
    }
    if (planned.rejection().isPresent()) {
      return AttemptResult.local(
          AttemptResult.Kind.FAILED, 550, "5.7.1", planned.rejection().get());
    }
    List<SieveAction> files = planned.files();
    var filed = new Filed();
    AttemptResult result =
        files.isEmpty()
            ? AttemptResult.local(
                AttemptResult.Kind.DELIVERED, 250, "2.1.5", "Handled by the recipient's rules")
            : local.attempt(id, mailbox -> filed.file(mailbox, files, commit)).in(filed.names);
    if (result.kind() != AttemptResult.Kind.DELIVERED) {
      planned.mail().forEach(RuleMail::close);
      return result;
    }
    planned.broken().ifPresent(broken -> tell(id, delivery, broken));
    if (filed.isFirst) {
      for (InboxRule rule : planned.applied()) {
        events.ruleApplied(
            delivery.organization(),
            rule,
            delivery.recipient(),
            delivery.message(),
            delivery.received());
      }
    }
    return result.with(planned.mail());
  }

  /// Files a message, and knows where it is then.
  private static final class Filed {
    private String names = "";

    /// Also if nothing is filed: nobody knows then.
    private boolean isFirst = true;

    boolean file(Mailbox mailbox, List<SieveAction> files, Commit commit) {
      isFirst = put(mailbox, files, commit);
      return isFirst;
    }

    private boolean put(Mailbox mailbox, List<SieveAction> files, Commit commit) {
      List<Filing> places = places(mailbox, files);
      names =
          places.stream()
              .map(place -> String.join("/", mailbox.path(place.folder())))
              .collect(Collectors.joining(", "));
      try {
        return commit.deliver(mailbox, places);
      } catch (RefusedException e) {
        return switch (e.refusal()) {
          case OVER_QUOTA, TOO_LARGE, FORBIDDEN, AUTHENTICATION_FAILED -> throw e;
          case NOT_FOUND,
              INVALID,
              LIMIT_REACHED,
              ALREADY_EXISTS,
              IN_USE,
              RESERVED,
              WRONG_STATE,
              NOT_SUPPORTED -> {
            // A folder that went meanwhile, keywords that do not fit: not worth a bounce.
            LOG.info("{}: rules cannot file as they say ({}): INBOX", mailbox.id(), e.logText());
            names = "INBOX";
            yield commit.deliver(mailbox, List.of(new Filing(mailbox.inbox(), 0, Set.of())));
          }
        };
      }
    }
  }

  private static List<Filing> places(Mailbox mailbox, List<SieveAction> files) {
    List<Filing> places = new ArrayList<>();
    for (SieveAction action : files) {
      Filing place =
          switch (action) {
            case SieveAction.Keep(var flags) -> filing(mailbox.inbox(), flags);
            case SieveAction.FileInto into -> filing(folder(mailbox, into), into.flags());
            case SieveAction.Redirect _,
                SieveAction.Forward _,
                SieveAction.Reject _,
                SieveAction.Vacation _,
                SieveAction.NoteDuplicate _ ->
                throw new IllegalStateException("not a place");
          };
      // Two names may mean the same folder.
      if (places.stream().noneMatch(each -> each.folder().equals(place.folder()))) {
        places.add(place);
      }
    }
    return places;
  }

  private static FolderId folder(Mailbox mailbox, SieveAction.FileInto into) {
    Optional<Folder> found =
        into.specialUse()
            .flatMap(use -> DeliveryEnvironment.findUse(mailbox, use))
            .or(() -> DeliveryEnvironment.findFolder(mailbox, into.mailbox()));
    if (found.isEmpty() && into.create()) {
      try {
        return mailbox
            .createFolder(DeliveryEnvironment.path(into.mailbox()), Optional.empty())
            .id();
      } catch (RefusedException e) {
        LOG.info("{}: a folder of a rule is not made: {}", mailbox.id(), e.logText());
        // Perhaps another delivery was first.
        found = DeliveryEnvironment.findFolder(mailbox, into.mailbox());
      }
    }
    // RFC 5228 §4.1: what cannot be filed is kept.
    return found.map(Folder::id).orElseGet(mailbox::inbox);
  }

  private static Filing filing(FolderId folder, Set<String> flags) {
    int bits = 0;
    Set<String> keywords = new java.util.LinkedHashSet<>();
    for (String flag : flags) {
      switch (flag.toLowerCase(Locale.ROOT)) {
        case "\\seen" -> bits |= Flags.SEEN;
        case "\\answered" -> bits |= Flags.ANSWERED;
        case "\\flagged" -> bits |= Flags.FLAGGED;
        case "\\deleted" -> bits |= Flags.DELETED;
        case "\\draft" -> bits |= Flags.DRAFT;
        default -> keywords.add(flag);
      }
    }
    return new Filing(folder, bits, keywords);
  }

  private Planned plan(MailboxId id, Rules rules, Delivery delivery, Opening content) {
    if (rules.isRead() && rules.scripts().isEmpty()) return Planned.INBOX;
    Mailbox mailbox = mailboxes.open(id);
    Optional<DeliveryScripts> scripts =
        rules.isRead() ? rules.scripts() : DeliveryScripts.load(mailbox);
    if (scripts.isEmpty()) return Planned.INBOX;
    try (Content whole = content.open()) {
      return plan(mailbox, scripts.get(), delivery, whole);
    }
  }

  private Planned plan(Mailbox mailbox, DeliveryScripts scripts, Delivery delivery, Content whole) {
    Content message = TailContent.of(whole, delivery.relayOffset());
    var seen =
        new MimeSieveMessage(
            message.buffer(), MessageScanner.scan(message.buffer()), message.length());
    var environment =
        new DeliveryEnvironment(
            mailbox,
            directory,
            delivery.organization(),
            delivery.owner(),
            delivery.recipient(),
            delivery.reversePath(),
            delivery.id(),
            delivery.received());
    DeliveryScripts.Plan plan = scripts.run(seen, environment);
    if (plan.broken().isPresent()) {
      LOG.info(
          "{}: {} fails: {}",
          mailbox.id(),
          plan.broken().get().stage(),
          plan.broken().get().error());
      return new Planned(
          Planned.INBOX.files(), Optional.empty(), List.of(), List.of(), plan.broken());
    }
    return plan(delivery, plan, seen, environment, message);
  }

  private Planned plan(
      Delivery delivery,
      DeliveryScripts.Plan plan,
      MimeSieveMessage seen,
      DeliveryEnvironment environment,
      Content message) {
    var files = new ArrayList<SieveAction>();
    var mail = new ArrayList<RuleMail>();
    var context =
        new RuleSending.Context(
            environment, delivery.origin(), seen, MessageHeader.of(message), message);
    Optional<String> rejection = Optional.empty();
    boolean unsent = false;
    try {
      for (SieveAction action : plan.actions()) {
        String name = delivery.id() + "/" + mail.size();
        switch (action) {
          case SieveAction.Keep _, SieveAction.FileInto _ -> files.add(action);
          case SieveAction.Redirect(var to) -> {
            unsent |= !sending.redirect(context, EmailAddress.parse(to), name, mail);
          }
          case SieveAction.Forward(var to) -> {
            unsent |= !sending.forward(context, EmailAddress.parse(to), name, mail);
          }
          case SieveAction.Vacation vacation -> sending.answer(context, vacation, name, mail);
          case SieveAction.Reject(var reason, var _) -> rejection = Optional.of(ascii(reason));
          case SieveAction.NoteDuplicate note -> {
            var _ =
                environment
                    .mailbox()
                    .memory()
                    .note(
                        DeliveryEnvironment.key(note),
                        delivery.id(),
                        delivery.received(),
                        delivery.received().plus(note.period()),
                        note.last());
          }
        }
      }
    } catch (RuntimeException e) {
      mail.forEach(RuleMail::close);
      throw e;
    }
    // A message that was to go on only, and cannot, stays.
    if (unsent && files.isEmpty()) files.add(new SieveAction.Keep(Set.of()));
    return new Planned(
        List.copyOf(files), rejection, List.copyOf(mail), plan.applied(), Optional.empty());
  }

  private static String ascii(String reason) {
    String clean = AttemptResult.clean(reason.replaceAll("\\s+", " ").strip());
    return clean.isEmpty() ? "The recipient refuses this message" : clean;
  }

  /// Tells the owner once that a script does not work: a message in INBOX.
  private void tell(MailboxId id, Delivery delivery, DeliveryScripts.Broken broken) {
    try {
      Mailbox mailbox = mailboxes.open(id);
      String hash =
          HexFormat.of()
              .toHexDigits(QueueId.derived(broken.text() + "\0" + broken.error(), 0).low());
      Instant until = delivery.received().plus(BROKEN_TOLD_FOR);
      String what = "broken\0" + hash;
      if (!mailbox.memory().note(what, delivery.id(), delivery.received(), until)) return;
      byte[] text =
          sending.complaint(delivery.recipient(), broken).getBytes(StandardCharsets.UTF_8);
      NewMessage notice = new NewMessage(Content.of(text), 0, Set.of(), delivery.received());
      var _ = mailbox.deliver(mailbox.inbox(), notice, "broken." + hash + "." + delivery.id());
    } catch (RefusedException | UnavailableException e) {
      LOG.warn("{}: its owner is not told of a broken script: {}", id, e.getMessage());
    }
  }
}
