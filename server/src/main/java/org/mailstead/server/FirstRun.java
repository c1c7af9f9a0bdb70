package org.mailstead.server;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.mailstead.base.EntityId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.audit.AuditEntry;
import org.mailstead.core.audit.AuditIdentity;
import org.mailstead.core.directory.AccessKey;
import org.mailstead.core.directory.AccountId;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.EntityState;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.NewOrganization;
import org.mailstead.core.directory.NewUser;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.directory.OrganizationState;

/// Makes an empty store usable (OPS-1): an account with an access key, an organization with its
/// test domain, an administrator with a mailbox. Each step looks at what is there, so that a first
/// start that was killed is finished by the next one; only secrets that nobody has seen are made
/// anew.
public final class FirstRun {
  /// Alias of the first organization.
  public static final String ALIAS = "mailstead";

  private static final String ADMINISTRATOR = "admin";
  private static final String PASSWORD_LETTERS =
      "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

  /// What is shown once.
  public record Secrets(
      String accessKeyId, String secretAccessKey, String adminAddress, String adminPassword) {
    public void print(PrintStream out) {
      out.println("  administrator   " + adminAddress);
      out.println("  password        " + adminPassword);
      out.println("  access key      " + accessKeyId);
      out.println("  secret          " + secretAccessKey);
      out.println("  (this key is the account root's and may do everything: make administrators");
      out.println("   with policies of their own for daily work)");
      out.println("  (shown this once; `mailstead setup --new-key` makes another key)");
    }

    @Override
    public String toString() {
      return "Secrets[" + accessKeyId + ", " + adminAddress + "]";
    }
  }

  private final Domain domain;
  private final Directory directory;

  private FirstRun(Domain domain) {
    this.domain = domain;
    this.directory = domain.directory();
  }

  /// @return the secrets, or nothing when the store was usable already
  public static Optional<Secrets> prepare(Domain domain, String alias) {
    return new FirstRun(domain).prepare(alias);
  }

  /// Another key for the account, by name and value.
  public static Map<String, String> newKey(Domain domain) {
    FirstRun run = new FirstRun(domain);
    AccountId account = run.account();
    AccessKey.WithSecret key =
        domain
            .directory()
            .accounts()
            .createKey(run.change(account, "CreateAccessKey"), account, Optional.empty());
    Map<String, String> shown = new LinkedHashMap<>();
    shown.put("accessKeyId", key.key().id());
    shown.put("secretAccessKey", key.secret());
    return shown;
  }

  /// How many active keys there are that no policy holds.
  static long rootKeys(Domain domain) {
    return domain.directory().accounts().accounts().stream()
        .flatMap(account -> domain.directory().accounts().keys(account).stream())
        .filter(key -> key.active() && key.userName().isEmpty())
        .count();
  }

  /// The first organization of the installation.
  static Organization organization(Domain domain) {
    FirstRun run = new FirstRun(domain);
    return run.findOrganization(run.account())
        .orElseThrow(
            () -> new RefusedException(Refusal.WRONG_STATE, "no organization yet: run setup"));
  }

  private Optional<Secrets> prepare(String alias) {
    List<AccountId> accounts = directory.accounts().accounts();
    AccountId account =
        accounts.isEmpty() ? directory.accounts().createAccount() : accounts.getFirst();
    Organization organization =
        findOrganization(account)
            .orElseGet(() ->
                directory
                    .organizations()
                    .create(
                        change(account, "CreateOrganization"), account, NewOrganization.of(alias)));
    String address = ADMINISTRATOR + "@" + organization.testDomain();
    boolean ready =
        directory
            .registrations()
            .find(organization.id(), ADMINISTRATOR)
            .filter(entity -> entity.email().isPresent())
            .isPresent();
    if (ready) nameAdministrator(account, organization);
    if (ready && !directory.accounts().keys(account).isEmpty()) return Optional.empty();

    String password = password(domain.random());
    var existing = directory.registrations().find(organization.id(), ADMINISTRATOR);
    String user;
    if (existing.isPresent()) {
      user = existing.get().id().value();
      directory
          .users()
          .resetPassword(
              change(account, "ResetPassword"), organization.id(), new EntityId(user), password);
    } else {
      user =
          directory
              .users()
              .create(
                  change(account, "CreateUser"),
                  organization.id(),
                  NewUser.of(ADMINISTRATOR, "Administrator", password))
              .value();
    }
    if (existing.isEmpty() || existing.get().email().isEmpty()) {
      directory
          .registrations()
          .register(change(account, "RegisterToWorkMail"), organization.id(), user, address);
    }
    nameAdministrator(account, organization);
    AccessKey.WithSecret key =
        directory
            .accounts()
            .createKey(change(account, "CreateAccessKey"), account, Optional.empty());
    return Optional.of(new Secrets(key.key().id(), key.secret(), address, password));
  }

  /// The first administrator looks after the organization until others are named.
  private void nameAdministrator(AccountId account, Organization organization) {
    boolean named = !directory.organizationAdministrators().list(organization.id()).isEmpty();
    boolean enabled =
        directory
            .registrations()
            .find(organization.id(), ADMINISTRATOR)
            .filter(user -> user.state() == EntityState.ENABLED)
            .isPresent();
    if (named || !enabled) return;
    directory
        .organizationAdministrators()
        .add(change(account, "AddOrganizationAdministrator"), organization.id(), ADMINISTRATOR);
  }

  private AccountId account() {
    return directory.accounts().accounts().stream()
        .findFirst()
        .orElseThrow(() -> new RefusedException(Refusal.WRONG_STATE, "no account yet: run setup"));
  }

  private Optional<Organization> findOrganization(AccountId account) {
    return directory.organizations().list(account, Listing.PageRequest.first()).items().stream()
        .filter(
            o -> o.state() == OrganizationState.ACTIVE || o.state() == OrganizationState.IMPAIRED)
        .min(java.util.Comparator.comparing(o -> o.completed().orElse(java.time.Instant.MAX)));
  }

  private Change change(AccountId account, String name) {
    return change(domain, account, name, "mailstead setup");
  }

  /// A change that the machine's operator makes.
  static Change change(Domain domain, AccountId account, String name, String words) {
    return new Change(
        new AuditEntry(
            AuditIdentity.service(account.value()),
            domain.clock().instant(),
            AuditEntry.WORKMAIL_SOURCE,
            name,
            "local",
            "127.0.0.1",
            words,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            uuid(domain),
            uuid(domain)));
  }

  private static String uuid(Domain domain) {
    return new UUID(domain.random().nextLong(), domain.random().nextLong()).toString();
  }

  /// Four groups of four letters and digits that nobody confuses, of at least three classes.
  private static String password(RandomGenerator random) {
    while (true) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 19; i++) {
        text.append(
            i % 5 == 4 ? '-' : PASSWORD_LETTERS.charAt(random.nextInt(PASSWORD_LETTERS.length())));
      }
      if (text.chars().anyMatch(Character::isDigit)
          && text.chars().anyMatch(Character::isUpperCase)
          && text.chars().anyMatch(Character::isLowerCase)) {
        return text.toString();
      }
    }
  }
}
