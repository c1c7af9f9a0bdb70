package org.mailstead.workmail.server;

import java.util.List;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.access.TokenCredentials;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.IdentityProvider;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.PersonalAccessToken;
import org.mailstead.workmail.wire.shapes.CreateIdentityCenterApplicationRequest;
import org.mailstead.workmail.wire.shapes.CreateIdentityCenterApplicationResponse;
import org.mailstead.workmail.wire.shapes.CreatePersonalAccessTokenRequest;
import org.mailstead.workmail.wire.shapes.CreatePersonalAccessTokenResponse;
import org.mailstead.workmail.wire.shapes.DeleteIdentityCenterApplicationRequest;
import org.mailstead.workmail.wire.shapes.DeleteIdentityCenterApplicationResponse;
import org.mailstead.workmail.wire.shapes.DeleteIdentityProviderConfigurationRequest;
import org.mailstead.workmail.wire.shapes.DeleteIdentityProviderConfigurationResponse;
import org.mailstead.workmail.wire.shapes.DeletePersonalAccessTokenRequest;
import org.mailstead.workmail.wire.shapes.DeletePersonalAccessTokenResponse;
import org.mailstead.workmail.wire.shapes.DescribeIdentityProviderConfigurationRequest;
import org.mailstead.workmail.wire.shapes.DescribeIdentityProviderConfigurationResponse;
import org.mailstead.workmail.wire.shapes.GetPersonalAccessTokenMetadataRequest;
import org.mailstead.workmail.wire.shapes.GetPersonalAccessTokenMetadataResponse;
import org.mailstead.workmail.wire.shapes.IdentityCenterConfiguration;
import org.mailstead.workmail.wire.shapes.IdentityProviderAuthenticationMode;
import org.mailstead.workmail.wire.shapes.ListPersonalAccessTokensRequest;
import org.mailstead.workmail.wire.shapes.ListPersonalAccessTokensResponse;
import org.mailstead.workmail.wire.shapes.PersonalAccessTokenConfiguration;
import org.mailstead.workmail.wire.shapes.PersonalAccessTokenConfigurationStatus;
import org.mailstead.workmail.wire.shapes.PersonalAccessTokenSummary;
import org.mailstead.workmail.wire.shapes.PutIdentityProviderConfigurationRequest;
import org.mailstead.workmail.wire.shapes.PutIdentityProviderConfigurationResponse;

/// Identity Center applications, identity providers and personal access tokens.
final class IdentityHandler {
  private final Directory directory;
  private final PageTokens tokens;

  IdentityHandler(Directory directory, PageTokens tokens) {
    this.directory = directory;
    this.tokens = tokens;
  }

  CreateIdentityCenterApplicationResponse createApplication(
      Call call, CreateIdentityCenterApplicationRequest request) {
    String arn =
        directory
            .identityProviders()
            .createApplication(
                call.change(),
                call.account(),
                request.name(),
                request.instanceArn(),
                request.clientToken());
    return CreateIdentityCenterApplicationResponse.builder().applicationArn(arn).build();
  }

  DeleteIdentityCenterApplicationResponse deleteApplication(
      Call call, DeleteIdentityCenterApplicationRequest request) {
    directory
        .identityProviders()
        .deleteApplication(call.change(), call.account(), request.applicationArn());
    return new DeleteIdentityCenterApplicationResponse();
  }

  PutIdentityProviderConfigurationResponse putProvider(
      Call call, PutIdentityProviderConfigurationRequest request) {
    directory
        .identityProviders()
        .put(
            call.change(),
            new OrganizationId(request.organizationId()),
            new IdentityProvider(
                switch (request.authenticationMode()) {
                  case IDENTITY_PROVIDER_ONLY -> IdentityProvider.Mode.IDENTITY_PROVIDER_ONLY;
                  case IDENTITY_PROVIDER_AND_DIRECTORY ->
                      IdentityProvider.Mode.IDENTITY_PROVIDER_AND_DIRECTORY;
                },
                request.identityCenterConfiguration().instanceArn(),
                request.identityCenterConfiguration().applicationArn(),
                switch (request.personalAccessTokenConfiguration().status()) {
                  case ACTIVE -> true;
                  case INACTIVE -> false;
                },
                request
                    .personalAccessTokenConfiguration()
                    .lifetimeInDays()
                    .orElse(IdentityProvider.LIFETIME_DAYS_USUAL)));
    return new PutIdentityProviderConfigurationResponse();
  }

  DescribeIdentityProviderConfigurationResponse describeProvider(
      Call call, DescribeIdentityProviderConfigurationRequest request) {
    IdentityProvider found =
        directory.identityProviders().load(new OrganizationId(request.organizationId()));
    return DescribeIdentityProviderConfigurationResponse.builder()
        .authenticationMode(IdentityProviderAuthenticationMode.valueOf(found.mode().name()))
        .identityCenterConfiguration(
            new IdentityCenterConfiguration(found.instanceArn(), found.applicationArn()))
        .personalAccessTokenConfiguration(
            new PersonalAccessTokenConfiguration(
                found.tokensActive()
                    ? PersonalAccessTokenConfigurationStatus.ACTIVE
                    : PersonalAccessTokenConfigurationStatus.INACTIVE,
                Optional.of(found.tokenLifetimeDays())))
        .build();
  }

  DeleteIdentityProviderConfigurationResponse deleteProvider(
      Call call, DeleteIdentityProviderConfigurationRequest request) {
    directory
        .identityProviders()
        .delete(call.change(), new OrganizationId(request.organizationId()));
    return new DeleteIdentityProviderConfigurationResponse();
  }

  ListPersonalAccessTokensResponse listTokens(Call call, ListPersonalAccessTokensRequest request) {
    String context =
        "ListPersonalAccessTokens " + request.organizationId() + " " + request.userId().orElse("");
    Listing<PersonalAccessToken> page =
        directory
            .personalAccessTokens()
            .list(
                new OrganizationId(request.organizationId()),
                request.userId(),
                tokens.page(context, request.maxResults(), request.nextToken()));
    return ListPersonalAccessTokensResponse.builder()
        .personalAccessTokenSummaries(page.items().stream().map(IdentityHandler::summary).toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  private static PersonalAccessTokenSummary summary(PersonalAccessToken token) {
    return PersonalAccessTokenSummary.builder()
        .personalAccessTokenId(token.id())
        .userId(token.user().value())
        .name(token.name())
        .dateCreated(token.created())
        .dateLastUsed(token.lastUsed())
        .expiresTime(token.expires())
        .scopes(token.scopes())
        .build();
  }

  GetPersonalAccessTokenMetadataResponse describeToken(
      Call call, GetPersonalAccessTokenMetadataRequest request) {
    PersonalAccessToken token =
        directory
            .personalAccessTokens()
            .load(new OrganizationId(request.organizationId()), request.personalAccessTokenId());
    return GetPersonalAccessTokenMetadataResponse.builder()
        .personalAccessTokenId(token.id())
        .userId(token.user().value())
        .name(token.name())
        .dateCreated(token.created())
        .dateLastUsed(token.lastUsed())
        .expiresTime(token.expires())
        .scopes(token.scopes())
        .build();
  }

  /// Ours. Without scopes a token is for every mail client.
  CreatePersonalAccessTokenResponse createToken(
      Call call, CreatePersonalAccessTokenRequest request) {
    List<String> scopes = request.scopes().isEmpty() ? TokenCredentials.SCOPES : request.scopes();
    for (String scope : scopes) {
      if (!TokenCredentials.SCOPES.contains(scope)) {
        throw Refusals.invalid("Scopes are " + String.join(", ", TokenCredentials.SCOPES) + ".");
      }
    }
    PersonalAccessToken.WithSecret made =
        directory
            .personalAccessTokens()
            .create(
                call.change(),
                new OrganizationId(request.organizationId()),
                request.userId(),
                request.name(),
                request.lifetimeInDays(),
                scopes,
                request.clientToken());
    return CreatePersonalAccessTokenResponse.builder()
        .personalAccessTokenId(made.token().id())
        .personalAccessToken(made.secret())
        .expiresTime(made.token().expires())
        .build();
  }

  DeletePersonalAccessTokenResponse deleteToken(
      Call call, DeletePersonalAccessTokenRequest request) {
    directory
        .personalAccessTokens()
        .delete(
            call.change(),
            new OrganizationId(request.organizationId()),
            request.personalAccessTokenId());
    return new DeletePersonalAccessTokenResponse();
  }
}
