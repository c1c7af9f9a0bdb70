package org.mailstead.interop;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.util.ssl.KeyStoreKeyManager;
import com.unboundid.util.ssl.SSLUtil;
import com.unboundid.util.ssl.cert.ManageCertificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailstead.core.directory.AccountId;
import org.mailstead.core.directory.ConnectedDirectory;
import org.mailstead.core.directory.DirectoryId;
import org.mailstead.core.directory.DirectoryKind;

/// The SDK's directory server in memory, behind TLS with a certificate of its own.
final class MemoryLdap implements AutoCloseable {
  static final String BASE = "dc=corp,dc=test";
  static final String SERVICE = "cn=mailstead,dc=corp,dc=test";
  static final String SERVICE_PASSWORD = "Service-Secret-1";

  private final InMemoryDirectoryServer server;
  private final Path folder;
  private final Path ca;

  MemoryLdap() throws Exception {
    folder = Files.createTempDirectory("memory-ldap");
    Path keys = folder.resolve("keys.p12");
    ca = folder.resolve("ca.pem");
    certificates(
        "generate-self-signed-certificate",
        "--keystore",
        keys.toString(),
        "--keystore-type",
        "PKCS12",
        "--keystore-password",
        "password",
        "--alias",
        "ldap",
        "--subject-dn",
        "CN=localhost",
        "--subject-alternative-name-dns",
        "localhost",
        "--subject-alternative-name-ip-address",
        "127.0.0.1");
    certificates(
        "export-certificate",
        "--keystore",
        keys.toString(),
        "--keystore-password",
        "password",
        "--alias",
        "ldap",
        "--output-format",
        "PEM",
        "--output-file",
        ca.toString());
    var tls = new SSLUtil(new KeyStoreKeyManager(keys.toFile(), "password".toCharArray()), null);
    var config = new InMemoryDirectoryServerConfig(BASE);
    config.setSchema(null);
    config.addAdditionalBindCredentials(SERVICE, SERVICE_PASSWORD);
    config.setListenerConfigs(
        InMemoryListenerConfig.createLDAPSConfig(
            "ldaps",
            InetAddress.getLoopbackAddress(),
            freePort(),
            tls.createSSLServerSocketFactory("TLS"),
            null));
    server = new InMemoryDirectoryServer(config);
    add(BASE, "objectClass: domain", "dc: corp");
    add("ou=people," + BASE, "objectClass: organizationalUnit", "ou: people");
    add("ou=groups," + BASE, "objectClass: organizationalUnit", "ou: groups");
    server.startListening();
  }

  /// The same after a restart.
  private static int freePort() throws IOException {
    try (var socket = new java.net.ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static void certificates(String... arguments) throws IOException {
    var out = new ByteArrayOutputStream();
    var result = ManageCertificates.main(null, out, out, arguments);
    if (!result.equals(com.unboundid.ldap.sdk.ResultCode.SUCCESS)) {
      throw new IOException(out.toString(java.nio.charset.StandardCharsets.UTF_8));
    }
  }

  InMemoryDirectoryServer server() {
    return server;
  }

  void add(String dn, String... lines) throws Exception {
    String[] all = new String[lines.length + 1];
    all[0] = "dn: " + dn;
    System.arraycopy(lines, 0, all, 1, lines.length);
    server.add(all);
  }

  void user(String name, String displayName, String... more) throws Exception {
    String[] all = new String[more.length + 6];
    all[0] = "objectClass: inetOrgPerson";
    all[1] = "uid: " + name;
    all[2] = "cn: " + displayName;
    all[3] = "sn: " + displayName.substring(displayName.indexOf(' ') + 1);
    all[4] = "mail: " + name + "@corp.test";
    all[5] = "userPassword: Secret-of-" + name;
    System.arraycopy(more, 0, all, 6, more.length);
    add(dn(name), all);
  }

  static String dn(String user) {
    return "uid=" + user + ",ou=people," + BASE;
  }

  void group(String name, String... memberDns) throws Exception {
    String[] all = new String[memberDns.length + 2];
    all[0] = "objectClass: groupOfNames";
    all[1] = "cn: " + name;
    for (int i = 0; i < memberDns.length; i++) all[i + 2] = "member: " + memberDns[i];
    add("cn=" + name + ",ou=groups," + BASE, all);
  }

  void modify(String dn, String... lines) throws Exception {
    String[] all = new String[lines.length + 2];
    all[0] = "dn: " + dn;
    all[1] = "changetype: modify";
    System.arraycopy(lines, 0, all, 2, lines.length);
    server.modify(all);
  }

  LdapDirectorySettings settings() {
    return settings("d-0123456789", "corp", Optional.empty(), 5_000, Map.of());
  }

  LdapDirectorySettings settings(
      String id,
      String alias,
      Optional<AccountId> account,
      long usersMax,
      Map<MappedAttribute, String> attributes) {
    return new LdapDirectorySettings(
        new ConnectedDirectory(new DirectoryId(id), DirectoryKind.LDAP, alias, account, usersMax),
        List.of(LdapUrl.parse("ldaps://localhost:" + server.getListenPort())),
        false,
        List.of(BASE),
        SERVICE,
        () -> SERVICE_PASSWORD,
        Optional.of(ca),
        Optional.empty(),
        Optional.empty(),
        attributes,
        Duration.ofHours(4),
        20,
        3,
        Duration.ofSeconds(2),
        Duration.ofSeconds(5));
  }

  @Override
  public void close() throws IOException {
    server.close();
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
