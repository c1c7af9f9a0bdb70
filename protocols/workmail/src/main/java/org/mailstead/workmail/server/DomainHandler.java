package org.mailstead.workmail.server;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.MailDomain;
import org.mailstead.core.directory.MailDomainRecord;
import org.mailstead.core.directory.Recipients;
import org.mailstead.core.domains.CheckedRecord;
import org.mailstead.core.domains.MailDomainChecks;
import org.mailstead.core.domains.RecordStatus;
import org.mailstead.workmail.wire.shapes.CheckMailDomainRecordsRequest;
import org.mailstead.workmail.wire.shapes.CheckMailDomainRecordsResponse;
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
  private final MailDomainChecks checks;

  DomainHandler(Directory directory, PageTokens tokens, MailDomainChecks checks) {
    this.directory = directory;
    this.tokens = tokens;
    this.checks = checks;
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
    List<CheckedRecord> records = checks.records(organization, domain.name());
    return GetMailDomainResponse.builder()
        .records(records.stream().map(each -> record(each.record())).toList())
        .isTestDomain(domain.testDomain())
        .isDefault(domain.defaultDomain())
        .ownershipVerificationStatus(ownership(domain, records))
        .dkimVerificationStatus(dkim(records))
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
                .map(d -> description(new OrganizationId(request.organizationId()), d))
                .toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  GetMailDomainDetailsResponse details(Call call, GetMailDomainDetailsRequest request) {
    OrganizationId organization = new OrganizationId(request.organizationId());
    MailDomain domain = directory.domains().load(organization, request.domainName());
    List<CheckedRecord> records = checks.records(organization, domain.name());
    return GetMailDomainDetailsResponse.builder()
        .domainName(domain.name())
        .isDefault(domain.defaultDomain())
        .isTestDomain(domain.testDomain())
        .ownershipVerificationStatus(ownership(domain, records))
        .dkimVerificationStatus(dkim(records))
        .registeredDate(domain.registered())
        .records(records.stream().map(each -> detail(domain, each)).toList())
        .warnings(warnings(domain))
        .build();
  }

  /// DOM-6; RFC 2142 §4, §5 want both addresses.
  private List<String> warnings(MailDomain domain) {
    if (!domain.verified() || domain.testDomain()) return List.of();
    return Stream.of("postmaster", "abuse")
        .map(local -> new EmailAddress(local, domain.name()))
        .filter(address ->
            !(directory.recipients().resolve(address) instanceof Recipients.Resolution.Local found)
                || found.recipients().isEmpty())
        .map(address ->
            address + " reaches nobody. Make it an alias of a user or group who reads it.")
        .toList();
  }

  CheckMailDomainRecordsResponse check(Call call, CheckMailDomainRecordsRequest request) {
    OrganizationId organization = new OrganizationId(request.organizationId());
    List<CheckedRecord> records =
        checks.check(Optional.of(call.change()), organization, request.domainName());
    MailDomain domain = directory.domains().load(organization, request.domainName());
    return CheckMailDomainRecordsResponse.builder()
        .records(records.stream().map(each -> detail(domain, each)).toList())
        .build();
  }

  private MailDomainDescription description(OrganizationId organization, MailDomain domain) {
    List<CheckedRecord> records = checks.known(organization, domain.name());
    return MailDomainDescription.builder()
        .domainName(domain.name())
        .isDefault(domain.defaultDomain())
        .isTestDomain(domain.testDomain())
        .ownershipVerificationStatus(ownership(domain, records))
        .dkimVerificationStatus(dkim(records))
        .registeredDate(domain.registered())
        .build();
  }

  private static DnsRecord record(MailDomainRecord record) {
    return DnsRecord.builder()
        .type(record.type().name())
        .hostname(record.hostname())
        .value(record.value())
        .build();
  }

  /// The ownership record of a domain that is verified otherwise, as by the operator, counts as
  /// verified unless the DNS was asked.
  private static org.mailstead.workmail.wire.shapes.MailDomainRecord detail(
      MailDomain domain, CheckedRecord checked) {
    MailDomainRecord record = checked.record();
    boolean otherwise =
        record.purpose() == MailDomainRecord.Purpose.OWNERSHIP
            && checked.checked().isEmpty()
            && domain.verified();
    RecordStatus status = otherwise ? RecordStatus.VERIFIED : checked.status();
    return org.mailstead.workmail.wire.shapes.MailDomainRecord.builder()
        .purpose(MailDomainRecordPurpose.valueOf(record.purpose().name()))
        .type(DnsRecordType.valueOf(record.type().name()))
        .hostname(record.hostname() + ".")
        .value(dotted(record))
        .ttl(record.ttlSeconds())
        .status(MailDomainRecordStatus.valueOf(status.name()))
        .valueFound(checked.found())
        .checkedDate(checked.checked())
        .hint(checked.hint())
        .build();
  }

  /// With a dot after names, so that no provider appends the domain again.
  private static String dotted(MailDomainRecord record) {
    return switch (record.type()) {
      case TXT -> record.value();
      case MX, CNAME -> record.value() + ".";
    };
  }

  private static DnsRecordVerificationStatus ownership(
      MailDomain domain, List<CheckedRecord> records) {
    return summary(MailDomainChecks.ownership(domain, records));
  }

  private static DnsRecordVerificationStatus dkim(List<CheckedRecord> records) {
    return summary(MailDomainChecks.dkim(records));
  }

  private static DnsRecordVerificationStatus summary(RecordStatus status) {
    return switch (status) {
      case VERIFIED -> DnsRecordVerificationStatus.VERIFIED;
      case PENDING -> DnsRecordVerificationStatus.PENDING;
      case FAILED, MISSING, INCONSISTENT -> DnsRecordVerificationStatus.FAILED;
    };
  }
}
