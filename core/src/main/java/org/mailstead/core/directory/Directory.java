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
  private final Administrators accountAdministrators;
  private final Organizations organizations;
  private final MailDomains domains;
  private final Users users;
  private final Groups groups;
  private final Resources resources;
  private final Registrations registrations;
  private final Permissions permissions;
  private final Recipients recipients;
  private final Lookups lookups;
  private final Retention retention;
  private final OrganizationHealth health;
  private final OrganizationRecords records;
  private final Imports imports;
  private final OrganizationKeys keys;
  private final Tags tags;
  private final OrganizationAdministrators administrators;
  private final IdentityProviders identityProviders;
  private final PersonalAccessTokens personalAccessTokens;
  private final MigrationAdministrators migrationAdministrators;
  private final AuditLog audit;
  private final ConnectedDirectories connected;

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
    records = new OrganizationRecords(parts);
    administrators = new OrganizationAdministrators(parts, records);
    identityProviders = new IdentityProviders(parts, records);
    new Consequences(parts, identityProviders).register();
    accounts = new Accounts(parts);
    accountAdministrators = new Administrators(parts);
    organizations = new Organizations(parts, identityProviders);
    domains = new MailDomains(parts, organizations::uses);
    users = new Users(parts);
    groups = new Groups(parts);
    resources = new Resources(parts);
    registrations = new Registrations(parts, administrators);
    permissions = new Permissions(parts);
    recipients = new Recipients(parts);
    lookups = new Lookups(parts);
    retention = new Retention(parts);
    this.keys = keys;
    connected = settings.connected();
    health = new OrganizationHealth(parts);
    imports = new Imports(parts);
    tags = new Tags(records);
    personalAccessTokens = new PersonalAccessTokens(parts, identityProviders);
    migrationAdministrators = new MigrationAdministrators(parts);
  }

  /// Finds effects that an earlier run of the program left behind; [Outbox#runOnce] carries them
  /// out.
  public void resume() {
    outbox.resume(List.of("account/", "org/", "directory/"));
  }

  public Accounts accounts() {
    return accounts;
  }

  /// Of the accounts; [#organizationAdministrators] are users with a mailbox.
  public Administrators administrators() {
    return accountAdministrators;
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

  public Resources resources() {
    return resources;
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

  /// Seals what organizations keep in records.
  public OrganizationKeys keys() {
    return keys;
  }

  /// Rules, roles, policies and other small records of organizations.
  public OrganizationRecords records() {
    return records;
  }

  /// The configured directories that are not ours.
  public ConnectedDirectories connected() {
    return connected;
  }

  /// Users and groups of connected directories.
  public Imports imports() {
    return imports;
  }

  /// Users who look after their organization.
  public OrganizationAdministrators organizationAdministrators() {
    return administrators;
  }

  public Tags tags() {
    return tags;
  }

  public IdentityProviders identityProviders() {
    return identityProviders;
  }

  public PersonalAccessTokens personalAccessTokens() {
    return personalAccessTokens;
  }

  /// Who may open every mailbox of an organization.
  public MigrationAdministrators migrationAdministrators() {
    return migrationAdministrators;
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
