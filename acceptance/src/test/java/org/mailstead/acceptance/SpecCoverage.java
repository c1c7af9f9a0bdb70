package org.mailstead.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Which of our files name which section of which specification: docs/specs/coverage.md, made from
/// the comments in main code. A reference is `RFC 9051 §6.4.8` or `MS-ASCMD §2.2.1.21`, and after
/// `@spec` in Javadoc it follows an address.
final class SpecCoverage {
  private static final Pattern REFERENCE =
      Pattern.compile("\\b(RFC \\d{3,5}|MS-[A-Z]{3,})\\b((?:(?:,| and)? ?§[\\d.]*\\d)*)");
  private static final Pattern SECTION = Pattern.compile("§([\\d.]*\\d)");
  private static final Pattern TAG = Pattern.compile("@spec\\s+(\\S+ \\S+ ?\\S*)");
  private static final Pattern TAGGED =
      Pattern.compile("https?://\\S+ (RFC \\d{3,5}|MS-[A-Z]{3,}|AWS .*)( §[\\d.]*\\d)?.*");

  /// Numbers of sections in their own order: 6.4.8 before 6.4.10.
  private static final Comparator<String> BY_NUMBER =
      Comparator.comparing(SpecCoverage::sortable).thenComparing(Comparator.naturalOrder());

  private final Map<String, Map<String, Set<String>>> files = new TreeMap<>(BY_NUMBER);
  private final List<String> malformed = new ArrayList<>();

  private SpecCoverage() {}

  static SpecCoverage of(Path home) {
    var coverage = new SpecCoverage();
    try (Stream<Path> walk = Files.walk(home)) {
      for (Path file : walk.filter(SpecCoverage::isSource).sorted().toList()) {
        coverage.read(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return coverage;
  }

  /// Names of the specifications that the code refers to.
  Set<String> specifications() {
    return files.keySet();
  }

  /// Tags that are no reference.
  List<String> malformed() {
    return malformed;
  }

  /// The page.
  String page() {
    var out =
        new StringBuilder(
            """
            <!-- Generated from comments by SpecCoverage; change those, not this. -->

            # Specifications in the code

            Which files of main code name which section. What each specification is, and how much of it is served: [index.tsv](index.tsv).
            """);
    files.forEach((specification, sections) -> {
      out.append("\n## ").append(specification).append("\n\n| section | files |\n|---|---|\n");
      sections.forEach((section, names) ->
          out.append("| ")
              .append(section.isEmpty() ? "–" : "§" + section)
              .append(" | ")
              .append(names.stream().map(n -> "`" + n + "`").collect(Collectors.joining(", ")))
              .append(" |\n"));
    });
    return out.toString();
  }

  private void read(Path file) throws IOException {
    String text = Files.readString(file);
    // A reference may be broken between two lines of a comment.
    text = text.replaceAll("\\n\\s*//+\\s*", " ");
    String name = file.getFileName().toString().replace(".java", "");
    Matcher tag = TAG.matcher(text);
    while (tag.find()) {
      if (!TAGGED.matcher(tag.group(1)).matches()) malformed.add(name + ": @spec " + tag.group(1));
    }
    Matcher reference = REFERENCE.matcher(text);
    while (reference.find()) {
      Map<String, Set<String>> sections =
          files.computeIfAbsent(reference.group(1), _ -> new TreeMap<>(BY_NUMBER));
      Matcher section = SECTION.matcher(reference.group(2));
      boolean any = false;
      while (section.find()) {
        any = true;
        sections.computeIfAbsent(section.group(1), _ -> new TreeSet<>()).add(name);
      }
      if (!any) sections.computeIfAbsent("", _ -> new TreeSet<>()).add(name);
    }
  }

  private static String sortable(String text) {
    return Pattern.compile("\\d+")
        .matcher(text)
        .replaceAll(
            number -> "0".repeat(Math.max(0, 6 - number.group().length())) + number.group());
  }

  private static boolean isSource(Path file) {
    String path = file.toString();
    return path.endsWith(".java") && path.contains("/src/main/") && !path.contains("/target/");
  }
}
