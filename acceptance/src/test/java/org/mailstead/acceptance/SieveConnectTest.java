package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real ManageSieve client over STARTTLS against the service.
@Tag("acceptance")
final class SieveConnectTest {
  @TempDir Path folder;

  @Test
  @DisplayName("FLW-8: sieve-connect uploads, activates, lists, fetches and deletes scripts")
  void scriptsByARealClient() throws Exception {
    assumeTrue(Tool.isInstalled("sieve-connect"), "sieve-connect is not installed");
    Map<String, String> settings = new HashMap<>(ServiceProcess.freePorts());
    try (ServiceProcess service = ServiceProcess.start(folder.resolve("data"), settings)) {
      Path script =
          Files.writeString(folder.resolve("vacation.sieve"), "require \"fileinto\";\nkeep;\n");
      Path bad = Files.writeString(folder.resolve("bad.sieve"), "frobnicate;\n");
      String upload = "--localsieve " + script + " --remotesieve mine --upload";
      connect(service, upload).succeeds();
      connect(service, "--remotesieve mine --activate").succeeds();
      assertThat(connect(service, "--list").succeeds().output()).contains("mine", "ACTIVE");
      Path fetched = folder.resolve("fetched.sieve");
      connect(service, "--remotesieve mine --localsieve " + fetched + " --download").succeeds();
      assertThat(Files.readString(fetched)).contains("require \"fileinto\";");
      Tool refused = connect(service, "--localsieve " + bad + " --remotesieve bad --upload");
      assertThat(refused.output()).contains("unknown command");
      connect(service, "--deactivate").succeeds();
      connect(service, "--remotesieve mine --delete").succeeds();
      assertThat(connect(service, "--list").succeeds().output()).doesNotContain("mine");
    }
  }

  private Tool connect(ServiceProcess service, String words) throws Exception {
    String command =
        "exec sieve-connect --server 127.0.0.1 --port "
            + service.port("managesieve")
            + " --user "
            + service.text("adminAddress")
            + " --authmech PLAIN --notlsverify --passwordfd 3 "
            + words
            + " 3<<'PASSWORD'\n"
            + service.text("adminPassword")
            + "\nPASSWORD\n";
    return Tool.run("sh", "-c", command);
  }
}
