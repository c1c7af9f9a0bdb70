package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Specifications that the code names are listed in docs/specs/index.tsv, each with one of four
/// states.
final class SpecReferencesTest {
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
    SpecCoverage coverage = SpecCoverage.of(ServiceProcess.HOME);
    assertThat(coverage.malformed()).isEmpty();
    assertThat(listed).containsAll(coverage.specifications());
  }

  /// To write it anew: this test with `-Dmailstead.coverage.write=true`.
  @Test
  void theListOfSectionsAndTheirCodeIsNotStale() throws Exception {
    Path file = ServiceProcess.HOME.resolve("docs/specs/coverage.md");
    String page = SpecCoverage.of(ServiceProcess.HOME).page();
    if (Boolean.getBoolean("mailstead.coverage.write")) Files.writeString(file, page);
    assertThat(Files.readString(file).equals(page))
        .as("docs/specs/coverage.md is stale: run this test with -Dmailstead.coverage.write=true")
        .isTrue();
  }

  @Test
  void everyDeviationStandsInTheListAndInTheCode() throws Exception {
    String list = Files.readString(ServiceProcess.HOME.resolve("docs/specs/deviations.md"));
    Set<String> listed = names(list, "<a id=\"([a-z0-9-]+)\"></a>");
    Set<String> inCode = new HashSet<>();
    try (var files = Files.walk(ServiceProcess.HOME)) {
      for (Path file :
          files
              .filter(p -> p.toString().endsWith(".java"))
              .filter(p ->
                  p.toString().contains("/src/main/") || p.toString().contains("/src/generator/"))
              .toList()) {
        inCode.addAll(names(Files.readString(file), "Deviates: .* — deviations\\.md#([a-z0-9-]+)"));
      }
    }
    assertThat(inCode).containsExactlyInAnyOrderElementsOf(listed);
  }

  private static Set<String> names(String text, String pattern) {
    Set<String> names = new HashSet<>();
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while (matcher.find()) names.add(matcher.group(1));
    return names;
  }
}
