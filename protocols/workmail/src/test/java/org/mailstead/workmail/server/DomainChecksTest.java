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
}
