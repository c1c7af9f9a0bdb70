package org.mailstead.interop;

import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.util.ssl.SSLUtil;
import com.unboundid.util.ssl.TrustAllTrustManager;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.mailstead.core.directory.ConnectedDirectory;
import org.mailstead.core.directory.DirectoryId;
import org.mailstead.core.directory.DirectoryKind;

/// Debian's Samba as an Active Directory domain controller: a child process with its LDAP service
/// only, on loopback. Samba's LDAP ports cannot be changed, so that it needs root, and an address
/// of its own: 127.0.0.77.
final class SambaController implements AutoCloseable {
  static final String ADDRESS = "127.0.0.77";
  static final String BASE = "DC=corp,DC=test";
  static final String PEOPLE = "OU=Staff," + BASE;
  static final String SERVICE = "CN=mailstead,CN=Users," + BASE;
  static final String SECRET = "Service-Secret-1";
  private static final String ADMINISTRATOR_PASSWORD = "Adm1n-Passw0rd!";

  private final Path folder;
  private final Peer peer;

  SambaController() throws Exception {
    folder = Files.createTempDirectory("samba");
    Peer.certificate(folder, ADDRESS);
    Peer.run(
        folder,
        "samba-tool",
        "domain",
        "provision",
        "--realm=CORP.TEST",
        "--domain=CORP",
        "--server-role=dc",
        "--adminpass=" + ADMINISTRATOR_PASSWORD,
        "--dns-backend=NONE",
        "--host-name=dc1",
        "--host-ip=" + ADDRESS,
        "--targetdir=" + folder,
        "--option=vfs objects=dfs_samba4 acl_xattr xattr_tdb");
    Files.createDirectories(folder.resolve("run"));
    Path config =
        Files.writeString(
            folder.resolve("dc.conf"),
            """
            [global]
              netbios name = DC1
              realm = CORP.TEST
              workgroup = CORP
              server role = active directory domain controller
              server services = ldap
              dcerpc endpoint servers = rpcecho
              bind interfaces only = yes
              interfaces = %2$s/8
              disable netbios = yes
              private dir = %1$s/private
              state directory = %1$s/state
              cache directory = %1$s/cache
              lock directory = %1$s
              pid directory = %1$s/run
              ncalrpc dir = %1$s/run/ncalrpc
              log file = %1$s/log.%%m
              ldap server require strong auth = yes
              tls enabled = yes
              tls certfile = %1$s/cert.pem
              tls keyfile = %1$s/key.pem
              tls cafile =
            """
                .formatted(folder, ADDRESS));
    peer =
        new Peer(
            folder,
            List.of(
                "/usr/sbin/samba",
                "-F",
                "--no-process-group",
                "-s",
                config.toString(),
                "-M",
                "single",
                "-d",
                "1",
                "--debug-stdout"));
    try {
      peer.await(ADDRESS, 636);
      prepare();
    } catch (Exception e) {
      peer.close();
      throw e;
    }
  }

  private void prepare() throws Exception {
    try (LDAPConnection root = connect()) {
      root.add("dn: " + PEOPLE, "objectClass: organizationalUnit", "ou: Staff");
      root.add("dn: OU=Groups," + BASE, "objectClass: organizationalUnit", "ou: Groups");
      add(root, SERVICE, "mailstead", 512, SECRET);
    }
  }

  static String dn(String name) {
    return "CN=" + name + "," + PEOPLE;
  }

  /// @param control userAccountControl: 512 a usual one, 514 disabled, 544 without password
  static void add(
      LDAPConnection root, String dn, String name, int control, String password, String... more)
      throws Exception {
    boolean bare = password.isEmpty();
    String[] all = new String[more.length + (bare ? 4 : 5)];
    all[0] = "dn: " + dn;
    all[1] = "objectClass: user";
    all[2] = "sAMAccountName: " + name;
    all[3] = "userAccountControl: " + control;
    if (!bare) all[4] = "unicodePwd:: " + unicode(password);
    System.arraycopy(more, 0, all, bare ? 4 : 5, more.length);
    root.add(all);
  }

  /// MS-ADTS §3.1.1.3.1.5: in quotes, UTF-16.
  private static String unicode(String password) {
    return Base64.getEncoder()
        .encodeToString(("\"" + password + "\"").getBytes(StandardCharsets.UTF_16LE));
  }

  LDAPConnection connect() throws Exception {
    var tls = new SSLUtil(new TrustAllTrustManager()).createSSLSocketFactory();
    return new LDAPConnection(
        tls, ADDRESS, 636, "CN=Administrator,CN=Users," + BASE, ADMINISTRATOR_PASSWORD);
  }

  LdapDirectorySettings settings() {
    return LdapDirectorySettings.of(
        new ConnectedDirectory(
            new DirectoryId("d-0123456789"),
            DirectoryKind.ACTIVE_DIRECTORY,
            "corp",
            Optional.empty(),
            5_000),
        List.of(LdapUrl.parse("ldaps://" + ADDRESS)),
        List.of(BASE),
        SERVICE,
        () -> SECRET,
        Optional.of(folder.resolve("cert.pem")));
  }

  Peer peer() {
    return peer;
  }

  void awaitStart() throws IOException {
    peer.await(ADDRESS, 636);
  }

  @Override
  public void close() throws IOException {
    peer.close();
    Peer.run(Path.of(System.getProperty("java.io.tmpdir")), "rm", "-rf", folder.toString());
  }
}
