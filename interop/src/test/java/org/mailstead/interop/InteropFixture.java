package org.mailstead.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.access.LoginExtensions;
import org.mailstead.core.access.LoginLimits;
import org.mailstead.core.access.Logins;
import org.mailstead.core.access.Principal;
import org.mailstead.core.access.Protocol;
import org.mailstead.core.audit.AuditEntry;
import org.mailstead.core.audit.AuditIdentity;
import org.mailstead.core.content.Contents;
import org.mailstead.core.directory.AccountId;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryCheck;
import org.mailstead.core.directory.DirectoryLimits;
import org.mailstead.core.directory.DirectorySettings;
import org.mailstead.core.directory.Entity;
import org.mailstead.core.directory.EntityFilter;
import org.mailstead.core.directory.EntityState;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.MailboxProvider;
import org.mailstead.core.directory.NewOrganization;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.directory.Passwords;
import org.mailstead.core.keys.LocalKeyService;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.Store;
import org.mailstead.store.StoreCheck;
import org.mailstead.store.TestClock;

/// The core with connected directories, on a memory store, with logins and synchronization.
final class InteropFixture implements AutoCloseable {
  static final String DOMAIN = "corp.test";

  private final TestClock clock = new TestClock();
  private final Store plain = new MemoryStore(clock);
  private final Store store;
  private final SecureRandom random = new SecureRandom();
  private final Path folder;
  private final AtomicLong events = new AtomicLong();
  private final LdapDirectories directories;
  private final AccountId account;
  private Passwords passwords;
  private Directory directory;
  private DirectorySynchronization synchronization;
  private Logins logins;

  InteropFixture(LdapDirectorySettings... settings) {
    this(UnaryOperator.identity(), settings);
  }

  InteropFixture(UnaryOperator<Store> around, LdapDirectorySettings... settings) {
    this.store = around.apply(plain);
    this.directories = new LdapDirectories(List.of(settings));
    try {
      this.folder = Files.createTempDirectory("interop-fixture");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    open();
    account = directory.accounts().createAccount();
  }

  private void open() {
    var keys =
        new OrganizationKeys(
            store, LocalKeyService.open(folder.resolve("keys"), plain, random), random);
    var mailboxes =
        new Mailboxes(
            store,
            keys,
            new Contents(store, random),
            clock,
            random,
            new Mailboxes.CacheSettings(16 << 20, 4 << 20));
    passwords = new Passwords(new Passwords.Cost(64, 1), random);
    directory =
        new Directory(
            store,
            keys,
            MailboxProvider.of(mailboxes),
            passwords,
            new DirectorySettings(
                "mail.test", "eu-west-1", Set.of(DOMAIN), DirectoryLimits.standard(), directories),
            clock,
            random);
    synchronization = new DirectorySynchronization(directories, directory, clock);
    logins =
        new Logins(
            directory.lookups(),
            passwords,
            LoginLimits.standard(),
            LoginExtensions.none()
                .withSource(
                    new LdapLogins(directories, directory, LoginLimits.standard(), (_, _) -> true)),
            clock,
            random,
            _ -> {});
  }

  /// As after a restart.
  void reopen() {
    directory.close();
    passwords.close();
    open();
    directory.resume();
    runJobs();
  }

  void runJobs() {
    directory.outbox().runOnce();
    directory.retention().runOnce();
    directory.outbox().runOnce();
  }

  Organization create(LdapDirectorySettings settings, boolean interoperability) {
    return create(
        account, settings.directory().id().value(), settings.directory().alias(), interoperability);
  }

  Organization create(AccountId by, String directoryId, String alias, boolean interoperability) {
    return directory
        .organizations()
        .create(
            change("CreateOrganization"),
            by,
            new NewOrganization(
                alias,
                Optional.empty(),
                Optional.of(directoryId),
                List.of(DOMAIN),
                Optional.empty(),
                interoperability));
  }

  SynchronizationReport synchronize(OrganizationId organization) {
    return synchronization.synchronize(organization, SynchronizationOptions.USUAL, _ -> {});
  }

  SynchronizationReport synchronize(OrganizationId organization, boolean full, boolean force) {
    return synchronization.synchronize(
        organization, new SynchronizationOptions(full, force), _ -> {});
  }

  Change change(String operation) {
    long number = events.incrementAndGet();
    return new Change(
        new AuditEntry(
            AuditIdentity.service("000000000000"),
            clock.instant(),
            AuditEntry.WORKMAIL_SOURCE,
            operation,
            "eu-west-1",
            "192.0.2.1",
            "tests",
            Optional.of("{}"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            "request-" + number,
            "event-" + number));
  }

  void register(OrganizationId organization, String name, String email) {
    directory.registrations().register(change("RegisterToWorkMail"), organization, name, email);
  }

  Entity.User user(OrganizationId organization, String name) {
    return directory.users().describe(organization, name);
  }

  List<Entity.User> users(OrganizationId organization, EntityFilter filter) {
    List<Entity.User> all = new java.util.ArrayList<>();
    Optional<String> token = Optional.empty();
    do {
      Listing<Entity.User> page =
          directory.users().list(organization, filter, new PageRequest(100, token));
      all.addAll(page.items());
      token = page.nextToken();
    } while (token.isPresent());
    return all;
  }

  List<String> userNames(OrganizationId organization) {
    return users(organization, new EntityFilter.None()).stream().map(Entity.User::name).toList();
  }

  List<String> deletedNames(OrganizationId organization) {
    return users(organization, new EntityFilter.StateIs(EntityState.DELETED)).stream()
        .map(Entity.User::name)
        .toList();
  }

  List<String> members(OrganizationId organization, String group) {
    return directory.groups().members(organization, group, PageRequest.first()).items().stream()
        .map(org.mailstead.core.directory.Groups.Member::name)
        .sorted()
        .toList();
  }

  EntityId id(OrganizationId organization, String name) {
    return user(organization, name).id();
  }

  Principal login(String name, String password) {
    return logins.login(name, password, Protocol.IMAP, InetAddress.getLoopbackAddress());
  }

  Directory directory() {
    return directory;
  }

  LdapDirectories directories() {
    return directories;
  }

  DirectorySynchronization synchronization() {
    return synchronization;
  }

  AccountId account() {
    return account;
  }

  TestClock clock() {
    return clock;
  }

  void check() {
    StoreCheck.Result result = new StoreCheck(plain, List.of(new DirectoryCheck())).run();
    assertThat(result.errors()).isEmpty();
  }

  @Override
  public void close() {
    runJobs();
    check();
    directory.close();
    passwords.close();
    directories.close();
    plain.close();
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
