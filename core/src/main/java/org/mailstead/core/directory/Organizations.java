package org.mailstead.core.directory;

import static org.mailstead.core.directory.DirectoryRefusal.DIRECTORY_IN_USE;
import static org.mailstead.core.directory.DirectoryRefusal.DIRECTORY_UNAVAILABLE;
import static org.mailstead.core.directory.DirectoryRefusal.LIMIT_EXCEEDED;
import static org.mailstead.core.directory.DirectoryRefusal.MAIL_DOMAIN_IN_USE;
import static org.mailstead.core.directory.DirectoryRefusal.NAME_AVAILABILITY;
import static org.mailstead.core.directory.DirectoryRefusal.ORGANIZATION_STATE;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.mailstead.base.Invariant;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.audit.AuditLog;
import org.mailstead.core.directory.Claims.Claim;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.OrganizationViews.View;
import org.mailstead.core.keys.CustomerKeys;
import org.mailstead.core.outbox.EffectKind;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Collection;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;

/// Creates, describes, lists and deletes organizations (ORG-1 to ORG-7).
///
/// Creation: alias and domains are claimed, the account's commit notes the organization and counts
/// it, and an effect of that commit writes the organization itself. Deletion: the organization's
/// commit sets the state, and a deferred effect ([Consequences]) does the rest.
public final class Organizations {
  private static final EffectKind PROVISION = new EffectKind(12, "make organization", false);
  static final Collection ORGANIZATIONS = new Collection(3, "organizations");
  private static final int FORMAT = 1;
  private static final int REQUEST_FORMAT = 2;

  private final Parts parts;
  private final ClientTokens tokens;
  private final IdentityProviders providers;

  /// What an account knows of an organization that it asked for.
  private record Request(
      OrganizationId id,
      AccountId account,
      String alias,
      DirectoryId directory,
      List<String> domains,
      Instant created,
      Place place) {
    static Request read(AccountId account, OrganizationId id, byte[] row) {
      var in = new ValueReader(row, REQUEST_FORMAT);
      String alias = in.text();
      var directory = new DirectoryId(in.text());
      Instant created = in.time();
      List<String> domains = new ArrayList<>();
      for (long left = in.number(); left > 0; left--) domains.add(in.text());
      // Format 1 knew only directories of our own.
      Optional<Place> place =
          in.format() < 2
              ? Optional.empty()
              : Optional.of(new Place(DirectoryKind.of(in.number()), in.flag(), in.number()));
      return new Request(id, account, alias, directory, domains, created, place.orElse(Place.OWN));
    }

    byte[] value() {
      var out =
          new ValueWriter(REQUEST_FORMAT)
              .text(alias)
              .text(directory.value())
              .time(created)
              .number(domains.size());
      domains.forEach(out::text);
      return out.number(place.kind.number())
          .flag(place.interoperability)
          .number(place.usersMax)
          .value();
    }
  }

  /// What sort of directory, and what follows from it.
  ///
  /// @param usersMax 0: the default of this installation
  private record Place(DirectoryKind kind, boolean interoperability, long usersMax) {
    static final Place OWN = new Place(DirectoryKind.OWN, false, 0);
  }

  Organizations(Parts parts, IdentityProviders providers) {
    this.parts = parts;
    this.providers = providers;
    this.tokens = new ClientTokens(parts.clock());
    parts
        .outbox()
        .handle(
            PROVISION,
            effect -> {
              var in = new ValueReader(effect.payload(), FORMAT);
              provision(new AccountId(in.text()), new OrganizationId(in.text()));
            });
  }

  /// Makes an organization with its own directory, test domain and key (ORG-2). The same client
  /// token answers with the same organization for a day. It is active when this returns, or soon
  /// after if something below failed.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER (alias, token used for another alias, key,
  ///   interoperability without a connected directory), NAME_AVAILABILITY (alias),
  ///   MAIL_DOMAIN_IN_USE (a domain), LIMIT_EXCEEDED (ORG-7), DIRECTORY_UNAVAILABLE,
  ///   DIRECTORY_IN_USE
  public Organization create(Change change, AccountId account, NewOrganization request) {
    String alias = Texts.alias(request.alias());
    Optional<ConnectedDirectory> connected = connected(account, request.directoryId());
    Place place = place(connected, request.enableInteroperability());
    List<String> domains =
        new TreeSet<>(request.domains().stream().map(Texts::domain).toList()).stream().toList();
    Optional<OrganizationId> earlier =
        tokens
            .find(parts.store(), Accounts.partition(account), "CreateOrganization", request)
            .map(OrganizationId::new);
    if (earlier.isPresent()) {
      parts.audit().record(Accounts.scope(account), change.entry());
      return load(account, earlier.get());
    }
    var id = new OrganizationId("m-" + parts.hex(32));
    List<Claim> claims = new ArrayList<>();
    try {
      DirectoryId directory =
          connected.isPresent()
              ? available(connected.get(), alias)
              : directory(account, alias, request.directoryId());
      claims.add(claim(Claims.Kind.ALIAS, EntityRows.folded(alias), account, id, alias));
      claims.add(claim(Claims.Kind.DOMAIN, testDomain(alias), account, id, alias));
      for (String domain : domains) {
        claims.add(claim(Claims.Kind.DOMAIN, domain, account, id, alias));
      }
      var wanted =
          new Request(id, account, alias, directory, domains, parts.clock().instant(), place);
      // A crash before the commit leaves a key of nobody.
      request.kmsKeyArn().ifPresent(arn -> createKey(account, id, arn));
      claims.forEach(parts.claims()::checkTimely);
      parts
          .outbox()
          .change(
              Accounts.partition(account),
              commit -> {
                Accounts.checkExists(commit);
                tokens.refuseReuse(commit, "CreateOrganization", request);
                checkCount(commit, account);
                commit.put(ORGANIZATIONS, EntityRows.utf8(id.value()), wanted.value());
                tokens.put(commit, "CreateOrganization", request, id.value());
                commit.effect(
                    PROVISION,
                    new ValueWriter(FORMAT).text(account.value()).text(id.value()).value());
                AuditLog.add(
                    commit,
                    Accounts.scope(account),
                    change.entry().answered(Map.of("organizationId", id.value())));
                return true;
              });
    } catch (RuntimeException e) {
      for (Claim claim : claims) parts.claims().abandon(claim, this::uses, e);
      // The same call, made twice at once: the other one may have taken the names.
      Optional<OrganizationId> other =
          tokens
              .find(parts.store(), Accounts.partition(account), "CreateOrganization", request)
              .map(OrganizationId::new);
      if (other.isEmpty()) throw e;
      return load(account, other.get());
    }
    return load(account, id);
  }

  /// A configured directory that this account may use; to others it does not exist.
  private Optional<ConnectedDirectory> connected(AccountId account, Optional<String> wanted) {
    return wanted
        .filter(DirectoryId::isWellFormed)
        .flatMap(id -> parts.settings().connected().find(new DirectoryId(id)))
        .filter(found -> found.account().isEmpty() || found.account().get().equals(account));
  }

  private static Place place(Optional<ConnectedDirectory> connected, boolean interoperability) {
    boolean possible =
        connected.filter(c -> c.kind() == DirectoryKind.ACTIVE_DIRECTORY).isPresent();
    if (interoperability && !possible) {
      throw Texts.invalid("Interoperability needs a connected Active Directory.");
    }
    return connected
        .map(c -> new Place(c.kind(), interoperability, c.usersMax()))
        .orElse(Place.OWN);
  }

  private DirectoryId available(ConnectedDirectory directory, String alias) {
    if (!EntityRows.folded(directory.alias()).equals(EntityRows.folded(alias))) {
      throw Texts.invalid("The alias must be the alias of the directory.");
    }
    Optional<Claim> taken = parts.claims().find(Claims.Kind.DIRECTORY, directory.id().value());
    if (taken.filter(this::uses).isPresent()) {
      throw new DirectoryRefusedException(DIRECTORY_IN_USE, "The directory is already in use.");
    }
    if (parts.settings().connected().problem(directory.id()).isPresent()) {
      throw new DirectoryRefusedException(
          DIRECTORY_UNAVAILABLE, "The directory does not answer, or refuses the service.");
    }
    return directory.id();
  }

  /// What DescribeOrganization calls DirectoryType.
  public DirectoryKind directoryKind(OrganizationId organization) {
    return parts.organizations().find(organization).map(View::kind).orElse(DirectoryKind.OWN);
  }

  /// A fresh directory, or one that a deleted organization of this account kept. Provisioning takes
  /// it; until then the claim on the alias, which is the directory's too, keeps others away.
  private DirectoryId directory(AccountId account, String alias, Optional<String> wanted) {
    if (wanted.isEmpty()) return freshDirectory();
    Optional<Claim> kept = parts.claims().find(Claims.Kind.DIRECTORY, wanted.get());
    if (kept.isEmpty() || !kept.get().scope().equals(account.value())) {
      throw new DirectoryRefusedException(DIRECTORY_UNAVAILABLE, "The directory is not available.");
    }
    Optional<View> last = parts.organizations().find(new OrganizationId(kept.get().owner()));
    if (last.isEmpty() || last.get().organization().state() != OrganizationState.DELETED) {
      throw new DirectoryRefusedException(DIRECTORY_IN_USE, "The directory is already in use.");
    }
    if (!EntityRows.folded(last.get().organization().alias()).equals(EntityRows.folded(alias))) {
      throw Texts.invalid("The alias must be the alias of the directory.");
    }
    return last.get().directory();
  }

  private DirectoryId freshDirectory() {
    while (true) {
      var fresh = new DirectoryId("d-" + parts.hex(10));
      if (parts.settings().connected().find(fresh).isPresent()) continue;
      if (parts.claims().find(Claims.Kind.DIRECTORY, fresh.value()).isEmpty()) return fresh;
    }
  }

  private Claim claim(
      Claims.Kind kind, String name, AccountId account, OrganizationId id, String alias) {
    return parts
        .claims()
        .take(kind, name, account.value(), id.value(), this::uses)
        .orElseThrow(() ->
            kind == Claims.Kind.DOMAIN && !name.equals(testDomain(alias))
                ? new DirectoryRefusedException(
                    MAIL_DOMAIN_IN_USE, "The domain " + name + " is already in use.")
                : new DirectoryRefusedException(NAME_AVAILABILITY, "The alias is already in use."));
  }

  private String testDomain(String alias) {
    return EntityRows.folded(alias) + "." + parts.settings().testDomainSuffix();
  }

  /// Whether the claimer of an alias, domain or directory has it.
  boolean uses(Claim claim) {
    var id = new OrganizationId(claim.owner());
    Optional<View> view = parts.organizations().find(id);
    if (view.isPresent()) {
      boolean living = view.get().organization().state() != OrganizationState.DELETED;
      return switch (claim.kind()) {
        case DOMAIN -> living && view.get().domains().containsKey(claim.name());
        case ALIAS -> living;
        // A directory that was kept stays with its last organization.
        case DIRECTORY -> view.get().directory().value().equals(claim.name());
        case ADDRESS, NAME, ACCESS_KEY -> false;
      };
    }
    return isRequested(new AccountId(claim.scope()), id);
  }

  /// ORG-6. Its context names the organization by the ARN of this moment for ever.
  private void createKey(AccountId account, OrganizationId id, String keyArn) {
    String arn =
        "arn:aws:workmail:%s:%s:organization/%s".formatted(parts.settings().region(), account, id);
    try {
      parts.keys().create(id, new CustomerKeys.Use(keyArn, arn));
    } catch (RefusedException e) {
      throw Texts.invalid(e.publicText());
    }
  }

  private boolean isRequested(AccountId account, OrganizationId id) {
    return request(account, id).isPresent();
  }

  private Optional<Request> request(AccountId account, OrganizationId id) {
    return parts
        .store()
        .get(Accounts.partition(account), ORGANIZATIONS, EntityRows.utf8(id.value()))
        .map(row -> Request.read(account, id, row));
  }

  /// ORG-7. Deleted organizations do not count.
  private void checkCount(PartitionChange commit, AccountId account) {
    int count = 0;
    Optional<Range> next = Optional.of(Range.all());
    while (next.isPresent()) {
      Page page = commit.range(ORGANIZATIONS, next.get(), 500);
      for (Row row : page.rows()) {
        if (state(account, organizationId(row.key())) != OrganizationState.DELETED) count++;
      }
      next = page.next();
    }
    if (count >= parts.limits().organizationsPerAccount()) {
      throw new DirectoryRefusedException(
          LIMIT_EXCEEDED, "You have reached the maximum number of organizations you can create");
    }
  }

  private OrganizationState state(AccountId account, OrganizationId id) {
    return parts
        .organizations()
        .find(id)
        .filter(view -> view.organization().account().equals(account))
        .map(view -> view.organization().state())
        .orElse(OrganizationState.CREATING);
  }

  private static OrganizationId organizationId(byte[] key) {
    return new OrganizationId(new String(key, java.nio.charset.StandardCharsets.UTF_8));
  }

  private void provision(AccountId account, OrganizationId id) {
    Request request =
        request(account, id)
            .orElseThrow(() -> new IllegalStateException("organization was not requested"));
    takeDirectory(request);
    parts.keys().seal(id, new byte[0]); // Makes its key.
    parts
        .outbox()
        .change(
            OrganizationViews.partition(id),
            commit -> {
              if (OrganizationViews.isPresent(commit)) return false;
              if (request.place.kind.isConnected()) {
                OrganizationViews.writeKind(commit, request.place.kind);
              }
              Instant now = parts.clock().instant();
              OrganizationViews.write(commit, made(request, now));
              OrganizationViews.writeDomain(commit, testDomain(request.alias), true, now);
              for (String domain : request.domains) {
                OrganizationViews.writeDomain(commit, domain, false, now);
              }
              return true;
            });
  }

  private void takeDirectory(Request request) {
    String name = request.directory.value();
    Optional<Claim> held = parts.claims().find(Claims.Kind.DIRECTORY, name);
    boolean taken =
        held.isEmpty()
            ? parts
                .claims()
                .take(
                    Claims.Kind.DIRECTORY,
                    name,
                    request.account.value(),
                    request.id.value(),
                    this::uses)
                .isPresent()
            : held.get().owner().equals(request.id.value())
                || parts.claims().handOver(held.get(), request.account.value(), request.id.value());
    Invariant.check(taken, "a directory was taken twice");
  }

  private Organization made(Request request, Instant now) {
    return new Organization(
        request.id,
        request.account,
        request.alias,
        OrganizationState.ACTIVE,
        request.directory,
        testDomain(request.alias),
        testDomain(request.alias),
        Optional.of(now),
        Optional.empty(),
        Optional.empty(),
        request.place.interoperability,
        request.place.usersMax == 0
            ? parts.limits().usersPerOrganization()
            : request.place.usersMax);
  }

  /// The organization in whatever state, deleted included; the check that it is the account's.
  ///
  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND: unknown or another account's
  public Organization load(AccountId account, OrganizationId organization) {
    Optional<View> view = parts.organizations().find(organization);
    if (view.isPresent()) {
      if (!view.get().organization().account().equals(account)) {
        throw OrganizationViews.notFound();
      }
      return view.get().organization();
    }
    return request(account, organization)
        .map(this::creating)
        .orElseThrow(OrganizationViews::notFound);
  }

  private Organization creating(Request request) {
    Organization made = made(request, request.created);
    return made.inState(OrganizationState.CREATING);
  }

  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND
  public Organization load(OrganizationId organization) {
    return parts.organizations().load(organization).organization();
  }

  /// The account's organizations in order of id; deleted ones too, for they are still described.
  public Listing<Organization> list(AccountId account, PageRequest page) {
    byte[] after = Tokens.decode(page.token(), "organizations");
    Page rows =
        parts
            .store()
            .range(
                Accounts.partition(account), ORGANIZATIONS, Range.from(after), page.countMax() + 1);
    List<Organization> found = new ArrayList<>();
    for (Row row : rows.rows()) {
      if (found.size() == page.countMax()) {
        byte[] last = EntityRows.utf8(found.getLast().id().value());
        return new Listing<>(found, Optional.of(Tokens.after("organizations", last)));
      }
      found.add(load(account, organizationId(row.key())));
    }
    return new Listing<>(found, Optional.empty());
  }

  /// Starts the deletion: nobody can log in or get mail any more, the organization's keys are
  /// destroyed first, then mailboxes, addresses and domains go. Done again, it answers the state.
  ///
  /// @param deleteDirectory false keeps users and groups, disabled, in the directory, from which
  ///   CreateOrganization can make a new organization
  /// @param force also with enabled users
  /// @return in state DELETING or DELETED
  /// @throws DirectoryRefusedException ORGANIZATION_STATE (enabled users without `force`)
  public Organization delete(
      Change change, OrganizationId organization, boolean deleteDirectory, boolean force) {
    return delete(change, organization, deleteDirectory, force, false);
  }

  /// @param deleteApplication also the Identity Center application that it uses
  /// @see #delete(Change, OrganizationId, boolean, boolean)
  public Organization delete(
      Change change,
      OrganizationId organization,
      boolean deleteDirectory,
      boolean force,
      boolean deleteApplication) {
    View view = parts.organizations().load(organization);
    return parts
        .organizations()
        .exclusively(
            organization,
            () -> {
              switch (view.organization().state()) {
                case DELETING, DELETED -> {
                  parts.auditUnchanged(organization, change);
                  return load(organization);
                }
                case REQUESTED, CREATING, VALIDATING ->
                    throw new UnavailableException(
                        "the organization is being made", Duration.ofSeconds(5));
                case ACTIVE, IMPAIRED, INACTIVE, FAILED -> {}
              }
              if (!force && parts.entities().count(view.directory()).enabledUsers() > 0) {
                throw new DirectoryRefusedException(
                    ORGANIZATION_STATE,
                    "The organization has enabled users; ForceDelete deletes it nevertheless.");
              }
              Optional<String> application =
                  deleteApplication
                      ? providers.find(organization).map(IdentityProvider::applicationArn)
                      : Optional.empty();
              return startDeletion(change, organization, deleteDirectory, application);
            });
  }

  /// Sets how many users may exist in the organization (LIM-4); fewer than there are only keeps new
  /// ones out.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER (1 to the ceiling of its directory)
  public void updateUsersMax(Change change, OrganizationId organization, long usersMax) {
    parts.organizations().serving(organization);
    if (usersMax < 1 || usersMax > DirectoryLimits.USERS_MAX) {
      throw Texts.invalid(
          "An organization has 1 to " + DirectoryLimits.USERS_MAX + " users at the most.");
    }
    parts
        .outbox()
        .change(
            OrganizationViews.partition(organization),
            commit -> {
              Organization now = OrganizationViews.read(commit, organization);
              OrganizationViews.write(commit, now.withUsersMax(usersMax));
              Parts.audit(commit, organization, change, Map.of());
              return true;
            });
  }

  private Organization startDeletion(
      Change change,
      OrganizationId organization,
      boolean deleteDirectory,
      Optional<String> application) {
    PartitionId partition = OrganizationViews.partition(organization);
    return parts
        .outbox()
        .change(
            partition,
            commit -> {
              Organization now = OrganizationViews.read(commit, organization);
              switch (now.state()) {
                case DELETING, DELETED -> {
                  return now;
                }
                case REQUESTED, CREATING, VALIDATING, ACTIVE, IMPAIRED, INACTIVE, FAILED -> {}
              }
              Organization deleting = now.inState(OrganizationState.DELETING);
              OrganizationViews.write(commit, deleting);
              // Of a connected directory only copies are here: they go in any case.
              boolean copiesOnly =
                  OrganizationViews.kind(parts.store(), organization).isConnected();
              Consequences.start(commit, organization, deleteDirectory || copiesOnly, application);
              Parts.audit(
                  commit,
                  organization,
                  change,
                  Map.of("organizationId", organization.value(), "state", deleting.state().text()));
              return deleting;
            });
  }
}
