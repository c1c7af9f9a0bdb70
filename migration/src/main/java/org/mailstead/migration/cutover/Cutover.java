package org.mailstead.migration.cutover;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.migration.directory.Inventory;
import org.mailstead.migration.directory.TargetDirectory;
import org.mailstead.migration.imap.Arrivals;
import org.mailstead.migration.item.Source;
import org.mailstead.migration.plan.CutoverSettings;
import org.mailstead.migration.plan.EndSettings;
import org.mailstead.migration.plan.MailboxEntry;
import org.mailstead.migration.plan.MigrationSettings;
import org.mailstead.migration.plan.SettingsFault;
import org.mailstead.migration.run.Ends;

/// Answers whether mail may be switched over to the target now, and after that whether the old
/// service may go. Changes nothing but the test mail, which it removes again.
public final class Cutover {
  private static final int INVENTORY_DAYS_MAX = 7;
  private static final int SPOOL_MEMORY_BYTES = 1 << 20;

  /// What a check may be told besides the settings.
  ///
  /// @param isAfter after the switch
  /// @param switched when it was, if it should not be taken from what earlier checks saw
  /// @param testMail whether any is sent
  public record Options(boolean isAfter, Optional<Instant> switched, boolean testMail) {}

  /// What the checks look through.
  ///
  /// @param directory empty if the target has no API that we speak
  public record Doors(
      DomainRecords records, TestMailSender sender, Optional<TargetDirectory> directory) {}

  private final MigrationSettings settings;
  private final Options options;
  private final Doors doors;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final EndSettings.Imap target;
  private final List<Finding> findings = new ArrayList<>();

  /// @throws SettingsFault the target is no mail server
  public Cutover(
      MigrationSettings settings,
      Options options,
      Doors doors,
      InstantSource clock,
      RandomGenerator random) {
    this.settings = settings;
    this.options = options;
    this.doors = doors;
    this.clock = clock;
    this.random = random;
    if (!(settings.target() instanceof EndSettings.Imap imap)) {
      throw new SettingsFault("the target takes no mail: there is nothing to switch over");
    }
    this.target = imap;
  }

  public CutoverReport check() throws IOException {
    Instant now = clock.instant();
    CutoverJournal journal = CutoverJournal.open(settings.work());
    Optional<Inventory> whole = inventory(now);
    Optional<Inventory> there =
        doors.directory().isPresent()
            ? Optional.of(doors.directory().get().take(now))
            : Optional.empty();
    Set<String> domains = domains(whole);
    Optional<Inventory> inventory = whole.map(all -> SwitchedAddresses.of(all, domains));
    Optional<Instant> switched = domains(domains, journal, now);
    directory(inventory, there);
    MailboxCheck mailboxes = new MailboxCheck(settings, options.isAfter(), now);
    findings.addAll(mailboxes.check());
    if (whole.isPresent()) findings.addAll(mailboxes.forgotten(whole.get()));
    ContentSpool spool = spool();
    if (options.isAfter()) after(domains, there, switched, spool, now);
    testMail(inventory, journal, spool);
    journal.write();
    return new CutoverReport(now, options.isAfter(), findings);
  }

  private ContentSpool spool() throws IOException {
    Path folder = settings.work().resolve("spool").resolve("cutover");
    Files.createDirectories(folder);
    return new ContentSpool(folder, SPOOL_MEMORY_BYTES);
  }

  private Optional<Inventory> inventory(Instant now) throws IOException {
    Optional<Path> file = settings.cutover().inventory();
    if (file.isEmpty()) {
      findings.add(
          Finding.warning(
              "inventory",
              "there is none: aliases, groups and forgotten users cannot be checked",
              "mailstead migrate inventory, and [cutover] inventory = \"inventory.json\""));
      return Optional.empty();
    }
    Inventory inventory = Inventory.read(file.get());
    inventory
        .problems()
        .forEach(text -> findings.add(Finding.warning("inventory", "could not be read: " + text)));
    long days = Duration.between(Instant.parse(inventory.at()), now).toDays();
    findings.add(
        days > INVENTORY_DAYS_MAX
            ? Finding.warning(
                "inventory",
                "%s is %d days old: users and aliases since then are not in it"
                    .formatted(file.get().getFileName(), days),
                "mailstead migrate inventory")
            : Finding.ok("inventory", "taken " + inventory.at()));
    return Optional.of(inventory);
  }

  private Set<String> domains(Optional<Inventory> inventory) {
    Set<String> domains = new TreeSet<>();
    for (String each : settings.cutover().domains()) domains.add(each.toLowerCase(Locale.ROOT));
    if (!domains.isEmpty()) return domains;
    for (MailboxEntry each : settings.mailboxes()) addDomain(each.target(), domains);
    if (inventory.isPresent()) {
      for (Addresses each : Addresses.of(inventory, settings.mailboxes())) {
        addDomain(each.address(), domains);
      }
    }
    // WorkMail's test domains stay where they are.
    domains.removeIf(each -> each.endsWith(".awsapps.com"));
    if (domains.isEmpty()) {
      throw new SettingsFault("no domain is known: say [cutover] domains = [\"…\"]");
    }
    return domains;
  }

  private static void addDomain(String address, Set<String> domains) {
    if (address.contains("@")) domains.add(HeaderText.domain(address).toLowerCase(Locale.ROOT));
  }

  /// @return since when all domains go to the target
  private Optional<Instant> domains(Set<String> domains, CutoverJournal journal, Instant now)
      throws IOException {
    DomainCheck check =
        new DomainCheck(
            doors.records(), journal, settings.cutover().mxTtlMax(), options.isAfter(), now);
    List<Instant> since = new ArrayList<>();
    for (String domain : domains) {
      DomainNeeds needs =
          DomainNeeds.of(domain, settings.cutover(), target.server().provider(), doors.directory());
      check.check(domain, needs, findings).ifPresent(since::add);
    }
    if (options.switched().isPresent()) return options.switched();
    return since.size() == domains.size()
        ? since.stream().max(Instant::compareTo)
        : Optional.empty();
  }

  private void directory(Optional<Inventory> inventory, Optional<Inventory> there) {
    if (inventory.isEmpty()) return;
    if (there.isEmpty()) {
      findings.add(
          Finding.warning(
              "directory",
              "the target's directory is not asked: only test mail shows what is there",
              "Where the target has the WorkMail API: --organization-id, --endpoint-url"));
      return;
    }
    findings.addAll(new DirectoryCheck(there.get()).check(inventory.get()));
  }

  private void testMail(Optional<Inventory> inventory, CutoverJournal journal, ContentSpool spool)
      throws IOException {
    Optional<CutoverSettings.TestMail> mail = settings.cutover().testMail();
    if (!options.testMail() || mail.isEmpty()) {
      findings.add(
          Finding.warning(
              "test mail",
              "none was sent",
              mail.isEmpty()
                  ? "Say how: [cutover] smtp-host and from"
                  : "Leave --no-test-mail out"));
      return;
    }
    TestMail check =
        new TestMail(
            doors.sender(),
            mail.get(),
            mailbox -> arrivals(mailbox, spool),
            journal,
            clock,
            random,
            Thread::sleep);
    findings.addAll(
        check.check(Addresses.of(inventory, settings.mailboxes()), settings.mailboxes()));
  }

  private Arrivals arrivals(MailboxEntry mailbox, ContentSpool spool) {
    return new Arrivals(
        target.server(),
        Ends.login(target, mailbox.target(), mailbox.targetPassword(), "target"),
        spool);
  }

  private void after(
      Set<String> domains,
      Optional<Inventory> there,
      Optional<Instant> switched,
      ContentSpool spool,
      Instant now)
      throws IOException {
    findings.add(AfterSwitch.week(switched, now));
    if (switched.isEmpty()) return;
    // Without a directory nothing is said to be missing that may be there.
    Optional<DirectoryCheck> directory = there.map(DirectoryCheck::new);
    LateMail late = new LateMail(settings, domains, directory, switched.get(), now);
    for (MailboxEntry mailbox : settings.mailboxes()) {
      try (Source source = Ends.source(settings.source(), mailbox, spool)) {
        findings.addAll(late.check(mailbox, source));
      } catch (IOException | RefusedException | UnavailableException e) {
        findings.add(
            Finding.noGo(
                "late mail of " + mailbox.name(),
                "the old service cannot be looked into: " + e.getMessage()));
      }
      try (Arrivals arrivals = arrivals(mailbox, spool)) {
        findings.addAll(
            AfterSwitch.arrived(
                mailbox,
                arrivals,
                domains,
                directory,
                settings.cutover().oldHosts(),
                switched.get()));
      } catch (IOException | RefusedException | UnavailableException e) {
        findings.add(
            Finding.noGo(
                "mailbox " + mailbox.target(), "cannot be looked into: " + e.getMessage()));
      }
    }
  }
}
