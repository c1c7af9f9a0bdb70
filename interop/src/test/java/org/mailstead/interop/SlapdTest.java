package org.mailstead.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ModifyDNRequest;
import com.unboundid.ldap.sdk.ModifyRequest;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;

/// Against OpenLDAP.
final class SlapdTest {
  @BeforeAll
  static void installed() {
    assumeTrue(Peer.isInstalled("slapd"), "slapd is not installed");
  }

  private static void fill(Slapd slapd, int users) throws Exception {
    try (LDAPConnection root = slapd.connect()) {
      for (int i = 0; i < users; i++) slapd.user(root, "u%04d".formatted(i));
      String[] all = new String[users / 2 + 3];
      all[0] = "dn: cn=half,ou=groups," + Slapd.BASE;
      all[1] = "objectClass: groupOfNames";
      all[2] = "cn: half";
      for (int i = 0; i < users / 2; i++) all[i + 3] = "member: " + Slapd.dn("u%04d".formatted(i));
      root.add(all);
      root.add(
          "dn: cn=all,ou=groups," + Slapd.BASE,
          "objectClass: groupOfNames",
          "cn: all",
          "member: cn=half,ou=groups," + Slapd.BASE,
          "member: " + Slapd.dn("u0999"));
      root.add(
          "dn: cn=posix,ou=groups," + Slapd.BASE,
          "objectClass: posixGroup",
          "cn: posix",
          "gidNumber: 5000",
          "memberUid: u0001",
          "memberUid: u0002",
          "memberUid: nobody");
    }
  }

  @Test
  @DisplayName("1,200 users with nested and POSIX groups; rename, move, delete; killed and back")
  void synchronizes() throws Exception {
    try (var slapd = new Slapd();
        var core = new InteropFixture(slapd.settings(false))) {
      fill(slapd, 1_200);
      OrganizationId corp = core.create(slapd.settings(false), false).id();
      SynchronizationReport first = core.synchronize(corp);
      assertThat(first.created()).isEqualTo(1_203);
      assertThat(first.problems()).isEmpty();
      assertThat(core.userNames(corp)).hasSize(1_200);
      assertThat(core.members(corp, "all")).containsExactly("half", "u0999");
      assertThat(core.members(corp, "posix")).containsExactly("u0001", "u0002");
      core.register(corp, "u0001", "first@corp.test");
      EntityId one = core.id(corp, "u0001");
      assertThat(core.directory().lookups().identities(corp, one)).hasSize(4);
      assertThat(core.login("first@corp.test", "Secret-of-u0001").user()).isEqualTo(one);

      try (LDAPConnection root = slapd.connect()) {
        root.add(
            "dn: ou=moved,ou=people," + Slapd.BASE, "objectClass: organizationalUnit", "ou: moved");
        root.modifyDN(
            new ModifyDNRequest(
                Slapd.dn("u0001"), "uid=renamed", true, "ou=moved,ou=people," + Slapd.BASE));
        root.delete(Slapd.dn("u0005"));
        slapd.user(root, "late");
      }
      SynchronizationReport second = core.synchronize(corp);
      assertThat(second.isFull()).isFalse();
      assertThat(second.created()).isEqualTo(1);
      assertThat(second.removed()).isEqualTo(1);
      assertThat(core.id(corp, "renamed")).isEqualTo(one);
      assertThat(core.login("first@corp.test", "Secret-of-u0001").user()).isEqualTo(one);
      assertThat(core.userNames(corp)).contains("late", "renamed").doesNotContain("u0001", "u0005");

      slapd.peer().kill();
      core.clock().advance(Duration.ofMinutes(11));
      assertThatThrownBy(() -> core.login("first@corp.test", "Secret-of-u0001"))
          .isInstanceOf(UnavailableException.class);
      assertThatThrownBy(() -> core.synchronize(corp)).isInstanceOf(UnavailableException.class);
      assertThat(core.userNames(corp)).hasSize(1_200);
      slapd.peer().startAgain();
      slapd.awaitStart();
      assertThat(core.login("first@corp.test", "Secret-of-u0001").user()).isEqualTo(one);
      SynchronizationReport third = core.synchronize(corp, true, false);
      assertThat(third.created() + third.updated() + third.removed()).isZero();
    }
  }

  @Test
  @DisplayName(
      "wrong, expired, locked and must-change passwords are refused alike, over STARTTLS too")
  void logins() throws Exception {
    try (var slapd = new Slapd();
        var core = new InteropFixture(slapd.settings(true))) {
      try (LDAPConnection root = slapd.connect()) {
        for (String policy :
            new String[] {
              "expiring: pwdMaxAge: 1", "changing: pwdMustChange: TRUE", "locking: pwdLockout: TRUE"
            }) {
          String name = policy.substring(0, policy.indexOf(':'));
          root.add(
              "dn: cn=" + name + ",ou=services," + Slapd.BASE,
              "objectClass: organizationalRole",
              "objectClass: pwdPolicy",
              "cn: " + name,
              "pwdAttribute: userPassword",
              policy.substring(name.length() + 2));
        }
        slapd.user(root, "good");
        slapd.user(root, "expired", "pwdPolicySubentry: cn=expiring,ou=services," + Slapd.BASE);
        slapd.user(
            root,
            "changing",
            "pwdPolicySubentry: cn=changing,ou=services," + Slapd.BASE,
            "pwdReset: TRUE");
        slapd.user(root, "locked", "pwdPolicySubentry: cn=locking,ou=services," + Slapd.BASE);
        root.modify(
            new ModifyRequest(
                "dn: " + Slapd.dn("locked"),
                "changetype: modify",
                "replace: pwdAccountLockedTime",
                "pwdAccountLockedTime: 000001010000Z"));
      }
      OrganizationId corp = core.create(slapd.settings(true), false).id();
      core.synchronize(corp);
      for (String name : new String[] {"good", "expired", "changing", "locked"}) {
        core.register(corp, name, name + "@corp.test");
      }
      // The password of one expires after a second. Asked of the directory itself, because a login
      // that still succeeds would be remembered.
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() ->
              assertThatThrownBy(() -> slapd.bind("expired", "Secret-of-expired"))
                  .isInstanceOf(LDAPException.class));
      assertThat(core.login("good@corp.test", "Secret-of-good")).isNotNull();
      for (String name : new String[] {"expired", "changing", "locked"}) {
        assertThatThrownBy(() -> core.login(name + "@corp.test", "Secret-of-" + name))
            .as(name)
            .isInstanceOf(RefusedException.class)
            .hasMessage("wrong user name or password");
      }
      assertThatThrownBy(() -> core.login("good@corp.test", "Secret-of-locked"))
          .isInstanceOf(RefusedException.class);
      assertThatThrownBy(() -> core.login("good@corp.test", ""))
          .isInstanceOf(RefusedException.class);
    }
  }
}
