package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Acknowledged means synced to disk: a killed process keeps the page cache, so only the order of
/// system calls shows it. The service runs under strace; for every acknowledgement, each data file
/// written for it must have been synced by a call that began after the write and had ended before
/// the acknowledgement was written to the socket.
@Tag("acceptance")
final class SyncOrderTest {
  private static final Pattern CALL =
      Pattern.compile("^(\\d+) +[\\d:.]+ (\\w+)\\((\\d+)<([^>]*)>(.*)$");
  private static final Pattern RESUMED =
      Pattern.compile("^(\\d+) +[\\d:.]+ <\\.\\.\\. (\\w+) resumed>.*$");

  @TempDir Path folder;

  /// One step of the trace that matters here.
  private sealed interface Step {
    record Written(String file) implements Step {}

    record SyncBegun(String file, int call) implements Step {}

    record SyncEnded(String file, int call) implements Step {}

    record Acknowledged(String text) implements Step {}
  }

  @Test
  @DisplayName(
      "every acknowledgement of APPEND, SMTP DATA and STORE follows the sync of what it acknowledges")
  void everyAcknowledgementFollowsItsSync() throws Exception {
    assumeTrue(Tool.isInstalled("strace"), "strace is not installed");
    Path data = folder.resolve("data");
    Map<String, String> settings = new HashMap<>(ServiceProcess.freePorts());
    settings.put("MAILSTEAD_LOGIN_PLAIN_WITHOUT_TLS", "true");
    String user;
    try (ServiceProcess service = ServiceProcess.start(data, settings)) {
      user = Users.create(service, 1).getFirst();
    }
    Path trace = folder.resolve("trace");
    int acknowledgements = 0;
    try (ServiceProcess service =
        ServiceProcess.start(
            data,
            settings,
            "strace",
            "-f",
            "--seccomp-bpf",
            "-qq",
            "-y",
            "-tt",
            "-s",
            "300",
            "-e",
            "trace=fdatasync,fsync,write,writev,pwrite64,pwritev,sendto,sendmsg",
            "-o",
            trace.toString())) {
      try (PlainImap imap = new PlainImap(service.port("imap"), user, Users.PASSWORD);
          PlainSmtp smtp = new PlainSmtp(service.port("smtp"))) {
        imap.ok("SELECT INBOX");
        for (int i = 0; i < 20; i++) {
          byte[] message =
              ("Subject: m"
                      + i
                      + "\r\n\r\n"
                      + "x".repeat(60).concat("\r\n").repeat(i % 2 == 0 ? 10 : 3000))
                  .getBytes(StandardCharsets.US_ASCII);
          assertThat(imap.append("INBOX", "", message)).contains(" OK ");
          assertThat(smtp.send("a@example.org", List.of(user), message)).startsWith("250");
          imap.ok("NOOP");
          imap.ok("STORE " + (i + 1) + " +FLAGS (\\Seen)");
          acknowledgements += 3;
        }
      }
    }
    List<Step> steps = read(trace, data.toString());
    assertThat(steps.stream().filter(Step.Acknowledged.class::isInstance).count())
        .isGreaterThanOrEqualTo(acknowledgements);
    verify(steps);
  }

  private static void verify(List<Step> steps) {
    int from = 0;
    for (int i = 0; i < steps.size(); i++) {
      if (!(steps.get(i) instanceof Step.Acknowledged(String text))) continue;
      List<Step> own = steps.subList(from, i);
      assertThat(
              own.stream().anyMatch(s -> s instanceof Step.Written(String f) && f.endsWith(".log")))
          .as("something was written before: " + text)
          .isTrue();
      for (String file :
          own.stream()
              .filter(Step.Written.class::isInstance)
              .map(s -> ((Step.Written) s).file())
              .distinct()
              .toList()) {
        assertThat(isSynced(own, file)).as(file + " is synced before: " + text).isTrue();
      }
      from = i + 1;
    }
  }

  /// Whether a sync of the file began after a write to it and ended within these steps.
  private static boolean isSynced(List<Step> steps, String file) {
    boolean written = false;
    List<Integer> begunAfterWrite = new ArrayList<>();
    for (Step step : steps) {
      switch (step) {
        case Step.Written(String f) -> written |= f.equals(file);
        case Step.SyncBegun(String f, int call) -> {
          if (written && f.equals(file)) begunAfterWrite.add(call);
        }
        case Step.SyncEnded(String f, int call) -> {
          if (f.equals(file) && begunAfterWrite.contains(call)) return true;
        }
        case Step.Acknowledged _ -> {}
      }
    }
    return false;
  }

  private static List<Step> read(Path trace, String data) throws Exception {
    List<Step> steps = new ArrayList<>();
    Map<String, Step.SyncBegun> pending = new HashMap<>();
    int calls = 0;
    for (String line : Files.readAllLines(trace, StandardCharsets.ISO_8859_1)) {
      Matcher call = CALL.matcher(line);
      if (call.matches()) {
        String name = call.group(2);
        String file = call.group(4);
        String rest = call.group(5);
        if (name.startsWith("f")) {
          if (!isData(file, data)) continue;
          Step.SyncBegun begun = new Step.SyncBegun(file, ++calls);
          steps.add(begun);
          if (rest.contains("<unfinished")) pending.put(call.group(1), begun);
          else steps.add(new Step.SyncEnded(file, begun.call()));
        } else if (isData(file, data)) {
          steps.add(new Step.Written(file));
        } else if (file.startsWith("socket:") || file.startsWith("TCP")) {
          boolean append = rest.contains("OK [APPENDUID");
          boolean delivered = rest.startsWith(", \"250 2.0.0") || rest.startsWith(", \"250 2.6.0");
          boolean stored = rest.matches(".* FETCH \\(.*t\\d+ OK .*");
          if (append || delivered || stored) {
            steps.add(new Step.Acknowledged(rest));
          }
        }
        continue;
      }
      Matcher resumed = RESUMED.matcher(line);
      if (resumed.matches()) {
        Step.SyncBegun begun = pending.remove(resumed.group(1));
        if (begun != null) steps.add(new Step.SyncEnded(begun.file(), begun.call()));
      }
    }
    return steps;
  }

  /// Files that hold acknowledged data: the store's log and the blob segments.
  private static boolean isData(String file, String data) {
    return file.startsWith(data) && (file.endsWith(".log") || file.contains("/blobs/"));
  }
}
