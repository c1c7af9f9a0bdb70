package org.mailstead.interop;

import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.util.ssl.SSLUtil;
import com.unboundid.util.ssl.TrustAllTrustManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.mailstead.core.directory.ConnectedDirectory;
import org.mailstead.core.directory.DirectoryId;
import org.mailstead.core.directory.DirectoryKind;

/// Debian's slapd as a child process on loopback, with its password policy overlay. As
/// docs/operations/directories.md describes: the service has a DN of its own without size limit.
final class Slapd implements AutoCloseable {
  static final String BASE = "dc=corp,dc=test";
  static final String ROOT = "cn=root,dc=corp,dc=test";
  static final String SERVICE = "cn=mailstead,ou=services,dc=corp,dc=test";
  static final String SECRET = "Service-Secret-1";

  private final Path folder;
  private final int tlsPort = Peer.freePort();
  private final int plainPort = Peer.freePort();
  private final Peer peer;

  Slapd() throws Exception {
    folder = Files.createTempDirectory("slapd");
    Files.createDirectories(folder.resolve("data"));
    Peer.certificate(folder, "127.0.0.1");
    Path config =
        Files.writeString(
            folder.resolve("slapd.conf"),
            """
            include /etc/ldap/schema/core.schema
            include /etc/ldap/schema/cosine.schema
            include /etc/ldap/schema/inetorgperson.schema
            include /etc/ldap/schema/nis.schema
            modulepath /usr/lib/ldap
            moduleload back_mdb
            moduleload ppolicy
            pidfile %1$s/pid
            TLSCertificateFile %1$s/cert.pem
            TLSCertificateKeyFile %1$s/key.pem
            TLSCACertificateFile %1$s/cert.pem
            security simple_bind=128
            database mdb
            maxsize 1073741824
            dbnosync
            suffix "%2$s"
            rootdn "%3$s"
            rootpw %5$s
            directory %1$s/data
            index objectClass,entryUUID,entryCSN eq
            index uid,cn,mail eq
            limits dn.exact="%4$s" size=unlimited time=unlimited
            access to attrs=userPassword by anonymous auth by * none
            access to * by dn.exact="%4$s" read by * none
            overlay ppolicy
            """
                .formatted(folder, BASE, ROOT, SERVICE, SECRET));
    peer =
        new Peer(
            folder,
            List.of(
                "/usr/sbin/slapd",
                "-d",
                "0",
                "-f",
                config.toString(),
                "-h",
                "ldaps://127.0.0.1:" + tlsPort + "/ ldap://127.0.0.1:" + plainPort + "/"));
    try {
      peer.await("127.0.0.1", tlsPort);
      prepare();
    } catch (Exception e) {
      peer.close();
      throw e;
    }
  }

  private void prepare() throws Exception {
    try (LDAPConnection root = connect()) {
      root.add("dn: " + BASE, "objectClass: domain", "dc: corp");
      for (String unit : List.of("people", "groups", "services")) {
        root.add("dn: ou=" + unit + "," + BASE, "objectClass: organizationalUnit", "ou: " + unit);
      }
      root.add(
          "dn: " + SERVICE,
          "objectClass: organizationalRole",
          "objectClass: simpleSecurityObject",
          "cn: mailstead",
          "userPassword: " + SECRET);
    }
  }

  /// As a user would.
  void bind(String user, String password) throws Exception {
    try (LDAPConnection connection = connect()) {
      connection.bind(dn(user), password);
    }
  }

  /// As the administrator.
  LDAPConnection connect() throws Exception {
    var tls = new SSLUtil(new TrustAllTrustManager()).createSSLSocketFactory();
    return new LDAPConnection(tls, "127.0.0.1", tlsPort, ROOT, SECRET);
  }

  static String dn(String user) {
    return "uid=" + user + ",ou=people," + BASE;
  }

  void user(LDAPConnection root, String name, String... more) throws Exception {
    String[] all = new String[more.length + 7];
    all[0] = "dn: " + dn(name);
    all[1] = "objectClass: inetOrgPerson";
    all[2] = "uid: " + name;
    all[3] = "cn: User " + name;
    all[4] = "sn: " + name;
    all[5] = "mail: " + name + "@corp.test";
    all[6] = "userPassword: Secret-of-" + name;
    System.arraycopy(more, 0, all, 7, more.length);
    root.add(all);
  }

  LdapDirectorySettings settings(boolean startTls) {
    String url = startTls ? "ldap://127.0.0.1:" + plainPort : "ldaps://127.0.0.1:" + tlsPort;
    return LdapDirectorySettings.of(
        new ConnectedDirectory(
            new DirectoryId("d-0123456789"), DirectoryKind.LDAP, "corp", Optional.empty(), 5_000),
        List.of(LdapUrl.parse(url)),
        List.of(BASE),
        SERVICE,
        () -> SECRET,
        Optional.of(folder.resolve("cert.pem")));
  }

  Peer peer() {
    return peer;
  }

  void awaitStart() throws IOException {
    peer.await("127.0.0.1", tlsPort);
  }

  @Override
  public void close() throws IOException {
    peer.close();
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
