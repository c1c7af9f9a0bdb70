package org.mailstead.server.command.migrate;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How wide the terminal is. Shells know it and do not tell; `stty` asks the terminal.
final class TerminalWidth {
  static final int COLUMNS_USUAL = 80;

  private static final int COLUMNS_MIN = 20;
  private static final int COLUMNS_MAX = 500;
  private static final Pattern SIZE = Pattern.compile("\\d{1,5} (\\d{1,5})\\s*");

  private TerminalWidth() {}

  static int columns() {
    try {
      Process process =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(2, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return COLUMNS_USUAL;
      }
      String said = new String(process.getInputStream().readNBytes(100), StandardCharsets.US_ASCII);
      Matcher size = SIZE.matcher(said);
      int columns = size.matches() ? Integer.parseInt(size.group(1)) : 0;
      // A terminal that was never told its size says 0.
      return columns < COLUMNS_MIN ? COLUMNS_USUAL : Math.min(columns, COLUMNS_MAX);
    } catch (IOException e) {
      return COLUMNS_USUAL;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return COLUMNS_USUAL;
    }
  }
}
