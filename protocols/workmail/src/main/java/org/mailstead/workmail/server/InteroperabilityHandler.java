package org.mailstead.workmail.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryProblem;
import org.mailstead.core.directory.DirectorySynchronizer;
import org.mailstead.core.directory.EntityFilter;
import org.mailstead.core.directory.EntityState;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.MailDomain;
import org.mailstead.core.policy.AvailabilityConfiguration;
import org.mailstead.core.policy.AvailabilityConfigurations;
import org.mailstead.workmail.wire.shapes.InteroperabilityCheck;
import org.mailstead.workmail.wire.shapes.TestInteroperabilityRequest;
import org.mailstead.workmail.wire.shapes.TestInteroperabilityResponse;

/// What interoperability with Microsoft Exchange needs (XCH-7; WorkMail guide, Interoperability
/// between WorkMail and Microsoft Exchange), each failure by name. Nothing is changed.
final class InteroperabilityHandler {
  /// Names in one detail text.
  private static final int NAMES_MAX = 10;

  /// Providers that are called; each may take the whole timeout.
  private static final int PROVIDERS_MAX = 10;

  private final Directory directory;
  private final DirectorySynchronizer synchronizer;
  private final AvailabilityConfigurations configurations;
  private final AvailabilityProbe probe;

  InteroperabilityHandler(
      Directory directory,
      DirectorySynchronizer synchronizer,
      AvailabilityConfigurations configurations,
      AvailabilityProbe probe) {
    this.directory = directory;
    this.synchronizer = synchronizer;
    this.configurations = configurations;
    this.probe = probe;
  }

  TestInteroperabilityResponse test(Call call, TestInteroperabilityRequest request) {
    var organization = new OrganizationId(request.organizationId());
    List<InteroperabilityCheck> checks = new ArrayList<>();
    checks.add(check("EnabledUser", enabledUser(organization)));
    checks.add(check("DirectoryConnected", directoryConnected(call, organization)));
    checks.add(check("DomainsVerified", domainsVerified(organization)));
    checks.add(check("UserPrincipalNames", principalNames(organization)));
    checks.addAll(endpoints(organization));
    return TestInteroperabilityResponse.builder()
        .passed(checks.stream().allMatch(one -> one.passed().orElse(false)))
        .checks(checks)
        .build();
  }

  private static InteroperabilityCheck check(String name, Optional<String> failure) {
    return InteroperabilityCheck.builder()
        .name(name)
        .passed(failure.isEmpty())
        .detail(failure)
        .build();
  }

  private Optional<String> enabledUser(OrganizationId organization) {
    var enabled =
        directory
            .users()
            .list(
                organization,
                new EntityFilter.StateIs(EntityState.ENABLED),
                new PageRequest(1, Optional.empty()));
    // A page may be empty although more follow.
    boolean isThere = !enabled.items().isEmpty() || enabled.nextToken().isPresent();
    return isThere ? Optional.empty() : Optional.of("No user is enabled.");
  }

  private Optional<String> directoryConnected(Call call, OrganizationId organization) {
    if (!directory.imports().isConnected(organization)) {
      return Optional.of("The organization is not on a connected directory.");
    }
    var found = directory.organizations().load(call.account(), organization);
    return directory.connected().problem(found.directory()).map(DirectoryProblem::text);
  }

  private Optional<String> domainsVerified(OrganizationId organization) {
    List<String> open = new ArrayList<>();
    boolean isThere = false;
    Optional<String> token = Optional.empty();
    do {
      var page =
          directory.domains().list(organization, new PageRequest(PageRequest.COUNT_MAX, token));
      for (MailDomain domain : page.items()) {
        if (domain.testDomain()) continue;
        isThere = true;
        if (!domain.verified() && open.size() < NAMES_MAX) open.add(domain.name());
      }
      token = page.nextToken();
    } while (token.isPresent());
    if (!isThere) return Optional.of("The organization has no domain besides its test domain.");
    return open.isEmpty()
        ? Optional.empty()
        : Optional.of("Not verified: " + String.join(", ", open) + ".");
  }

  private Optional<String> principalNames(OrganizationId organization) {
    if (!directory.imports().isConnected(organization)) {
      return Optional.of("The organization is not on a connected directory.");
    }
    try {
      List<String> others = synchronizer.otherPrincipalNames(organization, NAMES_MAX);
      return others.isEmpty()
          ? Optional.empty()
          : Optional.of(
              "The user principal name is not the primary address of: "
                  + String.join(", ", others)
                  + ".");
    } catch (UnavailableException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /// A call of each EWS endpoint that is configured: port, certificate, Basic authentication and
  /// the answer.
  private List<InteroperabilityCheck> endpoints(OrganizationId organization) {
    List<InteroperabilityCheck> checks = new ArrayList<>();
    var page = configurations.list(organization, new PageRequest(PROVIDERS_MAX, Optional.empty()));
    for (AvailabilityConfiguration found : page.items()) {
      switch (found.provider()) {
        case AvailabilityConfiguration.Ews ews -> {
          Optional<String> failure = probe.failure(organization, ews, Optional.of(found.domain()));
          checks.add(check("EwsEndpoint " + found.domain(), failure));
        }
        case AvailabilityConfiguration.Lambda _ -> {}
      }
    }
    if (checks.isEmpty()) {
      checks.add(
          check(
              "EwsEndpoint",
              Optional.of("No availability configuration names an EWS endpoint of Exchange.")));
    }
    return checks;
  }
}
