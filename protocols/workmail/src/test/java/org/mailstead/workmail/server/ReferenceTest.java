package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// docs/reference is what the models say. To write it anew: `mvn -pl protocols/workmail test
/// -Dtest=ReferenceTest -Dmailstead.reference.write=true`.
final class ReferenceTest {
  private static final Path FOLDER = Path.of("../../docs/reference").toAbsolutePath().normalize();

  @Test
  void docsReferenceIsNotStale() throws Exception {
    if (Boolean.getBoolean("mailstead.reference.write")) ReferencePages.write(FOLDER);
    Map<String, String> found = new TreeMap<>();
    try (var files = Files.list(FOLDER)) {
      for (Path file : files.toList()) {
        found.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    Map<String, String> wanted = ReferencePages.pages();
    String remedy = "docs/reference is stale: run this test with -Dmailstead.reference.write=true";
    assertThat(found.keySet()).as(remedy).isEqualTo(wanted.keySet());
    wanted.forEach((name, text) ->
        assertThat(found.get(name).equals(text)).as(remedy + " (" + name + ")").isTrue());
  }
}
