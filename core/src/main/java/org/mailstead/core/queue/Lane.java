package org.mailstead.core.queue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.IntPredicate;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;

/// Whose mail an entry is and where it goes, in as few octets as fit into every row of the time
/// index: so that who looks for work can pass over the mail of one sender, or to one destination,
/// without reading it. Both are the first 64 bits of a SHA-256, which nobody can make meet.
///
/// @param sender a user, the domain that a message from outside claims, or what is made here; a
///   sender's messages to many are another sender than its others
/// @param destination what is left to do: one of the constants, or a hash of the one domain or
///   gateway that it goes to; hashes of domains are odd, all others even
public record Lane(long sender, long destination) {
  /// To mailboxes here.
  public static final long HERE = 0;

  /// To several destinations.
  public static final long SEVERAL = 2;

  /// To a function.
  public static final long CALL = 4;

  private static final long CONSTANT_MAX = 7;

  /// Whether it goes to another server, and to one destination only.
  public boolean isRelayed() {
    return destination < 0 || destination > CONSTANT_MAX;
  }

  /// Whether that is the mail exchanger of a domain, or what stands for it.
  public boolean isDomain() {
    return (destination & 1) == 1;
  }

  /// The lane of an entry of which these recipients are left.
  static Lane of(
      QueueEnvelope envelope, boolean isCall, List<QueueRecipient> recipients, IntPredicate left) {
    if (isCall) return new Lane(sender(envelope), CALL);
    OptionalLong only = OptionalLong.empty();
    for (int i = 0; i < recipients.size(); i++) {
      if (!left.test(i)) continue;
      long destination = destination(envelope.organization(), recipients.get(i));
      if (only.isPresent() && only.getAsLong() != destination) {
        return new Lane(sender(envelope), SEVERAL);
      }
      only = OptionalLong.of(destination);
    }
    return new Lane(sender(envelope), only.orElse(HERE));
  }

  /// Where a recipient's mail goes.
  public static long destination(OrganizationId organization, QueueRecipient recipient) {
    return switch (recipient.target()) {
      case QueueRecipient.Target.Local _, QueueRecipient.Target.Blocked _ -> HERE;
      case QueueRecipient.Target.Remote _ -> hash("to " + recipient.address().domain()) | 1;
      case QueueRecipient.Target.Gateway(String id) ->
          (hash("by " + organization.value() + " " + id) | CONSTANT_MAX + 1) & ~1L;
    };
  }

  private static long sender(QueueEnvelope envelope) {
    return switch (envelope.origin()) {
      case SUBMISSION, INBOUND ->
          hash(
              envelope.priority()
                  + " "
                  + envelope
                      .submitter()
                      .map(EntityId::value)
                      .orElseGet(() ->
                          "from " + envelope.reversePath().map(EmailAddress::domain).orElse("")));
      case REPORT, JOURNAL -> hash(envelope.origin() + " " + envelope.organization().value());
    };
  }

  private static long hash(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(hash).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }
}
