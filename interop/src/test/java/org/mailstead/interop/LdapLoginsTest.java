package org.mailstead.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;

final class LdapLoginsTest {
  private static OrganizationId enabled(MemoryLdap ldap, InteropFixture core) {
    OrganizationId corp = core.create(ldap.settings(), false).id();
    core.synchronize(corp);
    core.register(corp, "anna", "anna@corp.test");
    core.register(corp, "bert", "bert@corp.test");
    return corp;
  }

  private static MemoryLdap corp() throws Exception {
    var ldap = new MemoryLdap();
    ldap.user("anna", "Anna Adler");
    ldap.user("bert", "Bert Berg");
    return ldap;
  }

  private static void refused(InteropFixture core, String name, String password) {
    assertThatThrownBy(() -> core.login(name, password))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.publicText()).isEqualTo("wrong user name or password"));
  }

  @Test
  @DisplayName("the directory decides; an empty password never gets in, nothing is injected")
  void bind() throws Exception {
    try (var ldap = corp();
        var core = new InteropFixture(ldap.settings())) {
      OrganizationId corp = enabled(ldap, core);
      assertThat(core.login("anna@corp.test", "Secret-of-anna").user())
          .isEqualTo(core.id(corp, "anna"));
      for (String wrong :
          List.of("", " ", "Secret-of-bert", "*", ")(uid=*", "\0", "x".repeat(300))) {
        refused(core, "anna@corp.test", wrong);
      }
      for (String name :
          List.of(
              "*@corp.test",
              "anna)(uid=*@corp.test",
              "uid=anna,ou=people",
              "",
              "nobody@corp.test")) {
        refused(core, name, "Secret-of-anna");
      }
    }
  }

  @Test
  @DisplayName("moved in the directory since the last synchronization: found by id")
  void moved() throws Exception {
    try (var ldap = corp();
        var core = new InteropFixture(ldap.settings())) {
      enabled(ldap, core);
      ldap.server().modifyDN(MemoryLdap.dn("anna"), "uid=anne", true);
      assertThat(core.login("anna@corp.test", "Secret-of-anna")).isNotNull();
    }
  }

  @Test
  @DisplayName("away: temporarily unavailable, remembered logins go on; back by itself")
  void away() throws Exception {
    try (var ldap = corp();
        var core = new InteropFixture(ldap.settings())) {
      enabled(ldap, core);
      core.login("anna@corp.test", "Secret-of-anna");
      ldap.server().shutDown(true);
      core.login("anna@corp.test", "Secret-of-anna");
      assertThatThrownBy(() -> core.login("bert@corp.test", "Secret-of-bert"))
          .isInstanceOf(UnavailableException.class);
      core.clock().advance(Duration.ofMinutes(11));
      assertThatThrownBy(() -> core.login("anna@corp.test", "Secret-of-anna"))
          .isInstanceOf(UnavailableException.class);
      ldap.server().startListening();
      assertThat(core.login("anna@corp.test", "Secret-of-anna")).isNotNull();
      refused(core, "bert@corp.test", "wrong");
    }
  }

  @Test
  @DisplayName("left the directory: the next login is refused before any synchronization")
  void left() throws Exception {
    try (var ldap = corp();
        var core = new InteropFixture(ldap.settings())) {
      enabled(ldap, core);
      ldap.server().delete(MemoryLdap.dn("anna"));
      refused(core, "anna@corp.test", "Secret-of-anna");
    }
  }

  @Test
  @DisplayName("an account that the directory locks forgets what was remembered, once synchronized")
  void locked() throws Exception {
    try (var ldap = corp();
        var core = new InteropFixture(ldap.settings())) {
      OrganizationId corp = enabled(ldap, core);
      core.login("anna@corp.test", "Secret-of-anna");
      ldap.modify(
          MemoryLdap.dn("anna"),
          "replace: nsAccountLock",
          "nsAccountLock: TRUE",
          "-",
          "replace: userPassword",
          "userPassword: other");
      core.login("anna@corp.test", "Secret-of-anna"); // Remembered.
      core.synchronize(corp);
      refused(core, "anna@corp.test", "Secret-of-anna");
    }
  }
}
