package org.mailstead.imap.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Plays `src/test/transcripts/*.txt`; each `== title` begins a scenario with a server of its own.
final class TranscriptTest {
  private static final Path FOLDER = Path.of("src/test/transcripts");

  private record Scenario(Path file, String title, List<String> lines) {}

  @TempDir Path temp = Path.of(".");

  @TestFactory
  Stream<DynamicTest> transcripts() throws IOException {
    return scenarios().stream()
        .map(scenario ->
            DynamicTest.dynamicTest(
                scenario.file().getFileName() + ": " + scenario.title(),
                URI.create(scenario.file().toUri().toString()),
                () -> play(scenario)));
  }

  @Test
  void thereAreAtLeastSixtyTranscripts() throws IOException {
    assertThat(scenarios()).hasSizeGreaterThanOrEqualTo(60);
  }

  private void play(Scenario scenario) throws IOException {
    Path folder = Files.createTempDirectory(temp, "server");
    // Elsewhere \Recent would only be in the way.
    boolean recent = scenario.file().getFileName().toString().equals("13-recent.txt");
    try (ImapFixture fixture =
            recent ? new ImapFixture(folder) : ImapFixture.withoutRecent(folder);
        TranscriptRunner runner = new TranscriptRunner(fixture)) {
      runner.run(scenario.lines());
    }
  }

  private static List<Scenario> scenarios() throws IOException {
    List<Scenario> scenarios = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> listed = Files.list(FOLDER)) {
      files = listed.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
    }
    for (Path file : files) {
      Scenario current = new Scenario(file, "start", new ArrayList<>());
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith("== ")) {
          current = new Scenario(file, line.substring(3), new ArrayList<>());
          scenarios.add(current);
        } else {
          current.lines().add(line);
        }
      }
    }
    return scenarios;
  }
}
