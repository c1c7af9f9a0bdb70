package org.mailstead.core.directory;

import static org.mailstead.core.directory.DirectoryRefusal.LIMIT_EXCEEDED;
import static org.mailstead.core.directory.DirectoryRefusal.MAIL_DOMAIN_IN_USE;
import static org.mailstead.core.directory.DirectoryRefusal.MAIL_DOMAIN_NOT_FOUND;
import static org.mailstead.core.directory.DirectoryRefusal.MAIL_DOMAIN_STATE;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Claims.Claim;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.OrganizationViews.View;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.store.PartitionId;

/// Domains of organizations (DOM-4). A domain belongs to one organization only. It is verified when
/// it is the test domain, when the operator's settings list it, or when [#verified] says so.
public final class MailDomains {
  private static final String OPERATION = "RegisterMailDomain";
  private static final String ORGANIZATIONS = "org/";
  private static final int PAGE_ROWS = 200;

  private final Parts parts;
  private final Predicate<Claim> uses;
  private final ClientTokens tokens;

  MailDomains(Parts parts, Predicate<Claim> uses) {
    this.parts = parts;
    this.uses = uses;
    this.tokens = new ClientTokens(parts.clock());
  }

  /// @throws DirectoryRefusedException INVALID_PARAMETER, MAIL_DOMAIN_IN_USE (here or in another
  ///   organization, unless the client token repeats an earlier success), LIMIT_EXCEEDED (1,000)
  public void register(
      Change change, OrganizationId organization, String domain, Optional<String> clientToken) {
    String name = Texts.domain(domain);
    View view = parts.organizations().serving(organization);
    if (clientToken.isPresent()
        && tokens
            .find(
                parts.store(),
                OrganizationViews.partition(organization),
                OPERATION,
                clientToken.get(),
                name)
            .isPresent()) {
      parts.auditUnchanged(organization, change);
      return;
    }
    if (view.domains().containsKey(name)) throw inUse(name);
    Claim claim =
        parts
            .claims()
            .take(
                Claims.Kind.DOMAIN,
                name,
                view.organization().account().value(),
                organization.value(),
                uses)
            .orElseThrow(() -> inUse(name));
    try {
      parts
          .organizations()
          .exclusively(
              organization,
              () ->
                  parts
                      .outbox()
                      .change(
                          OrganizationViews.partition(organization),
                          commit -> {
                            checkServing(commit, organization);
                            parts.claims().checkTimely(claim);
                            if (isRegistered(commit, name)) throw inUse(name);
                            checkCount(commit);
                            OrganizationViews.writeDomain(
                                commit, name, false, parts.clock().instant());
                            clientToken.ifPresent(
                                token -> tokens.put(commit, OPERATION, token, name, name));
                            Parts.audit(commit, organization, change, Map.of());
                            return true;
                          }));
    } catch (RuntimeException e) {
      parts.claims().abandon(claim, uses, e);
      throw e;
    }
  }

  private static DirectoryRefusedException inUse(String name) {
    return new DirectoryRefusedException(
        MAIL_DOMAIN_IN_USE, "The domain " + name + " is already in use.");
  }

  private static void checkServing(PartitionChange commit, OrganizationId organization) {
    Organization now = OrganizationViews.read(commit, organization);
    if (now.state() != OrganizationState.ACTIVE && now.state() != OrganizationState.IMPAIRED) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.ORGANIZATION_STATE,
          "The organization is in state " + now.state().text() + ".");
    }
  }

  private static boolean isRegistered(PartitionChange commit, String name) {
    return commit.get(OrganizationViews.DOMAINS, EntityRows.utf8(name)).isPresent();
  }

  private void checkCount(PartitionChange commit) {
    int limit = parts.limits().domainsPerOrganization();
    int count =
        commit
            .range(OrganizationViews.DOMAINS, org.mailstead.store.Range.all(), limit)
            .rows()
            .size();
    if (count >= limit) {
      throw new DirectoryRefusedException(
          LIMIT_EXCEEDED, "The organization has " + limit + " domains already.");
    }
  }

  /// Removes a domain; harmless when it is not registered.
  ///
  /// @throws DirectoryRefusedException MAIL_DOMAIN_IN_USE (an address uses it, or it is the
  ///   default), INVALID_PARAMETER (the test domain)
  public void deregister(Change change, OrganizationId organization, String domain) {
    String name = Texts.domain(domain);
    View view = parts.organizations().serving(organization);
    if (name.equals(view.organization().testDomain())) {
      throw Texts.invalid("The test domain cannot be removed.");
    }
    boolean removed =
        parts
            .organizations()
            .exclusively(organization, () -> remove(change, organization, view, name));
    if (!removed) parts.auditUnchanged(organization, change);
  }

  private boolean remove(Change change, OrganizationId organization, View view, String name) {
    if (parts.entities().isDomainUsed(view.directory(), name)) {
      throw new DirectoryRefusedException(
          MAIL_DOMAIN_IN_USE, "Addresses of users or groups use the domain " + name + ".");
    }
    Optional<Claim> claim = parts.claims().find(Claims.Kind.DOMAIN, name);
    return parts
        .outbox()
        .change(
            OrganizationViews.partition(organization),
            commit -> {
              checkServing(commit, organization);
              if (!isRegistered(commit, name)) return false;
              if (OrganizationViews.read(commit, organization).defaultMailDomain().equals(name)) {
                throw new DirectoryRefusedException(
                    MAIL_DOMAIN_IN_USE, "The domain " + name + " is the default domain.");
              }
              commit.delete(OrganizationViews.DOMAINS, EntityRows.utf8(name));
              OrganizationRecords.delete(commit, OrganizationRecords.Kind.MAIL_DOMAIN_CHECK, name);
              OrganizationRecords.delete(commit, OrganizationRecords.Kind.INSERTED_RECORDS, name);
              OrganizationRecords.delete(commit, OrganizationRecords.Kind.TRANSPORT_POLICY, name);
              claim
                  .filter(held -> held.owner().equals(organization.value()))
                  .ifPresent(held -> Claims.release(commit, held));
              Parts.audit(commit, organization, change, Map.of());
              return true;
            });
  }

  /// @throws DirectoryRefusedException MAIL_DOMAIN_NOT_FOUND
  public MailDomain load(OrganizationId organization, String domain) {
    return load(parts.organizations().serving(organization), Texts.domain(domain));
  }

  private static MailDomain load(View view, String name) {
    MailDomain found = view.domains().get(name);
    if (found == null) {
      throw new DirectoryRefusedException(
          MAIL_DOMAIN_NOT_FOUND, "The domain " + name + " is not registered.");
    }
    return found;
  }

  /// A domain that addresses may use.
  static MailDomain loadVerified(View view, String name) {
    MailDomain found = load(view, name);
    if (!found.verified()) {
      throw new DirectoryRefusedException(
          MAIL_DOMAIN_STATE, "The domain " + name + " is not verified.");
    }
    return found;
  }

  /// In order of name.
  public Listing<MailDomain> list(OrganizationId organization, PageRequest page) {
    View view = parts.organizations().serving(organization);
    String last =
        page.token()
            .map(token -> Tokens.last(token, "domains"))
            .map(octets -> new String(octets, java.nio.charset.StandardCharsets.UTF_8))
            .orElse("");
    List<MailDomain> found = new ArrayList<>();
    for (MailDomain domain : view.domains().values()) {
      if (domain.name().compareTo(last) <= 0) continue;
      if (found.size() == page.countMax()) {
        byte[] key = EntityRows.utf8(found.getLast().name());
        return new Listing<>(found, Optional.of(Tokens.after("domains", key)));
      }
      found.add(domain);
    }
    return new Listing<>(found, Optional.empty());
  }

  /// @throws DirectoryRefusedException MAIL_DOMAIN_NOT_FOUND, MAIL_DOMAIN_STATE (not verified)
  public void updateDefault(Change change, OrganizationId organization, String domain) {
    String name = Texts.domain(domain);
    parts
        .organizations()
        .exclusively(
            organization,
            () -> {
              loadVerified(parts.organizations().serving(organization), name);
              return parts
                  .outbox()
                  .change(
                      OrganizationViews.partition(organization),
                      commit -> {
                        checkServing(commit, organization);
                        Organization now = OrganizationViews.read(commit, organization);
                        OrganizationViews.write(commit, now.withDefaultMailDomain(name));
                        Parts.audit(commit, organization, change, Map.of());
                        return true;
                      });
            });
  }

  /// Records what the DNS check found.
  ///
  /// @throws DirectoryRefusedException MAIL_DOMAIN_NOT_FOUND
  public void verified(
      Change change, OrganizationId organization, String domain, boolean verified) {
    String name = Texts.domain(domain);
    parts
        .organizations()
        .exclusively(
            organization,
            () -> {
              MailDomain now = load(parts.organizations().serving(organization), name);
              return parts
                  .outbox()
                  .change(
                      OrganizationViews.partition(organization),
                      commit -> {
                        OrganizationViews.writeDomain(commit, name, verified, now.registered());
                        Parts.audit(commit, organization, change, Map.of());
                        return true;
                      });
            });
  }

  /// The same for a check that nobody asked for, or whose request is recorded already; writes
  /// nothing if it is known. A domain that went meanwhile stays gone.
  ///
  /// @return whether the domain changed
  public boolean checked(OrganizationId organization, String domain, boolean verified) {
    String name = Texts.domain(domain);
    return parts
        .organizations()
        .exclusively(
            organization,
            () ->
                parts
                    .outbox()
                    .change(
                        OrganizationViews.partition(organization),
                        commit -> OrganizationViews.verify(commit, name, verified)));
  }

  /// A domain and whose it is.
  public record Owned(OrganizationId organization, MailDomain domain) {}

  /// Whose domain it is, among organizations that serve; test domains included.
  public Optional<Owned> findOwner(String domain) {
    String name = domain.toLowerCase(java.util.Locale.ROOT);
    return parts
        .claims()
        .find(Claims.Kind.DOMAIN, name)
        .map(claim -> new OrganizationId(claim.owner()))
        .flatMap(id ->
            parts
                .organizations()
                .find(id)
                .filter(View::isServing)
                .map(view -> view.domains().get(name))
                .map(found -> new Owned(id, found)));
  }

  /// The domains of all organizations that serve, test domains left out.
  public List<Owned> everywhere() {
    List<Owned> found = new ArrayList<>();
    Optional<PartitionId> after = Optional.empty();
    while (true) {
      List<PartitionId> page = parts.store().partitions(ORGANIZATIONS, after, PAGE_ROWS);
      for (PartitionId partition : page) {
        var id = new OrganizationId(partition.value().substring(ORGANIZATIONS.length()));
        parts.organizations().find(id).filter(View::isServing).stream()
            .flatMap(view -> view.domains().values().stream())
            .filter(domain -> !domain.testDomain())
            .forEach(domain -> found.add(new Owned(id, domain)));
      }
      if (page.size() < PAGE_ROWS) return found;
      after = Optional.of(page.getLast());
    }
  }
}
