package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.workmail.server.ApiFixture.text;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.mobile.DeviceDetails;
import org.mailstead.core.mobile.MobileDevices;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What WorkMail's console did without a public operation.
final class OwnOperationsTest {
  private ApiFixture api;
  private String o;
  private String amy;

  @BeforeEach
  void start() throws Exception {
    api = new ApiFixture();
    o = api.organization("tour");
    amy = api.enabledUser(o, "amy", "tour.mail.test");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  @DisplayName("FLW-7: the spam filter is on for new organizations, and can be turned off and on")
  void spamFilter() throws Exception {
    assertThat(call("GetSpamSettings", "").path("Enabled").asBoolean()).isTrue();
    call("SetSpamSettings", ",'Enabled':false");
    assertThat(call("GetSpamSettings", "").path("Enabled").asBoolean()).isFalse();
    call("SetSpamSettings", ",'Enabled':true");
    assertThat(call("GetSpamSettings", "").path("Enabled").asBoolean()).isTrue();
    assertThat(api.audit(o)).anyMatch(each -> text(each, "eventName").equals("SetSpamSettings"));
  }

  @Test
  @DisplayName("MIG-1: the migration administrator is turned on and off, audited")
  void migrationAdministrator() throws Exception {
    assertThat(call("DescribeOrganizationSettings", "").path("MigrationAdminEnabled").asBoolean())
        .isFalse();
    call("UpdateOrganizationSettings", ",'MigrationAdmin':'amy@tour.mail.test'");
    JsonNode on = call("DescribeOrganizationSettings", "");
    assertThat(on.path("MigrationAdminEnabled").asBoolean()).isTrue();
    assertThat(text(on, "MigrationAdmin")).isEqualTo(amy);
    assertThat(text(on, "MigrationAdminName")).isEqualTo("amy");
    assertThat(text(call("DescribeOrganization", ""), "MigrationAdmin")).isEqualTo(amy);
    var administrators = api.directory.migrationAdministrators();
    var organization = new OrganizationId(o);
    assertThat(administrators.isOne(organization, new EntityId(amy))).isTrue();
    String bob = api.enabledUser(o, "bob", "tour.mail.test");
    call("UpdateOrganizationSettings", ",'MigrationAdmin':'" + bob + "'");
    assertThat(administrators.isOne(organization, new EntityId(amy))).isFalse();
    call("UpdateOrganizationSettings", ",'MigrationAdminEnabled':false");
    assertThat(administrators.isOne(organization, new EntityId(bob))).isFalse();
    assertThat(call("DescribeOrganization", "").has("MigrationAdmin")).isFalse();
    List<String> recorded = new ArrayList<>();
    for (JsonNode record : api.audit(o)) {
      if (text(record, "eventName").equals("UpdateOrganizationSettings")) {
        recorded.add(text(record.path("responseElements"), "migrationAdmin"));
      }
    }
    assertThat(recorded).containsExactlyInAnyOrder(amy, bob, "");
  }

  @Test
  @DisplayName("MIG-1: only an enabled user with a mailbox can be the migration administrator")
  void migrationAdministratorRefusals() throws Exception {
    api.user(o, "carol");
    String group = api.group(o, "team");
    call("RegisterToWorkMail", ",'EntityId':'" + group + "','Email':'team@tour.mail.test'");
    refusedSettings(",'MigrationAdmin':'nobody'", "EntityNotFoundException");
    refusedSettings(",'MigrationAdmin':'carol'", "EntityStateException");
    refusedSettings(",'MigrationAdmin':'team'", "InvalidParameterException");
    refusedSettings("", "InvalidParameterException");
    refusedSettings(",'MigrationAdminEnabled':true", "InvalidParameterException");
    refusedSettings(
        ",'MigrationAdmin':'amy','MigrationAdminEnabled':false", "InvalidParameterException");
    refusedSettings(
        ",'MigrationAdmin':'amy','InteroperabilityEnabled':true", "InvalidParameterException");
    refusedSettings(",'InteroperabilityEnabled':true", "UnsupportedOperationException");
    assertThat(call("DescribeOrganizationSettings", "").path("MigrationAdminEnabled").asBoolean())
        .isFalse();
    api.refused(
        "DescribeOrganizationSettings",
        "{'OrganizationId':'m-00000000000000000000000000000000'}",
        "OrganizationNotFoundException");
  }

  @Test
  @DisplayName("USR-6: a disabled user's mailbox is listed and restored within 30 days")
  void keptMailboxes() throws Exception {
    String bob = api.enabledUser(o, "bob", "tour.mail.test");
    api.user(o, "carol"); // Never had a mailbox.
    for (String user : List.of(amy, bob)) {
      call("DeregisterFromWorkMail", ",'EntityId':'" + user + "'");
    }
    JsonNode kept = call("ListDisabledMailboxes", "").path("Mailboxes");
    assertThat(kept.size()).isEqualTo(2);
    assertThat(text(kept.get(0), "Email")).isEqualTo("amy@tour.mail.test");
    assertThat(
            kept.get(0).path("RemovalDate").asDouble()
                - kept.get(0).path("DisabledDate").asDouble())
        .isEqualTo(Duration.ofDays(30).toSeconds());
    assertThat(text(call("RestoreMailbox", ",'EntityId':'amy'"), "Email"))
        .isEqualTo("amy@tour.mail.test");
    assertThat(text(call("DescribeUser", ",'UserId':'amy'"), "State")).isEqualTo("ENABLED");
    call("RestoreMailbox", ",'EntityId':'bob','Email':'robert@tour.mail.test'");
    assertThat(text(call("DescribeUser", ",'UserId':'bob'"), "Email"))
        .isEqualTo("robert@tour.mail.test");
    assertThat(call("ListAliases", ",'EntityId':'" + bob + "'").path("Aliases").get(0).asString())
        .isEqualTo("bob@tour.mail.test");
    assertThat(call("ListDisabledMailboxes", "").path("Mailboxes").size()).isZero();
  }

  @Test
  @DisplayName("USR-6: nothing is restored that is enabled, was never enabled, or is gone")
  void restoreRefusals() throws Exception {
    api.user(o, "carol");
    api.group(o, "team");
    refusedRestore("amy", "", "EntityAlreadyRegisteredException");
    refusedRestore("carol", "", "EntityStateException");
    refusedRestore("team", "", "EntityStateException");
    refusedRestore("nobody", "", "EntityNotFoundException");
    call("DeregisterFromWorkMail", ",'EntityId':'" + amy + "'");
    refusedRestore("amy", ",'Email':'a@other.example'", "MailDomainNotFoundException");
    call("RegisterMailDomain", ",'DomainName':'other.example'");
    refusedRestore("amy", ",'Email':'a@other.example'", "MailDomainStateException");
    api.enabledUser(o, "bob", "tour.mail.test");
    refusedRestore("amy", ",'Email':'bob@tour.mail.test'", "EmailAddressInUseException");
    api.core.clock().advance(Duration.ofDays(31));
    assertThat(api.directory.retention().runOnce()).isPositive();
    api.settle();
    refusedRestore("amy", "", "EntityStateException");
    assertThat(call("ListDisabledMailboxes", "").path("Mailboxes").size()).isZero();
  }

  @Test
  @DisplayName("DOM-1: the exact records of a domain")
  void domainRecords() throws Exception {
    call("RegisterMailDomain", ",'DomainName':'shop.example'");
    JsonNode domain = call("GetMailDomain", ",'DomainName':'shop.example'");
    List<String> lines = new ArrayList<>();
    for (JsonNode record : domain.path("Records")) {
      lines.add(
          text(record, "Type") + " " + text(record, "Hostname") + " " + text(record, "Value"));
    }
    assertThat(lines).hasSize(9);
    assertThat(lines.get(0)).matches("TXT _amazonses\\.shop\\.example [A-Za-z0-9+/]{43}=");
    assertThat(lines.get(1)).isEqualTo("MX shop.example 10 mx.example");
    assertThat(lines.get(2)).isEqualTo("CNAME autodiscover.shop.example mx.example");
    assertThat(lines.subList(3, 7))
        .allMatch(
            dkim -> dkim.matches("TXT [a-z0-9-]+\\._domainkey\\.shop\\.example v=DKIM1; k=.*"))
        .doesNotHaveDuplicates();
    assertThat(lines.get(7)).isEqualTo("TXT shop.example v=spf1 a:mx.example ~all");
    assertThat(lines.get(8)).startsWith("TXT _dmarc.shop.example v=DMARC1;");
    assertThat(text(domain, "OwnershipVerificationStatus")).isEqualTo("PENDING");
    JsonNode details = call("GetMailDomainDetails", ",'DomainName':'shop.example'");
    assertThat(details.path("Records").size()).isEqualTo(9);
    JsonNode mx = details.path("Records").get(1);
    assertThat(text(mx, "Purpose")).isEqualTo("MX");
    assertThat(text(mx, "Hostname")).isEqualTo("shop.example.");
    assertThat(text(mx, "Value")).isEqualTo("10 mx.example.");
    assertThat(mx.path("Ttl").asInt()).isEqualTo(3600);
    assertThat(text(mx, "Status")).isEqualTo("PENDING");
    api.verify(o, "shop.example");
    JsonNode verified = call("GetMailDomainDetails", ",'DomainName':'shop.example'");
    assertThat(text(verified.path("Records").get(0), "Status")).isEqualTo("VERIFIED");
    JsonNode all = call("DescribeMailDomains", "").path("Domains");
    assertThat(all.size()).isEqualTo(2);
    assertThat(text(all.get(0), "OwnershipVerificationStatus")).isEqualTo("VERIFIED");
    assertThat(all.get(1).path("IsTestDomain").asBoolean()).isTrue();
    refused("GetMailDomainDetails", ",'DomainName':'no.example'", "MailDomainNotFoundException");
    // What an organization must publish says nothing for another one.
    String other = api.organization("other");
    call("DeregisterMailDomain", ",'DomainName':'shop.example'");
    api.call(
        "RegisterMailDomain", "{'OrganizationId':'" + other + "','DomainName':'shop.example'}");
    JsonNode theirs =
        api.call("GetMailDomain", "{'OrganizationId':'" + other + "','DomainName':'shop.example'}");
    assertThat(theirs.path("Records").get(0)).isNotEqualTo(domain.path("Records").get(0));
  }

  @Test
  @DisplayName("GRP-1: members are found by the beginning of their name")
  void searchMembers() throws Exception {
    String team = api.group(o, "team");
    for (String name : List.of("anna", "Annika", "bert")) {
      String user = api.user(o, name);
      call("AssociateMemberToGroup", ",'GroupId':'team','MemberId':'" + user + "'");
    }
    call("UpdateUser", ",'UserId':'bert','DisplayName':'Anton Bert'");
    assertThat(members(",'Query':'ANN'")).containsExactlyInAnyOrder("anna", "Annika");
    assertThat(members(",'Query':'an'")).containsExactlyInAnyOrder("anna", "Annika", "bert");
    assertThat(members(",'Query':'x'")).isEmpty();
    assertThat(members(",'Query':'an','MaxResults':1")).hasSize(1);
    refused("SearchMembers", ",'GroupId':'no','Query':'a'", "EntityNotFoundException");
    call("DeleteGroup", ",'GroupId':'" + team + "'");
    refused("SearchMembers", ",'GroupId':'" + team + "','Query':'a'", "EntityStateException");
  }

  @Test
  @DisplayName("MOB-1: the policy with all fields")
  void mobilePolicy() throws Exception {
    JsonNode first = call("GetMobilePolicyDetails", "");
    assertThat(first.has("DateModified")).isFalse();
    assertThat(first.path("Policy").path("AllowSimplePassword").asBoolean()).isTrue();
    String all =
        "{'PasswordRequired':true,'AllowSimplePassword':false,'MinimumPasswordLength':8,"
            + "'RequireAlphanumericPassword':true,'MinimumCharacterSets':3,"
            + "'FailedAttemptsAllowed':10,'PasswordExpirationDays':90,'ScreenLockSeconds':300,"
            + "'PasswordHistory':5,'RequireDeviceEncryption':true,"
            + "'RequireStorageCardEncryption':true}";
    call("SetMobilePolicyDetails", ",'Policy':" + all);
    JsonNode set = call("GetMobilePolicyDetails", "");
    assertThat(set.path("Policy")).isEqualTo(ApiFixture.object(all));
    assertThat(set.path("DateModified").asDouble()).isPositive();
    call("SetMobilePolicyDetails", ",'Policy':{}");
    assertThat(call("GetMobilePolicyDetails", "").path("Policy")).isEqualTo(first.path("Policy"));
    refused(
        "SetMobilePolicyDetails", ",'Policy':{'MinimumPasswordLength':17}", "ValidationException");
  }

  @Test
  @DisplayName("MOB-2, MOB-3: devices are listed, wiped and removed")
  void mobileDevices() throws Exception {
    var devices = new MobileDevices(api.directory, api.core.clock());
    var organization = new OrganizationId(o);
    var user = new EntityId(amy);
    for (int i = 0; i < 5; i++) devices.connect(organization, user, "PHONE" + i, details());
    devices.provisioned(organization, user, "PHONE0", devices.policy(organization).number());
    JsonNode page = call("GetMobileDevicesForUser", ",'UserId':'amy','MaxResults':3");
    assertThat(page.path("Devices").size()).isEqualTo(3);
    assertThat(text(page.path("Devices").get(0), "Status")).isEqualTo("PROVISIONING_SUCCEEDED");
    assertThat(text(page.path("Devices").get(1), "Status")).isEqualTo("PROVISIONING_REQUIRED");
    JsonNode rest =
        call(
            "GetMobileDevicesForUser",
            ",'UserId':'amy','NextToken':'" + text(page, "NextToken") + "'");
    assertThat(rest.path("Devices").size()).isEqualTo(2);
    assertThat(rest.has("NextToken")).isFalse();
    JsonNode phone = device("PHONE0");
    assertThat(text(phone, "DeviceModel")).isEqualTo("Pixel 9");
    assertThat(phone.path("PolicyEnforced").asBoolean()).isTrue();
    assertThat(phone.has("Imei")).isFalse();
    call("WipeMobileDevice", ",'UserId':'amy','DeviceId':'PHONE0'");
    assertThat(text(device("PHONE0"), "Status")).isEqualTo("WIPE_REQUIRED");
    devices.wipeSent(organization, user, "PHONE0");
    devices.wipeAcknowledged(organization, user, "PHONE0");
    assertThat(text(device("PHONE0"), "Status")).isEqualTo("WIPE_SUCCEEDED");
    assertThat(device("PHONE0").has("WipeAcknowledged")).isTrue();
    call("DeleteMobileDevice", ",'UserId':'amy','DeviceId':'PHONE0'");
    call("DeleteMobileDevice", ",'UserId':'amy','DeviceId':'PHONE0'");
    for (String operation : List.of("GetMobileDeviceDetails", "WipeMobileDevice")) {
      refused(operation, ",'UserId':'amy','DeviceId':'PHONE0'", "ResourceNotFoundException");
      refused(operation, ",'UserId':'no','DeviceId':'PHONE0'", "EntityNotFoundException");
    }
    long wipes =
        api.audit(o).stream()
            .filter(record -> text(record, "eventName").equals("WipeMobileDevice"))
            .filter(record -> !record.has("errorCode"))
            .count();
    assertThat(wipes).isOne();
  }

  private JsonNode device(String id) throws Exception {
    return call("GetMobileDeviceDetails", ",'UserId':'amy','DeviceId':'" + id + "'");
  }

  private static DeviceDetails details() {
    Optional<String> untold = Optional.empty();
    return new DeviceDetails(
        Optional.of("Phone"),
        Optional.of("Pixel 9"),
        untold,
        untold,
        untold,
        untold,
        untold,
        untold,
        untold,
        untold);
  }

  private List<String> members(String rest) throws Exception {
    List<String> names = new ArrayList<>();
    call("SearchMembers", ",'GroupId':'team'" + rest)
        .path("Members")
        .forEach(member -> names.add(text(member, "Name")));
    return names;
  }

  private ObjectNode call(String operation, String rest) throws Exception {
    return api.call(operation, "{'OrganizationId':'" + o + "'" + rest + "}");
  }

  private void refused(String operation, String rest, String code) throws Exception {
    api.refused(operation, "{'OrganizationId':'" + o + "'" + rest + "}", code);
  }

  private void refusedSettings(String rest, String code) throws Exception {
    refused("UpdateOrganizationSettings", rest, code);
  }

  private void refusedRestore(String entity, String rest, String code) throws Exception {
    refused("RestoreMailbox", ",'EntityId':'" + entity + "'" + rest, code);
  }
}
