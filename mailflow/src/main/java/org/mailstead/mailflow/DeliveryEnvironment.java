package org.mailstead.mailflow;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.MalformedException;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Recipients;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.formats.sieve.SieveAction;
import org.mailstead.formats.sieve.SieveEnvironment;
import org.mailstead.formats.sieve.SieveMessage;

/// What scripts ask about one delivery into one mailbox. The time is that of the acceptance, in
/// UTC: the same however often the delivery is tried.
record DeliveryEnvironment(
    Mailbox mailbox,
    Recipients directory,
    OrganizationId organization,
    EntityId owner,
    EmailAddress recipient,
    Optional<EmailAddress> reversePath,
    String deliveryId,
    Instant received)
    implements SieveEnvironment {
  static final String DUPLICATE = "duplicate\0";

  @Override
  public ZonedDateTime now() {
    return received.atZone(ZoneOffset.UTC);
  }

  @Override
  public SieveMessage.Envelope envelope() {
    return new SieveMessage.Envelope(
        reversePath.map(EmailAddress::toString), Optional.of(recipient.toString()));
  }

  @Override
  public boolean mailboxExists(String name) {
    return findFolder(mailbox, name).isPresent();
  }

  /// By its path as IMAP writes it.
  static Optional<Folder> findFolder(Mailbox mailbox, String name) {
    return mailbox.findFolder(path(name)).filter(Folder::selectable);
  }

  static List<String> path(String name) {
    return List.of(name.split("/", -1));
  }

  @Override
  public boolean specialUseExists(Optional<String> name, String use) {
    return name.isPresent()
        ? findFolder(mailbox, name.get()).filter(folder -> hasUse(folder, use)).isPresent()
        : findUse(mailbox, use).isPresent();
  }

  static Optional<Folder> findUse(Mailbox mailbox, String use) {
    return mailbox.folders().stream()
        .filter(folder -> folder.selectable() && hasUse(folder, use))
        .findFirst();
  }

  private static boolean hasUse(Folder folder, String use) {
    return folder.specialUse().filter(each -> each.attribute().equalsIgnoreCase(use)).isPresent();
  }

  @Override
  public boolean isDuplicate(SieveAction.NoteDuplicate note) {
    return mailbox.memory().isKnown(key(note), deliveryId, received);
  }

  static String key(SieveAction.NoteDuplicate note) {
    return DUPLICATE + note.handle() + "\0" + note.id();
  }

  @Override
  public boolean isOwn(SieveMessage.Address address) {
    try {
      return isOwn(new EmailAddress(address.local(), address.domain()));
    } catch (MalformedException e) {
      return false;
    }
  }

  /// Aliases and subaddresses too; not a group that the owner is in.
  boolean isOwn(EmailAddress address) {
    return switch (directory.resolve(address)) {
      case Recipients.Resolution.Local(var _, var entity, var _) -> entity.equals(owner);
      case Recipients.Resolution.Unknown(),
          Recipients.Resolution.Disabled(),
          Recipients.Resolution.Foreign() ->
          false;
    };
  }

  @Override
  public boolean isInternalSender() {
    return reversePath
        .filter(sender -> directory.isOwnDomain(organization, sender.domain()))
        .isPresent();
  }
}
