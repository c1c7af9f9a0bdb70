package org.mailstead.workmail.server;

import java.util.List;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.MailDomain;
import org.mailstead.core.directory.MailDomainRecord;
import org.mailstead.workmail.wire.shapes.DeregisterMailDomainRequest;
import org.mailstead.workmail.wire.shapes.DeregisterMailDomainResponse;
import org.mailstead.workmail.wire.shapes.DescribeMailDomainsRequest;
import org.mailstead.workmail.wire.shapes.DescribeMailDomainsResponse;
import org.mailstead.workmail.wire.shapes.DnsRecord;
import org.mailstead.workmail.wire.shapes.DnsRecordType;
import org.mailstead.workmail.wire.shapes.DnsRecordVerificationStatus;
import org.mailstead.workmail.wire.shapes.GetMailDomainDetailsRequest;
import org.mailstead.workmail.wire.shapes.GetMailDomainDetailsResponse;
import org.mailstead.workmail.wire.shapes.GetMailDomainRequest;
import org.mailstead.workmail.wire.shapes.GetMailDomainResponse;
import org.mailstead.workmail.wire.shapes.ListMailDomainsRequest;
import org.mailstead.workmail.wire.shapes.ListMailDomainsResponse;
import org.mailstead.workmail.wire.shapes.MailDomainDescription;
import org.mailstead.workmail.wire.shapes.MailDomainRecordPurpose;
import org.mailstead.workmail.wire.shapes.MailDomainRecordStatus;
import org.mailstead.workmail.wire.shapes.MailDomainSummary;
import org.mailstead.workmail.wire.shapes.RegisterMailDomainRequest;
import org.mailstead.workmail.wire.shapes.RegisterMailDomainResponse;
import org.mailstead.workmail.wire.shapes.UpdateDefaultMailDomainRequest;
import org.mailstead.workmail.wire.shapes.UpdateDefaultMailDomainResponse;

/// Mail domains (DOM-1 to DOM-4).
final class DomainHandler {
  private final Directory directory;
  private final PageTokens tokens;
  private final WorkMailSettings settings;

  DomainHandler(Directory directory, PageTokens tokens, WorkMailSettings settings) {
    this.directory = directory;
    this.tokens = tokens;
    this.settings = settings;
  }

  RegisterMailDomainResponse register(Call call, RegisterMailDomainRequest request) {
    directory
        .domains()
        .register(
            call.change(),
            new OrganizationId(request.organizationId()),
            request.domainName(),
            request.clientToken());
    return new RegisterMailDomainResponse();
  }

  DeregisterMailDomainResponse deregister(Call call, DeregisterMailDomainRequest request) {
    directory
        .domains()
        .deregister(
            call.change(), new OrganizationId(request.organizationId()), request.domainName());
    return new DeregisterMailDomainResponse();
  }

  GetMailDomainResponse describe(Call call, GetMailDomainRequest request) {
    OrganizationId organization = new OrganizationId(request.organizationId());
    MailDomain domain = directory.domains().load(organization, request.domainName());
    return GetMailDomainResponse.builder()
        .records(records(organization, domain).stream().map(DomainHandler::record).toList())
        .isTestDomain(domain.testDomain())
        .isDefault(domain.defaultDomain())
        .ownershipVerificationStatus(ownership(domain))
        // Nothing is signed with DKIM yet.
        .dkimVerificationStatus(DnsRecordVerificationStatus.PENDING)
        .build();
  }

  ListMailDomainsResponse list(Call call, ListMailDomainsRequest request) {
    String context = "ListMailDomains " + request.organizationId();
    Listing<MailDomain> page =
        directory
            .domains()
            .list(
                new OrganizationId(request.organizationId()),
                tokens.page(context, request.maxResults(), request.nextToken()));
    return ListMailDomainsResponse.builder()
        .mailDomains(
            page.items().stream()
                .map(d ->
                    MailDomainSummary.builder()
                        .domainName(d.name())
                        .defaultDomain(d.defaultDomain())
                        .build())
                .toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  UpdateDefaultMailDomainResponse updateDefault(Call call, UpdateDefaultMailDomainRequest request) {
    directory
        .domains()
        .updateDefault(
            call.change(), new OrganizationId(request.organizationId()), request.domainName());
    return new UpdateDefaultMailDomainResponse();
  }

  DescribeMailDomainsResponse describeAll(Call call, DescribeMailDomainsRequest request) {
    String context = "DescribeMailDomains " + request.organizationId();
    Listing<MailDomain> page =
        directory
            .domains()
            .list(
                new OrganizationId(request.organizationId()),
                tokens.page(context, request.maxResults(), request.nextToken()));
    return DescribeMailDomainsResponse.builder()
        .domains(
            page.items().stream()
                .map(d ->
                    MailDomainDescription.builder()
                        .domainName(d.name())
                        .isDefault(d.defaultDomain())
                        .isTestDomain(d.testDomain())
                        .ownershipVerificationStatus(ownership(d))
                        .dkimVerificationStatus(DnsRecordVerificationStatus.PENDING)
                        .registeredDate(d.registered())
                        .build())
                .toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  GetMailDomainDetailsResponse details(Call call, GetMailDomainDetailsRequest request) {
    OrganizationId organization = new OrganizationId(request.organizationId());
    MailDomain domain = directory.domains().load(organization, request.domainName());
    return GetMailDomainDetailsResponse.builder()
        .domainName(domain.name())
        .isDefault(domain.defaultDomain())
        .isTestDomain(domain.testDomain())
        .ownershipVerificationStatus(ownership(domain))
        .dkimVerificationStatus(DnsRecordVerificationStatus.PENDING)
        .registeredDate(domain.registered())
        .records(records(organization, domain).stream().map(r -> detail(domain, r)).toList())
        .build();
  }

  /// The DNS records that the domain needs, if this installation knows the name under which others
  /// reach it. A test domain is the operator's: it needs none.
  private List<MailDomainRecord> records(OrganizationId organization, MailDomain domain) {
    if (domain.testDomain()) return List.of();
    return settings
        .mailHost()
        .map(host -> MailDomainRecord.of(organization, domain.name(), host))
        .orElse(List.of());
  }

  private static DnsRecord record(MailDomainRecord record) {
    return DnsRecord.builder()
        .type(record.type().name())
        .hostname(record.hostname())
        .value(record.value())
        .build();
  }

  /// Nothing has been asked of the DNS yet: what is not verified by the operator is pending.
  private static org.mailstead.workmail.wire.shapes.MailDomainRecord detail(
      MailDomain domain, MailDomainRecord record) {
    boolean shown = record.purpose() == MailDomainRecord.Purpose.OWNERSHIP && domain.verified();
    return org.mailstead.workmail.wire.shapes.MailDomainRecord.builder()
        .purpose(MailDomainRecordPurpose.valueOf(record.purpose().name()))
        .type(DnsRecordType.valueOf(record.type().name()))
        .hostname(record.hostname() + ".")
        .value(dotted(record))
        .ttl(record.ttlSeconds())
        .status(shown ? MailDomainRecordStatus.VERIFIED : MailDomainRecordStatus.PENDING)
        .build();
  }

  /// With a dot after names, so that no provider appends the domain again.
  private static String dotted(MailDomainRecord record) {
    return switch (record.type()) {
      case TXT -> record.value();
      case MX, CNAME -> record.value() + ".";
    };
  }

  private static DnsRecordVerificationStatus ownership(MailDomain domain) {
    return domain.verified()
        ? DnsRecordVerificationStatus.VERIFIED
        : DnsRecordVerificationStatus.PENDING;
  }
}
