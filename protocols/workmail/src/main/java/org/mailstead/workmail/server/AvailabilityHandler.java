package org.mailstead.workmail.server;

import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.policy.AvailabilityConfiguration.Ews;
import org.mailstead.core.policy.AvailabilityConfiguration.Lambda;
import org.mailstead.core.policy.AvailabilityConfigurations;
import org.mailstead.workmail.wire.shapes.AvailabilityConfiguration;
import org.mailstead.workmail.wire.shapes.AvailabilityProviderType;
import org.mailstead.workmail.wire.shapes.CreateAvailabilityConfigurationRequest;
import org.mailstead.workmail.wire.shapes.CreateAvailabilityConfigurationResponse;
import org.mailstead.workmail.wire.shapes.DeleteAvailabilityConfigurationRequest;
import org.mailstead.workmail.wire.shapes.DeleteAvailabilityConfigurationResponse;
import org.mailstead.workmail.wire.shapes.EwsAvailabilityProvider;
import org.mailstead.workmail.wire.shapes.LambdaAvailabilityProvider;
import org.mailstead.workmail.wire.shapes.ListAvailabilityConfigurationsRequest;
import org.mailstead.workmail.wire.shapes.ListAvailabilityConfigurationsResponse;
import org.mailstead.workmail.wire.shapes.RedactedEwsAvailabilityProvider;
import org.mailstead.workmail.wire.shapes.TestAvailabilityConfigurationRequest;
import org.mailstead.workmail.wire.shapes.TestAvailabilityConfigurationResponse;
import org.mailstead.workmail.wire.shapes.UpdateAvailabilityConfigurationRequest;
import org.mailstead.workmail.wire.shapes.UpdateAvailabilityConfigurationResponse;

/// Availability configurations (XCH-2).
final class AvailabilityHandler {
  private final AvailabilityConfigurations configurations;
  private final AvailabilityProbe probe;
  private final Directory directory;
  private final PageTokens tokens;

  AvailabilityHandler(
      AvailabilityConfigurations configurations,
      AvailabilityProbe probe,
      Directory directory,
      PageTokens tokens) {
    this.configurations = configurations;
    this.probe = probe;
    this.directory = directory;
    this.tokens = tokens;
  }

  CreateAvailabilityConfigurationResponse create(
      Call call, CreateAvailabilityConfigurationRequest request) {
    configurations.create(
        call.change(),
        new OrganizationId(request.organizationId()),
        request.domainName(),
        one(request.ewsProvider(), request.lambdaProvider()),
        request.clientToken());
    return new CreateAvailabilityConfigurationResponse();
  }

  UpdateAvailabilityConfigurationResponse update(
      Call call, UpdateAvailabilityConfigurationRequest request) {
    configurations.update(
        call.change(),
        new OrganizationId(request.organizationId()),
        request.domainName(),
        one(request.ewsProvider(), request.lambdaProvider()));
    return new UpdateAvailabilityConfigurationResponse();
  }

  DeleteAvailabilityConfigurationResponse delete(
      Call call, DeleteAvailabilityConfigurationRequest request) {
    configurations.delete(
        call.change(), new OrganizationId(request.organizationId()), request.domainName());
    return new DeleteAvailabilityConfigurationResponse();
  }

  ListAvailabilityConfigurationsResponse list(
      Call call, ListAvailabilityConfigurationsRequest request) {
    String context = "ListAvailabilityConfigurations " + request.organizationId();
    Listing<org.mailstead.core.policy.AvailabilityConfiguration> page =
        configurations.list(
            new OrganizationId(request.organizationId()),
            tokens.page(context, request.maxResults(), request.nextToken()));
    return ListAvailabilityConfigurationsResponse.builder()
        .availabilityConfigurations(
            page.items().stream().map(AvailabilityHandler::configuration).toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  /// Either the domain's stored provider or the one given is called.
  TestAvailabilityConfigurationResponse test(
      Call call, TestAvailabilityConfigurationRequest request) {
    var organization = new OrganizationId(request.organizationId());
    boolean given = request.ewsProvider().isPresent() || request.lambdaProvider().isPresent();
    if (given == request.domainName().isPresent()) {
      throw Refusals.invalid("Either DomainName or a provider must be given.");
    }
    org.mailstead.core.policy.AvailabilityConfiguration.Provider provider =
        given
            ? one(request.ewsProvider(), request.lambdaProvider())
            : configurations.load(organization, request.domainName().orElseThrow()).provider();
    // Nothing is written but that somebody asked, before the call: it may take a while.
    directory.records().change(call.change(), organization, _ -> true);
    Optional<String> failure = probe.failure(organization, provider, request.domainName());
    return TestAvailabilityConfigurationResponse.builder()
        .testPassed(failure.isEmpty())
        .failureReason(failure)
        .build();
  }

  private static org.mailstead.core.policy.AvailabilityConfiguration.Provider one(
      Optional<EwsAvailabilityProvider> ews, Optional<LambdaAvailabilityProvider> lambda) {
    if (ews.isPresent() == lambda.isPresent()) {
      throw Refusals.invalid("Exactly one of EwsProvider and LambdaProvider must be given.");
    }
    return lambda
        .<org.mailstead.core.policy.AvailabilityConfiguration.Provider>map(
            l -> new Lambda(l.lambdaArn()))
        .or(() -> ews.map(e -> new Ews(e.ewsEndpoint(), e.ewsUsername(), e.ewsPassword())))
        .orElseThrow();
  }

  private static AvailabilityConfiguration configuration(
      org.mailstead.core.policy.AvailabilityConfiguration found) {
    var shape =
        AvailabilityConfiguration.builder()
            .domainName(found.domain())
            .dateCreated(found.created())
            .dateModified(found.modified());
    return switch (found.provider()) {
      case Ews(String endpoint, String user, _) ->
          shape
              .providerType(AvailabilityProviderType.EWS)
              .ewsProvider(
                  new RedactedEwsAvailabilityProvider(Optional.of(endpoint), Optional.of(user)))
              .build();
      case Lambda(String arn) ->
          shape
              .providerType(AvailabilityProviderType.LAMBDA)
              .lambdaProvider(new LambdaAvailabilityProvider(arn))
              .build();
    };
  }
}
