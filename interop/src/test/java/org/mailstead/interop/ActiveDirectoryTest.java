package org.mailstead.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.ModifyDNRequest;
import com.unboundid.ldap.sdk.ModifyRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.UserDetail;
import org.mailstead.core.directory.UserRole;

/// Against Samba as a domain controller of a real Active Directory domain.
final class ActiveDirectoryTest {
  private static final int USERS = 1_100;

  private static SambaController samba;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(
        Peer.isInstalled("samba") && Peer.isInstalled("samba-tool"),
        "samba-ad-dc and samba-ad-provision are not installed");
    assumeTrue(mayListen(), "Samba's LDAP ports, 389 and 636, may not be used by this user");
    samba = new SambaController();
  }

  @AfterAll
  static void stop() throws IOException {
    if (samba != null) samba.close();
  }

  private static boolean mayListen() {
    try (var socket = new ServerSocket(636, 1, InetAddress.getByName(SambaController.ADDRESS))) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private static void fill() throws Exception {
    try (LDAPConnection root = samba.connect()) {
      SambaController.add(
          root,
          SambaController.dn("Anna Adler"),
          "anna",
          512,
          "Anna-Secret-1",
          "displayName: Anna Adler",
          "givenName: Anna",
          "sn: Adler",
          "title: Engineer",
          "department: Research",
          "physicalDeliveryOfficeName: R 12",
          "mail: anna@corp.test",
          "proxyAddresses: SMTP:anna.adler@corp.test",
          "proxyAddresses: smtp:aa@corp.test",
          "proxyAddresses: smtp:anna@elsewhere.test",
          "userCertificate:: MAMCAQE=");
      SambaController.add(root, SambaController.dn("Off"), "off", 514, "Off-Secret-1");
      SambaController.add(
          root, SambaController.dn("Must"), "must", 512, "Must-Secret-1", "pwdLastSet: 0");
      SambaController.add(
          root,
          SambaController.dn("Over"),
          "over",
          512,
          "Over-Secret-1",
          "accountExpires: 116444736000000000");
      List<String> big =
          new ArrayList<>(
              List.of(
                  "dn: CN=Big,OU=Groups," + SambaController.BASE,
                  "objectClass: group",
                  "sAMAccountName: Big"));
      for (int i = 0; i < USERS; i++) {
        SambaController.add(root, SambaController.dn("User " + i), "u" + i, 544, "");
        big.add("member: " + SambaController.dn("User " + i));
      }
      root.add(big.toArray(String[]::new));
      root.add(
          "dn: CN=Outer,OU=Groups," + SambaController.BASE,
          "objectClass: group",
          "sAMAccountName: Outer",
          "proxyAddresses: SMTP:outer@corp.test",
          "member: CN=Big,OU=Groups," + SambaController.BASE,
          "member: " + SambaController.dn("Anna Adler"));
    }
  }

  private static void refused(InteropFixture core, String name, String password) {
    assertThatThrownBy(() -> core.login(name, password))
        .as(name)
        .isInstanceOf(RefusedException.class)
        .hasMessage("wrong user name or password");
  }

  @Test
  @DisplayName("ORG-3, XCH-3: the life of an organization on Active Directory")
  void life() throws Exception {
    fill();
    try (var core = new InteropFixture(samba.settings())) {
      OrganizationId corp = core.create(samba.settings(), true).id();
      assertThat(core.directory().organizations().directoryKind(corp).text())
          .isEqualTo("ADConnector");
      SynchronizationReport first = core.synchronize(corp);
      assertThat(first.users()).isGreaterThan(USERS + 4);
      assertThat(core.members(corp, "Outer")).containsExactly("Big", "anna");
      systemAccounts(core, corp);
      registration(core, corp);
      logins(core, corp);
      changes(core, corp);
      away(core, corp);
    }
  }

  private static void systemAccounts(InteropFixture core, OrganizationId corp) {
    assertThat(core.user(corp, "krbtgt").role()).isEqualTo(UserRole.SYSTEM_USER);
    assertThat(core.directory().groups().describe(corp, "Domain Admins").system()).isTrue();
    assertThatThrownBy(() -> core.register(corp, "krbtgt", "krbtgt@corp.test"))
        .isInstanceOfSatisfying(
            DirectoryRefusedException.class,
            e -> assertThat(e.reason()).isEqualTo(DirectoryRefusal.UNSUPPORTED_OPERATION));
  }

  private static void registration(InteropFixture core, OrganizationId corp) {
    var anna = core.user(corp, "anna");
    assertThat(anna.details())
        .containsEntry(UserDetail.DEPARTMENT, "Research")
        .containsEntry(UserDetail.OFFICE, "R 12");
    assertThat(core.directory().imports().certificates(corp, anna.id())).hasSize(1);
    assertThatThrownBy(() -> core.register(corp, "anna", "other@corp.test"))
        .isInstanceOfSatisfying(
            DirectoryRefusedException.class,
            e -> assertThat(e.reason()).isEqualTo(DirectoryRefusal.INVALID_PARAMETER));
    core.register(corp, "anna", "anna.adler@corp.test");
    var enabled = core.user(corp, "anna");
    assertThat(enabled.email().map(Object::toString)).contains("anna.adler@corp.test");
    assertThat(enabled.aliases())
        .extracting(EmailAddress::toString)
        .containsExactly("aa@corp.test", "anna@corp.mail.test", "anna@corp.test");
    assertThatThrownBy(() ->
            core.directory()
                .registrations()
                .createAlias(core.change("CreateAlias"), corp, anna.id(), "more@corp.test"))
        .isInstanceOfSatisfying(
            DirectoryRefusedException.class,
            e -> assertThat(e.reason()).isEqualTo(DirectoryRefusal.UNSUPPORTED_OPERATION));
    for (String name : List.of("off", "must", "over", "u1")) {
      core.register(corp, name, name + "@corp.mail.test");
    }
    core.register(corp, "Outer", "outer@corp.test");
  }

  private static void logins(InteropFixture core, OrganizationId corp) {
    assertThat(core.login("anna@corp.test", "Anna-Secret-1").user())
        .isEqualTo(core.id(corp, "anna"));
    refused(core, "anna@corp.test", "Anna-Secret-2");
    refused(core, "anna@corp.test", "");
    refused(core, "off@corp.mail.test", "Off-Secret-1");
    refused(core, "must@corp.mail.test", "Must-Secret-1");
    refused(core, "over@corp.mail.test", "Over-Secret-1");
    // Without a password in the directory: none gets in, the empty one least of all.
    refused(core, "u1@corp.mail.test", "");
    refused(core, "u1@corp.mail.test", "x");
  }

  private static void changes(InteropFixture core, OrganizationId corp) throws Exception {
    EntityId anna = core.id(corp, "anna");
    EntityId moved = core.id(corp, "u7");
    try (LDAPConnection root = samba.connect()) {
      root.add(
          "dn: OU=Away," + SambaController.PEOPLE, "objectClass: organizationalUnit", "ou: Away");
      root.modifyDN(
          new ModifyDNRequest(
              SambaController.dn("Anna Adler"),
              "CN=Anna Berg",
              true,
              "OU=Away," + SambaController.PEOPLE));
      String dn = "CN=Anna Berg,OU=Away," + SambaController.PEOPLE;
      root.modify(
          new ModifyRequest(
              "dn: " + dn,
              "changetype: modify",
              "replace: displayName",
              "displayName: Anna Berg",
              "-",
              "replace: sAMAccountName",
              "sAMAccountName: aberg",
              "-",
              "delete: proxyAddresses",
              "proxyAddresses: smtp:aa@corp.test",
              "-",
              "add: proxyAddresses",
              "proxyAddresses: smtp:anna.berg@corp.test"));
      root.modifyDN(SambaController.dn("User 7"), "CN=Moved 7", true);
      root.delete(SambaController.dn("User 8"));
      root.modify(
          new ModifyRequest(
              "dn: CN=Outer,OU=Groups," + SambaController.BASE,
              "changetype: modify",
              "add: member",
              "member: " + SambaController.dn("User 9")));
    }
    SynchronizationReport second = core.synchronize(corp);
    assertThat(second.isFull()).isFalse();
    assertThat(second.created()).isZero();
    assertThat(second.removed()).isEqualTo(1);
    var berg = core.user(corp, "aberg");
    assertThat(berg.id()).isEqualTo(anna);
    assertThat(berg.displayName()).isEqualTo("Anna Berg");
    assertThat(berg.aliases())
        .extracting(EmailAddress::toString)
        .containsExactly("aberg@corp.mail.test", "anna.berg@corp.test", "anna@corp.test");
    assertThat(core.id(corp, "u7")).isEqualTo(moved);
    assertThat(core.members(corp, "Outer")).containsExactly("Big", "aberg", "u9");
    assertThat(core.deletedNames(corp)).containsExactly("u8");
    assertThat(core.login("anna.berg@corp.test", "Anna-Secret-1").user()).isEqualTo(anna);
    // Disabled there: remembered logins end with the synchronization.
    try (LDAPConnection root = samba.connect()) {
      root.modify(
          new ModifyRequest(
              "dn: CN=Anna Berg,OU=Away," + SambaController.PEOPLE,
              "changetype: modify",
              "replace: userAccountControl",
              "userAccountControl: 514"));
    }
    core.synchronize(corp);
    refused(core, "anna.berg@corp.test", "Anna-Secret-1");
    try (LDAPConnection root = samba.connect()) {
      root.modify(
          new ModifyRequest(
              "dn: CN=Anna Berg,OU=Away," + SambaController.PEOPLE,
              "changetype: modify",
              "replace: userAccountControl",
              "userAccountControl: 512"));
    }
    assertThat(core.login("anna.berg@corp.test", "Anna-Secret-1").user()).isEqualTo(anna);
  }

  private static void away(InteropFixture core, OrganizationId corp) throws Exception {
    samba.peer().kill();
    core.clock().advance(Duration.ofMinutes(11));
    assertThatThrownBy(() -> core.login("anna.berg@corp.test", "Anna-Secret-1"))
        .isInstanceOf(UnavailableException.class);
    var health = core.synchronization().health();
    assertThat(health.problem(core.directory().organizations().load(corp))).isPresent();
    assertThat(core.user(corp, "aberg").displayName()).isEqualTo("Anna Berg");
    samba.peer().startAgain();
    samba.awaitStart();
    assertThat(health.problem(core.directory().organizations().load(corp))).isEmpty();
    assertThat(core.login("anna.berg@corp.test", "Anna-Secret-1")).isNotNull();
    SynchronizationReport full = core.synchronize(corp, true, false);
    assertThat(full.created() + full.removed()).isZero();
  }
}
