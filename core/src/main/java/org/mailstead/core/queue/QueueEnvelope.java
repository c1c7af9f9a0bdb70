package org.mailstead.core.queue;

import java.time.Instant;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;

/// What is known of a queued message apart from its recipients and bytes.
///
/// @param organization whose key seals the content and whose limits count
/// @param reversePath where reports go; empty for the null reverse path
/// @param submitter the user who submitted it; empty for mail from outside and for reports
/// @param returnContent RET (RFC 3461 §4.3)
/// @param envelopeId ENVID in its xtext-decoded form (RFC 3461 §4.4)
/// @param smtpUtf8 whether SMTPUTF8 is needed to pass it on (RFC 6531)
/// @param relayOffset where the bytes begin that go to other servers: after the Return-Path line,
///   which only final delivery shows (RFC 5321 §4.4)
/// @param received when it was accepted
/// @param expires when the sender is told that it could not be delivered
/// @param requireTls whether it must go over verified TLS all the way (RFC 8689 §2)
public record QueueEnvelope(
    OrganizationId organization,
    Optional<EmailAddress> reversePath,
    Optional<EntityId> submitter,
    Origin origin,
    Priority priority,
    Optional<ReturnContent> returnContent,
    Optional<String> envelopeId,
    boolean smtpUtf8,
    int relayOffset,
    Instant received,
    Instant expires,
    boolean requireTls) {
  /// One that may go over connections of every kind.
  public QueueEnvelope(
      OrganizationId organization,
      Optional<EmailAddress> reversePath,
      Optional<EntityId> submitter,
      Origin origin,
      Priority priority,
      Optional<ReturnContent> returnContent,
      Optional<String> envelopeId,
      boolean smtpUtf8,
      int relayOffset,
      Instant received,
      Instant expires) {
    this(
        organization,
        reversePath,
        submitter,
        origin,
        priority,
        returnContent,
        envelopeId,
        smtpUtf8,
        relayOffset,
        received,
        expires,
        false);
  }

  public QueueEnvelope withRequireTls(boolean required) {
    return new QueueEnvelope(
        organization,
        reversePath,
        submitter,
        origin,
        priority,
        returnContent,
        envelopeId,
        smtpUtf8,
        relayOffset,
        received,
        expires,
        required);
  }

  /// The way in.
  public enum Origin {
    /// From another server.
    INBOUND,
    /// From a user.
    SUBMISSION,
    /// Made here: a delivery status notification.
    REPORT,
    /// Made here: a journal report.
    JOURNAL
  }

  /// Among entries that are due at the same time, normal ones go first.
  public enum Priority {
    NORMAL,
    /// Many recipients.
    BULK
  }

  /// How much of the message a failure report returns (RFC 3461 §4.3).
  public enum ReturnContent {
    FULL,
    HEADERS
  }
}
