package org.mailstead.workmail.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.MailDomainRecord;
import org.mailstead.core.domains.DomainCheckSettings;
import org.mailstead.core.domains.MailDomainChecks;
import org.mailstead.core.domains.RecordInsertion;
import org.mailstead.core.domains.RecordProposal;
import org.mailstead.core.domains.TransportPolicies;
import org.mailstead.core.domains.TransportPolicies.TransportPolicy;
import org.mailstead.core.signing.DkimKey;
import org.mailstead.core.signing.PublishedRecord;
import org.mailstead.workmail.wire.shapes.DeleteMailDomainTransportPolicyRequest;
import org.mailstead.workmail.wire.shapes.DeleteMailDomainTransportPolicyResponse;
import org.mailstead.workmail.wire.shapes.DkimKeyAlgorithm;
import org.mailstead.workmail.wire.shapes.DkimKeyDescription;
import org.mailstead.workmail.wire.shapes.DnsRecordType;
import org.mailstead.workmail.wire.shapes.DnsZone;
import org.mailstead.workmail.wire.shapes.GetMailDomainTransportPolicyRequest;
import org.mailstead.workmail.wire.shapes.GetMailDomainTransportPolicyResponse;
import org.mailstead.workmail.wire.shapes.InsertMailDomainRecordsRequest;
import org.mailstead.workmail.wire.shapes.InsertMailDomainRecordsResponse;
import org.mailstead.workmail.wire.shapes.ListDkimKeysRequest;
import org.mailstead.workmail.wire.shapes.ListDkimKeysResponse;
import org.mailstead.workmail.wire.shapes.ListDnsZonesRequest;
import org.mailstead.workmail.wire.shapes.ListDnsZonesResponse;
import org.mailstead.workmail.wire.shapes.MailDomainRecordAction;
import org.mailstead.workmail.wire.shapes.MailDomainRecordInsertion;
import org.mailstead.workmail.wire.shapes.MailDomainRecordPurpose;
import org.mailstead.workmail.wire.shapes.PutMailDomainTransportPolicyRequest;
import org.mailstead.workmail.wire.shapes.PutMailDomainTransportPolicyResponse;
import org.mailstead.workmail.wire.shapes.RenewDkimKeysRequest;
import org.mailstead.workmail.wire.shapes.RenewDkimKeysResponse;
import org.mailstead.workmail.wire.shapes.RotateDkimKeysRequest;
import org.mailstead.workmail.wire.shapes.RotateDkimKeysResponse;
import org.mailstead.workmail.wire.shapes.TestMailDomainRecordInsertionRequest;
import org.mailstead.workmail.wire.shapes.TestMailDomainRecordInsertionResponse;
import org.mailstead.workmail.wire.shapes.TransportPolicyMode;

/// What domains publish beside their names (DOM-3, DOM-5): insertion of records, DKIM keys, MTA-STS
/// policies.
final class DomainRecordHandler {
  private final Directory directory;
  private final DomainCheckSettings settings;
  private final MailDomainChecks checks;
  private final RecordInsertion insertion;
  private final TransportPolicies policies;

  DomainRecordHandler(Directory directory, DomainCheckSettings settings, MailDomainChecks checks) {
    this.directory = directory;
    this.settings = settings;
    this.checks = checks;
    this.insertion = new RecordInsertion(directory, checks, settings.zones());
    this.policies = new TransportPolicies(directory);
  }

  ListDnsZonesResponse zones(Call call, ListDnsZonesRequest request) {
    OrganizationId organization = new OrganizationId(request.organizationId());
    // Says so if the organization does not serve.
    directory.domains().list(organization, Listing.PageRequest.first());
    return ListDnsZonesResponse.builder()
        .zones(
            insertion.zones(Optional.of(organization)).stream()
                .map(zone -> DnsZone.builder().name(zone.zone()).provider(zone.provider()).build())
                .toList())
        .build();
  }

  TestMailDomainRecordInsertionResponse propose(
      Call call, TestMailDomainRecordInsertionRequest request) {
    OrganizationId organization = new OrganizationId(request.organizationId());
    return TestMailDomainRecordInsertionResponse.builder()
        .records(
            insertion
                .propose(Optional.of(organization), organization, request.domainName())
                .stream()
                .map(DomainRecordHandler::shown)
                .toList())
        .build();
  }

  InsertMailDomainRecordsResponse insert(Call call, InsertMailDomainRecordsRequest request) {
    OrganizationId organization = new OrganizationId(request.organizationId());
    return InsertMailDomainRecordsResponse.builder()
        .records(
            insertion
                .insert(
                    call.change(), Optional.of(organization), organization, request.domainName())
                .stream()
                .map(DomainRecordHandler::shown)
                .toList())
        .build();
  }

  private static MailDomainRecordInsertion shown(RecordProposal proposal) {
    MailDomainRecord record = proposal.record();
    return MailDomainRecordInsertion.builder()
        .purpose(MailDomainRecordPurpose.valueOf(record.purpose().name()))
        .type(DnsRecordType.valueOf(record.type().name()))
        .hostname(record.hostname() + ".")
        .value(record.value())
        .ttl(record.ttlSeconds())
        .action(MailDomainRecordAction.valueOf(proposal.action().name()))
        .zone(proposal.zone())
        .valueFound(proposal.found())
        .hint(proposal.hint())
        .build();
  }

  ListDkimKeysResponse keys(Call call, ListDkimKeysRequest request) {
    return ListDkimKeysResponse.builder()
        .keys(keys(new OrganizationId(request.organizationId()), request.domainName()))
        .build();
  }

  RotateDkimKeysResponse rotate(Call call, RotateDkimKeysRequest request) {
    OrganizationId organization = new OrganizationId(request.organizationId());
    checks.rotateKeys(
        call.change(), organization, request.domainName(), request.force().orElse(false));
    return RotateDkimKeysResponse.builder().keys(keys(organization, request.domainName())).build();
  }

  RenewDkimKeysResponse renew(Call call, RenewDkimKeysRequest request) {
    OrganizationId organization = new OrganizationId(request.organizationId());
    checks.keys().renew(call.change(), organization, request.domainName());
    return RenewDkimKeysResponse.builder().keys(keys(organization, request.domainName())).build();
  }

  private List<DkimKeyDescription> keys(OrganizationId organization, String domain) {
    List<DkimKey> keys = checks.keys().keys(organization, domain);
    List<PublishedRecord> records =
        checks.keys().records(organization, domain, settings.dkimZone());
    List<DkimKeyDescription> shown = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      DkimKey key = keys.get(i);
      PublishedRecord record = records.get(i);
      shown.add(
          DkimKeyDescription.builder()
              .selector(key.selector())
              .algorithm(DkimKeyAlgorithm.valueOf(key.algorithm().name()))
              .isActive(key.isActive())
              .type(DnsRecordType.valueOf(record.type()))
              .hostname(record.name() + ".")
              .value(record.type().equals("CNAME") ? record.value() + "." : record.value())
              .publicKeyRecord(key.record())
              .build());
    }
    return shown;
  }

  PutMailDomainTransportPolicyResponse putPolicy(
      Call call, PutMailDomainTransportPolicyRequest request) {
    directory.domains().load(new OrganizationId(request.organizationId()), request.domainName());
    String host = host();
    var policy =
        new TransportPolicy(
            TransportPolicies.Mode.valueOf(request.mode().name()),
            request.maxAgeSeconds().map(Duration::ofSeconds).orElse(TransportPolicies.AGE_USUAL));
    policies.put(
        call.change(), new OrganizationId(request.organizationId()), request.domainName(), policy);
    return PutMailDomainTransportPolicyResponse.builder().id(policy.id(host)).build();
  }

  GetMailDomainTransportPolicyResponse policy(
      Call call, GetMailDomainTransportPolicyRequest request) {
    TransportPolicy policy =
        policies.load(new OrganizationId(request.organizationId()), request.domainName());
    return GetMailDomainTransportPolicyResponse.builder()
        .mode(TransportPolicyMode.valueOf(policy.mode().name()))
        .maxAgeSeconds((int) policy.maxAge().toSeconds())
        .id(settings.mailHost().map(policy::id))
        .policyText(settings.mailHost().map(policy::text))
        .build();
  }

  DeleteMailDomainTransportPolicyResponse deletePolicy(
      Call call, DeleteMailDomainTransportPolicyRequest request) {
    policies.delete(
        call.change(), new OrganizationId(request.organizationId()), request.domainName());
    return new DeleteMailDomainTransportPolicyResponse();
  }

  private String host() {
    return settings
        .mailHost()
        .orElseThrow(() ->
            new RefusedException(
                Refusal.NOT_SUPPORTED,
                "The operator has not set server.hostname to a name that others can look up."));
  }
}
