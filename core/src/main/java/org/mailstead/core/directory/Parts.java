package org.mailstead.core.directory;

import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.audit.AuditEntry;
import org.mailstead.core.audit.AuditIdentity;
import org.mailstead.core.audit.AuditLog;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.outbox.Commits;
import org.mailstead.core.outbox.Outbox;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.store.Store;

/// What the classes of this package share.
record Parts(
    Outbox outbox,
    Claims claims,
    Entities entities,
    Links links,
    OrganizationViews organizations,
    AuditLog audit,
    MailboxProvider mailboxes,
    OrganizationKeys keys,
    Passwords passwords,
    DirectorySettings settings,
    InstantSource clock,
    RandomGenerator random) {
  Commits commits() {
    return outbox.commits();
  }

  Store store() {
    return outbox.commits().store();
  }

  DirectoryLimits limits() {
    return settings.limits();
  }

  String hex(int digits) {
    byte[] octets = new byte[(digits + 1) / 2];
    random.nextBytes(octets);
    return HexFormat.of().formatHex(octets).substring(0, digits);
  }

  /// A random UUID (RFC 9562 §5.4) from our own source.
  String uuid() {
    long high = (random.nextLong() & ~0xF000L) | 0x4000L;
    long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }

  /// Puts the audit entry of a change into its commit.
  static void audit(
      PartitionChange commit,
      OrganizationId organization,
      Change change,
      Map<String, String> response) {
    AuditLog.add(
        commit, new AuditLog.Scope(organization.value()), change.entry().answered(response));
  }

  /// Puts an audit entry into a commit that the service makes by itself: nobody called.
  void auditService(
      PartitionChange commit,
      Organization organization,
      String operation,
      Map<String, String> response) {
    audit(commit, organization.id(), serviceChange(organization, operation), response);
  }

  /// A change by the service itself.
  Change serviceChange(Organization organization, String operation) {
    return new Change(
        new AuditEntry(
            AuditIdentity.service(organization.account().value()),
            clock.instant(),
            AuditEntry.WORKMAIL_SOURCE,
            operation,
            settings.region(),
            AuditEntry.WORKMAIL_SOURCE,
            AuditEntry.WORKMAIL_SOURCE,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            uuid(),
            uuid()));
  }

  /// Records a change that turned out to change nothing.
  void auditUnchanged(OrganizationId organization, Change change) {
    audit.record(new AuditLog.Scope(organization.value()), change.entry());
  }
}
