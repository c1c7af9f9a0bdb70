package org.mailstead.core.directory;

import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import org.mailstead.core.audit.AuditLog;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.outbox.Commits;
import org.mailstead.core.outbox.Outbox;
import org.mailstead.core.outbox.Versions;
import org.mailstead.store.Store;

/// Everything about who exists: accounts, organizations, domains, users, groups, addresses, mailbox
/// permissions. The one door for the WorkMail API's handlers.
///
/// Each method is one meaning of the API. Those that change something take a [Change], whose audit
/// entry goes into the same commit; they are durable and visible to every reader of this process
/// when they return. Refusals are [DirectoryRefusedException]s, whose [DirectoryRefusal] chooses
/// the WorkMail exception. Every method that takes an organization may refuse with
/// ORGANIZATION_NOT_FOUND and, unless it says otherwise, ORGANIZATION_STATE (only active and
/// impaired ones answer). **Handlers must first ask [Organizations#load(AccountId,
/// OrganizationId)]**: an organization of another account is "not found". Refused and read-only
/// calls are recorded by [AuditLog#record]; a change that changed nothing records itself.
///
/// An `identifier` is what the API calls EntityIdentifier: id, name or address.
public final class Directory implements AutoCloseable {
  private final Versions versions;
  private final Outbox outbox;
  private final Accounts accounts;
  private final Organizations organizations;
  private final MailDomains domains;
  private final Users users;
  private final Groups groups;
  private final Registrations registrations;
  private final Permissions permissions;
  private final Recipients recipients;
  private final Lookups lookups;
  private final Retention retention;
  private final OrganizationHealth health;
  private final OrganizationRecords records;
  private final AuditLog audit;

  /// Call [#resume] before serving.
  ///
  /// @param random makes ids, keys and salts: it must be fit for secrets
  public Directory(
      Store store,
      OrganizationKeys keys,
      MailboxProvider mailboxes,
      Passwords passwords,
      DirectorySettings settings,
      InstantSource clock,
      RandomGenerator random) {
    versions = new Versions(store);
    outbox = new Outbox(new Commits(store, versions, random));
    audit = new AuditLog(outbox, clock, random);
    var claims = new Claims(outbox, clock, random);
    var entities = new Entities(outbox, claims);
    var views = new OrganizationViews(outbox, claims, settings.verifiedDomains());
    var parts =
        new Parts(
            outbox,
            claims,
            entities,
            new Links(outbox),
            views,
            audit,
            mailboxes,
            keys,
            passwords,
            settings,
            clock,
            random);
    new Consequences(parts).register();
    accounts = new Accounts(parts);
    organizations = new Organizations(parts);
    domains = new MailDomains(parts, organizations::uses);
    users = new Users(parts);
    groups = new Groups(parts);
    registrations = new Registrations(parts);
    permissions = new Permissions(parts);
    recipients = new Recipients(parts);
    lookups = new Lookups(parts);
    retention = new Retention(parts);
    health = new OrganizationHealth(parts);
    records = new OrganizationRecords(parts);
  }

  /// Finds effects that an earlier run of the program left behind; [Outbox#runOnce] carries them
  /// out.
  public void resume() {
    outbox.resume(List.of("account/", "org/", "directory/"));
  }

  public Accounts accounts() {
    return accounts;
  }

  public Organizations organizations() {
    return organizations;
  }

  public MailDomains domains() {
    return domains;
  }

  public Users users() {
    return users;
  }

  public Groups groups() {
    return groups;
  }

  public Registrations registrations() {
    return registrations;
  }

  public Permissions permissions() {
    return permissions;
  }

  public Recipients recipients() {
    return recipients;
  }

  public Lookups lookups() {
    return lookups;
  }

  /// Rules, roles, policies and other small records of organizations.
  public OrganizationRecords records() {
    return records;
  }

  public AuditLog audit() {
    return audit;
  }

  /// The job that carries out effects; about once a second.
  public Outbox outbox() {
    return outbox;
  }

  /// The job that removes what was kept for 30 days; about once an hour.
  public Retention retention() {
    return retention;
  }

  /// The job that finds impaired organizations; about once a minute.
  public OrganizationHealth health() {
    return health;
  }

  @Override
  public void close() {
    versions.close();
  }
}
