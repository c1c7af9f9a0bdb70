package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Specifications that the code names are listed in docs/specs/index.tsv, each with one of four
/// states.
final class SpecReferencesTest {
  private static final Pattern RFC = Pattern.compile("\\bRFC (\\d{3,5})\\b");
  private static final Set<String> STATES = Set.of("full", "partial", "planned", "declined");

  @Test
  void everyRfcThatTheCodeNamesIsListed() throws Exception {
    List<String> rows = Files.readAllLines(ServiceProcess.HOME.resolve("docs/specs/index.tsv"));
    Set<String> listed = new HashSet<>();
    for (String row : rows.subList(1, rows.size())) {
      String[] cells = row.split("\t", -1);
      assertThat(cells).as(row).hasSize(5);
      assertThat(STATES).as(row).contains(cells[3]);
      assertThat(listed.add(cells[0])).as("listed twice: " + row).isTrue();
    }
    Set<String> missing = new TreeSet<>();
    try (Stream<Path> walk = Files.walk(ServiceProcess.HOME)) {
      for (Path file : walk.filter(SpecReferencesTest::isSource).toList()) {
        Matcher matcher = RFC.matcher(read(file));
        while (matcher.find()) {
          String id = "RFC " + matcher.group(1);
          if (!listed.contains(id)) missing.add(id + " in " + file.getFileName());
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  private static boolean isSource(Path file) {
    String path = file.toString();
    return path.endsWith(".java") && path.contains("/src/main/") && !path.contains("/target/");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
