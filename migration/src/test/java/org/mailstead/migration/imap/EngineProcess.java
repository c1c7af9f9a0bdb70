package org.mailstead.migration.imap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.mailstead.migration.plan.SettingsReader;
import org.mailstead.migration.run.MigrationRun;
import org.mailstead.migration.transfer.StopSignal;

/// `mailstead migrate run` as a process of its own, which a test may kill.
final class EngineProcess {
  private EngineProcess() {}

  /// The child's side.
  ///
  /// @param arguments the settings file
  public static void main(String[] arguments) throws IOException {
    boolean whole =
        new MigrationRun(
                SettingsReader.read(Path.of(arguments[0]), Map.of(), InstantSource.system()),
                new MigrationRun.Options(List.of(), false, false, false),
                InstantSource.system(),
                new StopSignal())
            .run();
    System.exit(whole ? 0 : 3);
  }

  /// Settings from one Dovecot to another.
  static Path settings(
      Path folder, DovecotProcess source, DovecotProcess target, Map<String, String> mailboxes)
      throws IOException {
    StringBuilder text = new StringBuilder("work = \"work\"\n");
    text.append("[options]\nretries = 30\nmailboxes-at-once = ").append(mailboxes.size());
    text.append('\n');
    end(text, "source", source);
    end(text, "target", target);
    mailboxes.forEach((from, to) ->
        text.append("[[mailbox]]\nsource = \"%s\"\ntarget = \"%s\"\n".formatted(from, to)));
    return Files.writeString(folder.resolve("migration.toml"), text);
  }

  private static void end(StringBuilder text, String name, DovecotProcess server) {
    text.append(
        "[%s]\nprofile = \"dovecot\"\nhost = \"127.0.0.1\"\nport = %d\n"
            .formatted(name, server.port));
    text.append("security = \"plain\"\npassword = '%s'\n".formatted(DovecotProcess.PASSWORD));
  }

  static Process start(Path settings, Path output, String... options) throws IOException {
    List<String> words = new java.util.ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of(options));
    words.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            EngineProcess.class.getName(),
            settings.toString()));
    return new ProcessBuilder(words)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
        .start();
  }

  static boolean ends(Process process, Duration patience) throws InterruptedException {
    return process.waitFor(patience.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
  }
}
