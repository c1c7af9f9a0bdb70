package org.mailstead.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.access.Access;
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
import org.mailstead.core.directory.MailboxProvider;
import org.mailstead.core.directory.NewOrganization;
import org.mailstead.core.directory.NewUser;
import org.mailstead.core.directory.Passwords;
import org.mailstead.core.keys.CustomerKeys;
import org.mailstead.core.keys.LocalKeyService;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.core.spam.SpamLearning;
import org.mailstead.core.spam.SpamModels;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.Store;
import org.mailstead.store.StoreCheck;
import org.mailstead.store.TestClock;

/// A whole core over a memory store, for tests of core and of everything above it: an organization
/// `example` with the domains `example.test` (verified) and `example.mail.test` (the test domain),
/// the enabled users anna, bert and carl, and the enabled groups `team` (anna and the group
/// `nested`) and `nested` (bert and carl). Passwords hash cheaply, delays of logins are counted
/// instead of slept, and the clock stands until it is moved. [#close] checks the store.
///
/// ```java
/// try (var core = new CoreFixture()) {
///   core.mailbox(core.anna()).append(…);
/// }
/// ```
public final class CoreFixture implements AutoCloseable {
  public static final String DOMAIN = "example.test";
  public static final String TEST_DOMAIN = "example.mail.test";
  public static final String PASSWORD_OF_ANNA = "Anna-Secret-1";
  public static final String PASSWORD_OF_BERT = "Bert-Secret-2";
  public static final String PASSWORD_OF_CARL = "Carl-Secret-3";

  /// Cheap: what passwords really cost is tested where they are.
  private static final Passwords.Cost CHEAP = new Passwords.Cost(64, 1);

  private final TestClock clock;
  private final Store plain;
  private final Store store;
  private final SecureRandom random = new SecureRandom();
  private final Path folder;
  private final DirectoryLimits limits;
  private final CustomerKeys customers;
  private final List<Duration> slept = new CopyOnWriteArrayList<>();
  private final AtomicLong events = new AtomicLong();
  private Parts parts;
  private final AccountId account;
  private final OrganizationId organization;
  private final EntityId anna;
  private final EntityId bert;
  private final EntityId carl;
  private final EntityId team;
  private final EntityId nested;

  private record Parts(
      OrganizationKeys keys,
      SpamLearning learning,
      Mailboxes mailboxes,
      Passwords passwords,
      Directory directory,
      Access access,
      Logins logins) {}

  public CoreFixture() {
    this(DirectoryLimits.standard());
  }

  public CoreFixture(DirectoryLimits limits) {
    this(limits, new TestClock());
  }

  private CoreFixture(DirectoryLimits limits, TestClock clock) {
    this(limits, clock, new MemoryStore(clock), UnaryOperator.identity());
  }

  /// @param around what stands between the core and the store, to make it fail
  public CoreFixture(
      DirectoryLimits limits, TestClock clock, Store plain, UnaryOperator<Store> around) {
    this(limits, clock, plain, around, CustomerKeys.none());
  }

  /// With customers' keys.
  public CoreFixture(CustomerKeys customers) {
    this(DirectoryLimits.standard(), new TestClock(), customers);
  }

  private CoreFixture(DirectoryLimits limits, TestClock clock, CustomerKeys customers) {
    this(limits, clock, new MemoryStore(clock), UnaryOperator.identity(), customers);
  }

  private CoreFixture(
      DirectoryLimits limits,
      TestClock clock,
      Store plain,
      UnaryOperator<Store> around,
      CustomerKeys customers) {
    this.customers = customers;
    this.clock = clock;
    this.plain = plain;
    this.store = around.apply(plain);
    this.limits = limits;
    try {
      this.folder = Files.createTempDirectory("core-fixture");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.parts = open();
    account = directory().accounts().createAccount();
    organization =
        directory()
            .organizations()
            .create(
                change("CreateOrganization"),
                account,
                new NewOrganization(
                    "example",
                    Optional.empty(),
                    Optional.empty(),
                    List.of(DOMAIN),
                    Optional.empty(),
                    false))
            .id();
    directory().domains().updateDefault(change("UpdateDefaultMailDomain"), organization, DOMAIN);
    anna = enabledUser("anna", "Anna Adler", PASSWORD_OF_ANNA);
    bert = enabledUser("bert", "Bert Berg", PASSWORD_OF_BERT);
    carl = enabledUser("carl", "Carl Clemens", PASSWORD_OF_CARL);
    team = enabledGroup("team");
    nested = enabledGroup("nested");
    addMember(team, anna);
    addMember(team, nested);
    addMember(nested, bert);
    addMember(nested, carl);
    runJobs();
  }

  private Parts open() {
    var service = LocalKeyService.open(folder.resolve("keys"), plain, random);
    var keys = new OrganizationKeys(store, service, customers, clock, random);
    var learning = new SpamLearning(new SpamModels(store, keys, clock, random));
    var mailboxes =
        new Mailboxes(
            store,
            keys,
            new Contents(store, random),
            clock,
            random,
            new Mailboxes.CacheSettings(16 << 20, 4 << 20),
            Optional.empty(),
            Optional.of(learning));
    var passwords = new Passwords(CHEAP, random);
    var directory =
        new Directory(
            store,
            keys,
            MailboxProvider.of(mailboxes),
            passwords,
            new DirectorySettings("mail.test", "eu-west-1", Set.of(DOMAIN), limits),
            clock,
            random);
    var access = new Access(directory.lookups(), mailboxes);
    return new Parts(
        keys,
        learning,
        mailboxes,
        passwords,
        directory,
        access,
        logins(directory, passwords, LoginExtensions.none()));
  }

  private Logins logins(Directory directory, Passwords passwords, LoginExtensions extensions) {
    return new Logins(
        directory.lookups(),
        passwords,
        LoginLimits.standard(),
        extensions,
        clock,
        random,
        slept::add);
  }

  /// Logins of their own, with something plugged in.
  public Logins logins(LoginExtensions extensions) {
    return logins(directory(), passwords(), extensions);
  }

  /// As after a restart: nothing is remembered but what the store has, and what was left is
  /// resumed.
  public void reopen() {
    closeParts();
    parts = open();
    directory().resume();
  }

  public EntityId enabledUser(String name, String displayName, String password) {
    EntityId id =
        directory()
            .users()
            .create(change("CreateUser"), organization, NewUser.of(name, displayName, password));
    register(id, name + "@" + DOMAIN);
    return id;
  }

  public EntityId enabledGroup(String name) {
    EntityId id = directory().groups().create(change("CreateGroup"), organization, name, false);
    register(id, name + "@" + DOMAIN);
    return id;
  }

  public void register(EntityId entity, String email) {
    directory()
        .registrations()
        .register(change("RegisterToWorkMail"), organization, entity.value(), email);
  }

  public void addMember(EntityId group, EntityId member) {
    directory()
        .groups()
        .addMember(change("AssociateMemberToGroup"), organization, group.value(), member.value());
  }

  /// A change by the account's root, with an audit entry of its own.
  public Change change(String operation) {
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

  /// Runs what the server's scheduler would, until nothing waits.
  public void runJobs() {
    directory().outbox().runOnce();
    directory().retention().runOnce();
    directory().outbox().runOnce();
  }

  public Principal principal(EntityId user) {
    var found = directory().users().describe(organization, user.value());
    return new Principal(
        organization, user, found.mailbox().orElseThrow(), found.email().orElseThrow());
  }

  public Principal login(String name, String password) {
    return logins().login(name, password, Protocol.IMAP, localhost());
  }

  public static InetAddress localhost() {
    try {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  public Mailbox mailbox(EntityId user) {
    return mailboxes().open(principal(user).mailbox());
  }

  public TestClock clock() {
    return clock;
  }

  public Store store() {
    return store;
  }

  public OrganizationKeys keys() {
    return parts.keys;
  }

  public Mailboxes mailboxes() {
    return parts.mailboxes;
  }

  public Passwords passwords() {
    return parts.passwords;
  }

  public Directory directory() {
    return parts.directory;
  }

  public Access access() {
    return parts.access;
  }

  public Logins logins() {
    return parts.logins;
  }

  /// What logins would have slept.
  public List<Duration> slept() {
    return slept;
  }

  public AccountId account() {
    return account;
  }

  public OrganizationId organization() {
    return organization;
  }

  public EntityId anna() {
    return anna;
  }

  public EntityId bert() {
    return bert;
  }

  public EntityId carl() {
    return carl;
  }

  public EntityId team() {
    return team;
  }

  public EntityId nested() {
    return nested;
  }

  /// The directory agrees with itself; warnings are claims or hints without use.
  public StoreCheck.Result check() {
    StoreCheck.Result result = new StoreCheck(plain, List.of(new DirectoryCheck())).run();
    assertThat(result.errors()).isEmpty();
    return result;
  }

  /// What the built-in spam filter has learned, and learns from moves.
  public SpamLearning learning() {
    return parts.learning;
  }

  private void closeParts() {
    parts.learning.close();
    parts.directory.close();
    parts.passwords.close();
  }

  @Override
  public void close() {
    check();
    abandon();
  }

  /// Ends without checking: for tests that damage the store on purpose.
  public void abandon() {
    closeParts();
    store.close();
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
