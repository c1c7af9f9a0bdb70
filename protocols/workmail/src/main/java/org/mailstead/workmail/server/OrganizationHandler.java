package org.mailstead.workmail.server;

import java.util.List;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.NewOrganization;
import org.mailstead.core.directory.Organization;
import org.mailstead.workmail.wire.shapes.CreateOrganizationRequest;
import org.mailstead.workmail.wire.shapes.CreateOrganizationResponse;
import org.mailstead.workmail.wire.shapes.DeleteOrganizationRequest;
import org.mailstead.workmail.wire.shapes.DeleteOrganizationResponse;
import org.mailstead.workmail.wire.shapes.DescribeOrganizationRequest;
import org.mailstead.workmail.wire.shapes.DescribeOrganizationResponse;
import org.mailstead.workmail.wire.shapes.Domain;
import org.mailstead.workmail.wire.shapes.ListOrganizationsRequest;
import org.mailstead.workmail.wire.shapes.ListOrganizationsResponse;
import org.mailstead.workmail.wire.shapes.OrganizationSummary;

/// Organizations (ORG-1 to ORG-7).
final class OrganizationHandler {
  private final Directory directory;
  private final PageTokens tokens;
  private final String region;

  OrganizationHandler(Directory directory, PageTokens tokens, String region) {
    this.directory = directory;
    this.tokens = tokens;
    this.region = region;
  }

  CreateOrganizationResponse create(Call call, CreateOrganizationRequest request) {
    List<String> domains = request.domains().stream().map(OrganizationHandler::name).toList();
    Organization made =
        directory
            .organizations()
            .create(
                call.change(),
                call.account(),
                new NewOrganization(
                    request.alias(),
                    request.clientToken(),
                    request.directoryId(),
                    domains,
                    request.kmsKeyArn(),
                    request.enableInteroperability().orElse(false)));
    return CreateOrganizationResponse.builder().organizationId(made.id().value()).build();
  }

  /// Deleted ones too: a caller waits for "Deleted" in this way.
  DescribeOrganizationResponse describe(Call call, DescribeOrganizationRequest request) {
    Organization found =
        directory
            .organizations()
            .load(call.account(), new OrganizationId(request.organizationId()));
    return DescribeOrganizationResponse.builder()
        .organizationId(found.id().value())
        .alias(found.alias())
        .state(found.state().text())
        .directoryId(found.directory().value())
        .directoryType(directory.organizations().directoryKind(found.id()).text())
        .defaultMailDomain(found.defaultMailDomain())
        .completedDate(found.completed())
        .errorMessage(found.errorMessage())
        .arn(found.arn(region))
        .migrationAdmin(found.migrationAdministrator().map(id -> id.value()))
        .interoperabilityEnabled(found.interoperability())
        .build();
  }

  ListOrganizationsResponse list(Call call, ListOrganizationsRequest request) {
    String context = call.account() + " ListOrganizations";
    Listing<Organization> page =
        directory
            .organizations()
            .list(call.account(), tokens.page(context, request.maxResults(), request.nextToken()));
    return ListOrganizationsResponse.builder()
        .organizationSummaries(page.items().stream().map(OrganizationHandler::summary).toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  DeleteOrganizationResponse delete(Call call, DeleteOrganizationRequest request) {
    Organization deleted =
        directory
            .organizations()
            .delete(
                call.change(),
                new OrganizationId(request.organizationId()),
                request.deleteDirectory(),
                request.forceDelete().orElse(false),
                request.deleteIdentityCenterApplication().orElse(false));
    return DeleteOrganizationResponse.builder()
        .organizationId(deleted.id().value())
        .state(deleted.state().text())
        .build();
  }

  private static String name(Domain domain) {
    return domain.domainName();
  }

  private static OrganizationSummary summary(Organization organization) {
    return OrganizationSummary.builder()
        .organizationId(organization.id().value())
        .alias(organization.alias())
        .defaultMailDomain(organization.defaultMailDomain())
        .errorMessage(organization.errorMessage())
        .state(organization.state().text())
        .build();
  }
}
