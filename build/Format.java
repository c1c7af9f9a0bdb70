import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The formatter step of the build: `check` fails on a file that google-java-format would change, `apply` rewrites it,
/// `skip` does nothing. It runs on the toolchain's JDK because Maven itself may run on Java 17, whose parser does not
/// know the language of this project (docs/decisions/0002-formatter.md).
public final class Format {
  public static void main(String[] args) throws Exception {
    String mode = args[0];
    if (mode.equals("skip")) return;
    List<Path> sources = new ArrayList<>();
    try (var walk = Files.walk(Path.of(args[1]))) {
      walk.filter(p -> p.toString().endsWith(".java"))
          .filter(p -> p.toString().contains("/src/") && !p.toString().contains("/target/"))
          .forEach(sources::add);
    }
    List<Path> different = new ArrayList<>();
    for (Path source : sources) {
      String before = Files.readString(source);
      String after = format(source, before);
      if (before.equals(after)) continue;
      different.add(source);
      if (mode.equals("apply")) Files.writeString(source, after);
    }
    if (mode.equals("check") && !different.isEmpty()) {
      different.forEach(p -> System.err.println("not formatted: " + p));
      System.err.println("run ./mailstead format");
      System.exit(1);
    }
  }

  private static String format(Path source, String text) throws IOException {
    try {
      String ordered = ImportOrderer.reorderImports(text, Style.GOOGLE);
      return new Formatter().formatSource(RemoveUnusedImports.removeUnusedImports(ordered));
    } catch (Exception e) {
      throw new IOException(source + ": " + e.getMessage(), e);
    }
  }
}
