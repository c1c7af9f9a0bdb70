package org.mailstead.workmail.server;

import java.util.ArrayList;
import java.util.List;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.MailDomain;
import org.mailstead.workmail.wire.shapes.DeregisterMailDomainRequest;
import org.mailstead.workmail.wire.shapes.DeregisterMailDomainResponse;
import org.mailstead.workmail.wire.shapes.DnsRecord;
import org.mailstead.workmail.wire.shapes.DnsRecordVerificationStatus;
import org.mailstead.workmail.wire.shapes.GetMailDomainRequest;
import org.mailstead.workmail.wire.shapes.GetMailDomainResponse;
import org.mailstead.workmail.wire.shapes.ListMailDomainsRequest;
import org.mailstead.workmail.wire.shapes.ListMailDomainsResponse;
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
    MailDomain domain =
        directory
            .domains()
            .load(new OrganizationId(request.organizationId()), request.domainName());
    return GetMailDomainResponse.builder()
        .records(records(domain))
        .isTestDomain(domain.testDomain())
        .isDefault(domain.defaultDomain())
        .ownershipVerificationStatus(
            domain.verified()
                ? DnsRecordVerificationStatus.VERIFIED
                : DnsRecordVerificationStatus.PENDING)
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

  /// The DNS records that the domain needs, as far as this installation knows its own name. A test
  /// domain needs none.
  private List<DnsRecord> records(MailDomain domain) {
    List<DnsRecord> records = new ArrayList<>();
    if (domain.testDomain() || settings.mailHost().isEmpty()) return records;
    records.add(record("MX", domain.name(), "10 " + settings.mailHost().get()));
    records.add(record("TXT", domain.name(), "v=spf1 mx ~all"));
    records.add(record("TXT", "_dmarc." + domain.name(), "v=DMARC1;p=quarantine;pct=100;fo=1"));
    return records;
  }

  private static DnsRecord record(String type, String host, String value) {
    return DnsRecord.builder().type(type).hostname(host).value(value).build();
  }
}
