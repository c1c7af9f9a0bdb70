package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.workmail.server.ApiFixture.text;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.directory.MailDomainRecord.Purpose;
import org.mailstead.core.domains.DomainCheckSettings;
import org.mailstead.core.domains.RecordFinding;
import tools.jackson.databind.JsonNode;

/// CheckMailDomainRecords, and what the other operations show after it.
final class DomainChecksTest {
  @Test
  @DisplayName("DOM-2: a refresh asks the DNS, is audited, and every operation shows its result")
  void check() throws Exception {
    var settings =
        DomainCheckSettings.of(Optional.of("mx.example"))
            .with((domain, wanted) ->
                wanted.stream()
                    .map(record ->
                        switch (record.purpose()) {
                          case OWNERSHIP, DKIM -> RecordFinding.matched(record.value());
                          case MX -> RecordFinding.different("1 old.example", "Change it.");
                          case AUTODISCOVER,
                              SPF,
                              DMARC,
                              MTA_STS,
                              MTA_STS_HOST,
                              TLS_REPORTS,
                              DMARC_REPORTS ->
                              RecordFinding.absent("Not there.");
                        })
                    .toList());
    try (ApiFixture api = ApiFixture.checkingDomains(settings)) {
      String o = api.organization("shop");
      String named = "{'OrganizationId':'" + o + "','DomainName':'shop.example'}";
      api.call("RegisterMailDomain", named);
      JsonNode before = api.call("GetMailDomain", named);
      assertThat(text(before, "OwnershipVerificationStatus")).isEqualTo("PENDING");
      JsonNode records = api.call("CheckMailDomainRecords", named).path("Records");
      for (JsonNode record : records) {
        Purpose purpose = Purpose.valueOf(text(record, "Purpose"));
        String expected =
            switch (purpose) {
              case OWNERSHIP, DKIM -> "VERIFIED";
              case MX -> "INCONSISTENT";
              case AUTODISCOVER, SPF, DMARC, MTA_STS, MTA_STS_HOST, TLS_REPORTS, DMARC_REPORTS ->
                  "MISSING";
            };
        assertThat(text(record, "Status")).as(purpose.name()).isEqualTo(expected);
        assertThat(record.has("CheckedDate")).isTrue();
        assertThat(record.has("ValueFound")).isEqualTo(!expected.equals("MISSING"));
        assertThat(record.has("Hint")).isEqualTo(!expected.equals("VERIFIED"));
      }
      assertThat(api.call("GetMailDomainDetails", named).path("Records")).isEqualTo(records);
      // DOM-6
      assertThat(api.call("GetMailDomainDetails", named).path("Warnings"))
          .extracting(JsonNode::stringValue)
          .satisfiesExactly(
              first -> assertThat(first).startsWith("postmaster@shop.example reaches nobody"),
              second -> assertThat(second).startsWith("abuse@shop.example reaches nobody"));
      for (JsonNode shown :
          List.of(
              api.call("GetMailDomain", named),
              api.call("GetMailDomainDetails", named),
              api.call("DescribeMailDomains", "{'OrganizationId':'" + o + "'}")
                  .path("Domains")
                  .get(0))) {
        assertThat(text(shown, "OwnershipVerificationStatus")).isEqualTo("VERIFIED");
        assertThat(text(shown, "DkimVerificationStatus")).isEqualTo("VERIFIED");
      }
      assertThat(
              api.audit(o).stream()
                  .filter(r -> text(r, "eventName").equals("CheckMailDomainRecords")))
          .hasSize(1);
      // A verified domain can be the default one, and then cannot be removed.
      api.call("UpdateDefaultMailDomain", named);
      api.refused("DeregisterMailDomain", named, "MailDomainInUseException");
      api.refused(
          "CheckMailDomainRecords",
          "{'OrganizationId':'" + o + "','DomainName':'none.example'}",
          "MailDomainNotFoundException");
    }
  }

  @Test
  @DisplayName("DOM-5: DKIM keys are shown, rotated once they are published, and renewed")
  void keys() throws Exception {
    var published = new java.util.concurrent.atomic.AtomicBoolean();
    var settings =
        DomainCheckSettings.of(Optional.of("mx.example"))
            .with((domain, wanted) ->
                wanted.stream()
                    .map(record ->
                        published.get()
                            ? RecordFinding.matched(record.value())
                            : RecordFinding.absent("Not there."))
                    .toList());
    try (ApiFixture api = ApiFixture.checkingDomains(settings)) {
      String o = api.organization("shop");
      String named = "{'OrganizationId':'" + o + "','DomainName':'shop.example'}";
      api.call("RegisterMailDomain", named);
      JsonNode keys = api.call("ListDkimKeys", named).path("Keys");
      assertThat(keys).hasSize(4);
      assertThat(text(keys.get(0), "Hostname"))
          .isEqualTo("mailstead-rsa1._domainkey.shop.example.");
      assertThat(text(keys.get(0), "Value")).startsWith("v=DKIM1; k=rsa; p=");
      assertThat(keys)
          .extracting(key -> key.path("IsActive").booleanValue())
          .containsExactly(true, true, false, false);
      assertThat(api.refused("RotateDkimKeys", named, "EntityStateException").text())
          .contains("mailstead-rsa2._domainkey.shop.example");
      published.set(true);
      assertThat(api.call("RotateDkimKeys", named).path("Keys"))
          .extracting(key -> key.path("IsActive").booleanValue())
          .containsExactly(false, false, true, true);
      api.refused("RenewDkimKeys", named, "EntityStateException");
      published.set(false);
      api.call("RotateDkimKeys", named.replace("}", ",'Force':true}"));
      assertThat(api.audit(o).stream().filter(r -> text(r, "eventName").equals("RotateDkimKeys")))
          .hasSize(3);
    }
  }

  @Test
  @DisplayName("MTA-STS: the policy, its records and its id belong together")
  void transportPolicy() throws Exception {
    try (ApiFixture api =
        ApiFixture.checkingDomains(DomainCheckSettings.of(Optional.of("mx.example")))) {
      String o = api.organization("shop");
      String named = "{'OrganizationId':'" + o + "','DomainName':'shop.example'}";
      api.call("RegisterMailDomain", named);
      api.refused("GetMailDomainTransportPolicy", named, "ResourceNotFoundException");
      String put = named.replace("}", ",'Mode':'TESTING'}");
      String id = text(api.call("PutMailDomainTransportPolicy", put), "Id");
      JsonNode policy = api.call("GetMailDomainTransportPolicy", named);
      assertThat(text(policy, "PolicyText"))
          .isEqualTo("version: STSv1\r\nmode: testing\r\nmx: mx.example\r\nmax_age: 1209600\r\n");
      JsonNode records = api.call("GetMailDomainDetails", named).path("Records");
      assertThat(records)
          .filteredOn(record -> text(record, "Purpose").equals("MTA_STS"))
          .singleElement()
          .satisfies(record -> {
            assertThat(text(record, "Hostname")).isEqualTo("_mta-sts.shop.example.");
            assertThat(text(record, "Value")).isEqualTo("v=STSv1; id=" + id + ";");
          });
      assertThat(records)
          .filteredOn(record -> text(record, "Purpose").equals("MTA_STS_HOST"))
          .hasSize(1);
      String enforced =
          text(api.call("PutMailDomainTransportPolicy", put.replace("TESTING", "ENFORCE")), "Id");
      assertThat(enforced).isNotEqualTo(id).matches("[0-9a-f]{24}");
      api.call("DeleteMailDomainTransportPolicy", named);
      assertThat(api.call("GetMailDomainDetails", named).path("Records"))
          .noneMatch(record -> text(record, "Purpose").startsWith("MTA_STS"));
    }
  }

  @Test
  @DisplayName("Reports: the address stands in the records of every domain of the organization")
  void reportAddress() throws Exception {
    try (ApiFixture api =
        ApiFixture.checkingDomains(
            DomainCheckSettings.of(Optional.of("mx.example"))
                .with((domain, wanted) ->
                    wanted.stream()
                        .map(record -> RecordFinding.matched(record.value()))
                        .toList()))) {
      String o = api.organization("shop");
      String organization = "{'OrganizationId':'" + o + "'}";
      String named = "{'OrganizationId':'" + o + "','DomainName':'shop.example'}";
      String other = named.replace("shop.example", "other.example");
      api.call("RegisterMailDomain", named);
      api.call("RegisterMailDomain", other);
      api.refused("GetReportSettings", organization, "ResourceNotFoundException");
      String put = organization.replace("}", ",'ReportAddress':'dmarc@shop.example'}");
      api.refused("PutReportSettings", put, "MailDomainStateException");
      api.call("CheckMailDomainRecords", named);
      api.call("PutReportSettings", put);
      assertThat(text(api.call("GetReportSettings", organization), "ReportAddress"))
          .isEqualTo("dmarc@shop.example");
      assertThat(values(api, other))
          .contains(
              "v=DMARC1;p=quarantine;pct=100;fo=1;rua=mailto:dmarc@shop.example",
              "v=TLSRPTv1; rua=mailto:dmarc@shop.example");
      assertThat(api.call("GetMailDomainDetails", named).path("Records"))
          .extracting(record -> text(record, "Hostname"))
          .contains("other.example._report._dmarc.shop.example.");
      assertThat(api.call("ListDmarcFigures", organization).path("Figures")).isEmpty();
      assertThat(api.call("ListTlsReportFigures", organization).path("Figures")).isEmpty();
      api.call("DeleteReportSettings", organization);
      assertThat(values(api, other)).noneMatch(value -> value.contains("rua="));
      // Nothing was set up that could be written to.
      assertThat(api.call("ListDnsZones", organization).path("Zones")).isEmpty();
      api.refused("InsertMailDomainRecords", named, "UnsupportedOperationException");
      api.refused("TestMailDomainRecordInsertion", named, "UnsupportedOperationException");
    }
  }

  private static List<String> values(ApiFixture api, String named) throws Exception {
    return api.call("GetMailDomainDetails", named)
        .path("Records")
        .valueStream()
        .map(record -> text(record, "Value"))
        .toList();
  }
}
