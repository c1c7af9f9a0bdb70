package org.mailstead.mailflow;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.MailboxId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.content.StagedContent;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.core.mailbox.MessageIndex;
import org.mailstead.core.mailbox.NewMessage;
import org.mailstead.core.mailbox.SpecialUse;
import org.mailstead.core.mailbox.StagedMessage;
import org.mailstead.store.DamagedBlobException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts messages into mailboxes; whose rules say where, that is [RuleDelivery].
final class LocalDelivery {
  private static final Logger LOG = LoggerFactory.getLogger(LocalDelivery.class);
  private static final List<String> INBOX = List.of("INBOX");
  private static final List<String> JUNK = List.of("Junk E-mail");

  /// Where in a mailbox.
  enum Place {
    INBOX("INBOX"),
    /// The folder whose use is junk (RFC 6154).
    JUNK("Junk E-mail");

    private final String folder;

    Place(String folder) {
      this.folder = folder;
    }

    /// Its usual name, for people.
    String folder() {
      return folder;
    }
  }

  private final Mailboxes mailboxes;

  LocalDelivery(Mailboxes mailboxes) {
    this.mailboxes = mailboxes;
  }

  /// Whether so many octets more would go over the mailbox's quota now (LIM-2).
  boolean isOverQuota(MailboxId id, long bytes) {
    Mailbox mailbox = mailboxes.open(id);
    long left = mailbox.quotaBytes() - mailbox.usedBytes();
    return left <= 0 || bytes > left;
  }

  /// Delivers a message of which nothing is stored yet: durable when it answers DELIVERED.
  AttemptResult deliver(MailboxId id, NewMessage message, String deliveryId, Place place) {
    return attempt(
        id,
        mailbox -> mailbox.deliver(folder(mailbox, place).id(), message, deliveryId).isPresent());
  }

  /// Delivers a staged message; a second time with the same delivery id changes nothing.
  AttemptResult deliver(
      MailboxId id,
      StagedContent content,
      MessageIndex index,
      Instant received,
      String deliveryId,
      Place place) {
    StagedMessage message = new StagedMessage(content, index, 0, Set.of(), received);
    return attempt(
        id,
        mailbox -> mailbox.deliver(folder(mailbox, place).id(), message, deliveryId).isPresent());
  }

  interface Attempt {
    /// Whether it was the first time.
    boolean deliver(Mailbox mailbox);
  }

  /// Does something that may fail in the ways of a delivery.
  AttemptResult attempt(MailboxId id, Attempt attempt) {
    try {
      if (!attempt.deliver(mailboxes.open(id))) LOG.debug("a delivery to {} was repeated", id);
      return AttemptResult.delivered();
    } catch (RefusedException e) {
      LOG.debug("delivery to {} refused: {}", id, e.logText());
      return refused(e);
    } catch (UnavailableException e) {
      LOG.warn("delivery to {} is not possible now: {}", id, e.getMessage());
      return AttemptResult.local(
          AttemptResult.Kind.RETRY, 452, "4.3.1", "The mailbox cannot be written now");
    } catch (DamagedBlobException e) {
      LOG.error("a message for {} cannot be read back: {}", id, e.getMessage());
      return AttemptResult.local(
          AttemptResult.Kind.FAILED, 554, "5.3.0", "The stored message is damaged");
    } catch (RuntimeException e) {
      LOG.error("delivery to {} failed", id, e);
      return AttemptResult.local(AttemptResult.Kind.RETRY, 451, "4.3.0", "Internal error");
    }
  }

  private static AttemptResult refused(RefusedException e) {
    return switch (e.refusal()) {
      case OVER_QUOTA ->
          AttemptResult.local(AttemptResult.Kind.FAILED, 552, "5.2.2", "The mailbox is full");
      case TOO_LARGE ->
          AttemptResult.local(AttemptResult.Kind.FAILED, 552, "5.3.4", "The message is too large");
      case NOT_FOUND ->
          AttemptResult.local(AttemptResult.Kind.FAILED, 550, "5.1.1", "There is no such mailbox");
      case FORBIDDEN, AUTHENTICATION_FAILED ->
          AttemptResult.local(AttemptResult.Kind.FAILED, 550, "5.7.1", "Delivery is not allowed");
      case WRONG_STATE, RESERVED, INVALID, NOT_SUPPORTED ->
          AttemptResult.local(
              AttemptResult.Kind.FAILED, 550, "5.2.1", "The mailbox does not accept messages");
      case LIMIT_REACHED, ALREADY_EXISTS, IN_USE ->
          AttemptResult.local(
              AttemptResult.Kind.RETRY, 452, "4.2.2", "The mailbox cannot take more now");
    };
  }

  private static Folder folder(Mailbox mailbox, Place place) {
    return switch (place) {
      case INBOX -> inbox(mailbox);
      case JUNK -> junk(mailbox);
    };
  }

  /// Users may delete theirs: then there is a new one.
  private static Folder junk(Mailbox mailbox) {
    return findJunk(mailbox)
        .orElseGet(() -> {
          try {
            mailbox.createFolder(JUNK, Optional.of(SpecialUse.JUNK));
          } catch (RefusedException e) {
            // Somebody else made it meanwhile, or the name is taken by a folder for other things.
            LOG.debug("no junk folder is made: {}", e.logText());
          }
          return findJunk(mailbox)
              .or(() -> mailbox.findFolder(JUNK))
              .orElseGet(() -> inbox(mailbox));
        });
  }

  private static Optional<Folder> findJunk(Mailbox mailbox) {
    return mailbox.folders().stream()
        .filter(each -> each.selectable() && each.specialUse().equals(Optional.of(SpecialUse.JUNK)))
        .findFirst();
  }

  private static Folder inbox(Mailbox mailbox) {
    return mailbox
        .findFolder(INBOX)
        .orElseThrow(() -> new IllegalStateException("a mailbox without INBOX"));
  }
}
