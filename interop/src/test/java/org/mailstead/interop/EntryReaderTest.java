package org.mailstead.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.unboundid.ldap.sdk.Attribute;
import com.unboundid.ldap.sdk.Entry;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.directory.ConnectedDirectory;
import org.mailstead.core.directory.DirectoryId;
import org.mailstead.core.directory.DirectoryKind;
import org.mailstead.core.directory.Imported;
import org.mailstead.core.directory.Imports;

final class EntryReaderTest {
  private static final byte[] GUID = HexFormat.of().parseHex("33221100554477668899aabbccddeeff");

  private static EntryReader reader(DirectoryKind kind) {
    return new EntryReader(settings(kind, List.of(LdapUrl.parse("ldaps://dc.corp.test")), false));
  }

  private static LdapDirectorySettings settings(
      DirectoryKind kind, List<LdapUrl> urls, boolean plaintext) {
    var usual =
        LdapDirectorySettings.of(
            new ConnectedDirectory(
                new DirectoryId("d-0123456789"), kind, "corp", Optional.empty(), 500),
            urls,
            List.of("dc=corp"),
            "cn=service",
            () -> "secret",
            Optional.empty());
    return new LdapDirectorySettings(
        usual.directory(),
        usual.urls(),
        plaintext,
        usual.baseDns(),
        usual.bindDn(),
        usual.bindPassword(),
        usual.caFile(),
        usual.userFilter(),
        usual.groupFilter(),
        usual.attributes(),
        usual.interval(),
        usual.deletionsPercentMax(),
        usual.pageEntries(),
        usual.connectTimeout(),
        usual.answerTimeout());
  }

  private static Entry user(Attribute... more) {
    var entry =
        new Entry(
            "cn=anna",
            new Attribute("objectGUID", GUID),
            new Attribute("sAMAccountName", "anna"),
            new Attribute("cn", "Anna"));
    for (Attribute attribute : more) entry.addAttribute(attribute);
    return entry;
  }

  private static Imported.User read(Entry entry) {
    return (Imported.User) reader(DirectoryKind.ACTIVE_DIRECTORY).user(entry).orElseThrow();
  }

  @Test
  @DisplayName(
      "MS-DTYP: objectGUID is shown as Microsoft's tools show it, and searched for in octets")
  void guid() {
    var reader = reader(DirectoryKind.ACTIVE_DIRECTORY);
    String id = "00112233-4455-6677-8899-aabbccddeeff";
    assertThat(reader.id(user())).contains(id);
    assertThat(reader.filterOf(id).getAssertionValueBytes()).isEqualTo(GUID);
    // An id never becomes a piece of filter syntax.
    assertThat(reader(DirectoryKind.LDAP).filterOf("*)(uid=*").toString())
        .isEqualTo("(entryUUID=\\2a\\29\\28uid=\\2a)");
  }

  @Test
  @DisplayName("proxyAddresses: SMTP: first, smtp: after it, other kinds and rubbish left out")
  void addresses() {
    Imported.User user =
        read(
            user(
                new Attribute(
                    "proxyAddresses",
                    "smtp:b@corp.test",
                    "x500:/o=corp",
                    "SMTP:main@corp.test",
                    "smtp:not an address",
                    "smtp:a@corp.test"),
                new Attribute("mail", "MAIN@corp.test")));
    assertThat(user.addresses())
        .extracting(Object::toString)
        .containsExactly("main@corp.test", "a@corp.test", "b@corp.test");
  }

  @Test
  @DisplayName("states: disabled, system, hidden, resource; control characters become spaces")
  void states() {
    Imported.User user =
        read(
            user(
                new Attribute("userAccountControl", "514"),
                new Attribute("isCriticalSystemObject", "TRUE"),
                new Attribute("msExchHideFromAddressLists", "TRUE"),
                new Attribute("msExchRecipientDisplayType", "7"),
                new Attribute("displayName", "A\r\nB" + "x".repeat(1000))));
    assertThat(user.loginDisabled()).isTrue();
    assertThat(user.system()).isTrue();
    assertThat(user.hidden()).isTrue();
    assertThat(user.resource()).isTrue();
    assertThat(user.displayName()).startsWith("A  Bxx").hasSizeLessThanOrEqualTo(256);
    assertThat(read(user(new Attribute("userAccountControl", "512"))).loginDisabled()).isFalse();
    var nameless = new Entry("cn=x", new Attribute("objectGUID", GUID));
    assertThat(reader(DirectoryKind.ACTIVE_DIRECTORY).user(nameless)).isEmpty();
  }

  @Test
  @DisplayName("certificates are bounded in number and octets, in a stable order")
  void certificates() {
    byte[][] many = new byte[20][];
    for (int i = 0; i < many.length; i++) many[i] = new byte[] {(byte) (20 - i)};
    assertThat(read(user(new Attribute("userCertificate;binary", many))).certificates())
        .hasSize(Imports.CERTIFICATES_MAX)
        .first()
        .isEqualTo(new byte[] {1});
    byte[] huge = new byte[Imports.CERTIFICATE_BYTES_MAX + 1];
    assertThat(read(user(new Attribute("userCertificate;binary", huge))).certificates()).isEmpty();
  }

  @Test
  @DisplayName("MS-ADTS: members of a large group come in ranges")
  void ranges() {
    var first = new Entry("cn=g", new Attribute("member;range=0-1", "cn=a", "cn=b"));
    assertThat(EntryReader.members(first).next()).contains(2);
    var last = new Entry("cn=g", new Attribute("member;range=2-*", "cn=c"));
    assertThat(EntryReader.members(last).next()).isEmpty();
    assertThat(EntryReader.members(last).dns()).containsExactly("cn=c");
    var unique = new Entry("cn=g", new Attribute("uniqueMember", "cn=a#'0101'B"));
    assertThat(EntryReader.members(unique).dns()).containsExactly("cn=a");
  }

  @Test
  @DisplayName("marks of changes can be stored; a time reaches back ten minutes")
  void marks() {
    ChangeMark updates = new ChangeMark.Updates("00ff", 41);
    assertThat(ChangeMark.parse(updates.text())).contains(updates);
    assertThat(updates.since()).hasToString("(uSNChanged>=42)");
    ChangeMark time = new ChangeMark.Modified(Instant.parse("2026-11-21T15:00:00Z"));
    assertThat(ChangeMark.parse(time.text())).contains(time);
    assertThat(time.since()).hasToString("(modifyTimestamp>=20261121145000Z)");
    assertThat(ChangeMark.parse("something else")).isEmpty();
  }

  @Test
  @DisplayName("without TLS only to loopback, and only when asked for")
  void plaintext() {
    assertThatThrownBy(() ->
            settings(DirectoryKind.LDAP, List.of(LdapUrl.parse("ldap://ldap.corp.test")), true))
        .hasMessageContaining("without TLS only to a loopback address");
    settings(DirectoryKind.LDAP, List.of(LdapUrl.parse("ldap://127.0.0.1:1389")), true);
    for (String bad : List.of("http://x", "ldap:///", "ldaps://u@h", "ldaps://h/dc=x", "x")) {
      assertThatThrownBy(() -> LdapUrl.parse(bad)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(LdapUrl.parse("ldaps://[::1]")).hasToString("ldaps://[::1]:636");
  }

  @Test
  @DisplayName("ids that were seen are found, others are not")
  void seen() {
    var seen = new SeenIds();
    for (int i = 0; i < 5_000; i++) seen.add("id-" + i % 4_000);
    assertThat(seen.count()).isEqualTo(4_000);
    assertThat(seen.contains("id-3999")).isTrue();
    assertThat(seen.contains("id-4000")).isFalse();
  }
}
