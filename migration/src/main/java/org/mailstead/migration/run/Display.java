package org.mailstead.migration.run;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Shows a run while it goes on: lines that are drawn again on a terminal, a line now and then in a
/// log, a JSON file, an HTTP address for monitoring.
public final class Display implements AutoCloseable {
  /// How to show.
  ///
  /// @param isTerminal whether lines can be drawn again
  /// @param columns of the terminal
  /// @param quiet nothing but problems: under cron
  /// @param statusFile written every second, whole or not at all
  /// @param listen address that answers GET with the same JSON
  public record Settings(
      boolean isTerminal,
      int columns,
      boolean quiet,
      Optional<Path> statusFile,
      Optional<InetSocketAddress> listen) {}

  private static final Duration DRAWING = Duration.ofMillis(500);
  private static final Duration LOGGING = Duration.ofSeconds(30);
  private static final int ROWS_MAX = 20;

  private final Supplier<List<MailboxStatus.Snapshot>> source;
  private final Settings settings;
  private final PrintStream out;
  private final InstantSource clock;
  private final Instant start;
  private final Thread thread;
  private final @Nullable StatusServer http;
  private final Map<String, Integer> toldProblems = new HashMap<>();
  private Instant lastLine;
  private int rowsDrawn;
  private volatile boolean closed;

  public Display(
      Supplier<List<MailboxStatus.Snapshot>> source,
      Settings settings,
      PrintStream out,
      InstantSource clock)
      throws IOException {
    this.source = source;
    this.settings = settings;
    this.out = out;
    this.clock = clock;
    this.start = clock.instant();
    this.lastLine = start;
    this.http =
        settings.listen().isPresent()
            ? new StatusServer(settings.listen().get(), this::json)
            : null;
    this.thread = Thread.ofVirtual().name("display").start(this::loop);
  }

  private Duration elapsed() {
    return Duration.between(start, clock.instant());
  }

  private String json() {
    return StatusText.json(source.get(), elapsed());
  }

  private void loop() {
    while (!closed) {
      show(false);
      try {
        Thread.sleep(DRAWING);
      } catch (InterruptedException e) {
        // Closing.
        return;
      }
    }
  }

  private synchronized void show(boolean last) {
    List<MailboxStatus.Snapshot> all = source.get();
    writeFile();
    if (settings.isTerminal() && !settings.quiet()) {
      draw(all);
      return;
    }
    tellProblems(all);
    boolean due = Duration.between(lastLine, clock.instant()).compareTo(LOGGING) >= 0;
    if (!settings.quiet() && (due || last)) {
      lastLine = clock.instant();
      out.println(StatusText.total(all, elapsed()));
    }
  }

  private void tellProblems(List<MailboxStatus.Snapshot> all) {
    for (MailboxStatus.Snapshot each : all) {
      int told = toldProblems.getOrDefault(each.name(), 0);
      for (String problem :
          each.problems().subList(Math.min(told, each.problems().size()), each.problems().size())) {
        out.println(each.name() + ": " + problem);
      }
      toldProblems.put(each.name(), each.problems().size());
    }
  }

  private void draw(List<MailboxStatus.Snapshot> all) {
    StringBuilder text = new StringBuilder();
    if (rowsDrawn > 0) text.append("\u001b[").append(rowsDrawn).append('A');
    int rows = 0;
    for (MailboxStatus.Snapshot each : all) {
      int told = toldProblems.getOrDefault(each.name(), 0);
      for (String problem :
          each.problems().subList(Math.min(told, each.problems().size()), each.problems().size())) {
        text.append("\u001b[2K").append(each.name()).append(": ").append(problem).append('\n');
      }
      toldProblems.put(each.name(), each.problems().size());
    }
    for (MailboxStatus.Snapshot each : all) {
      boolean active =
          !StatusText.isFinished(each.phase()) && each.phase() != MailboxStatus.Phase.WAITING;
      if (!active || rows >= ROWS_MAX) continue;
      text.append("\u001b[2K").append(cut(StatusText.mailbox(each))).append('\n');
      rows++;
    }
    text.append("\u001b[2K").append(cut(StatusText.total(all, elapsed()))).append('\n');
    rows++;
    text.append("\u001b[0J");
    out.print(text);
    out.flush();
    rowsDrawn = rows;
  }

  /// A line that wraps would be drawn over wrongly.
  private String cut(String line) {
    String clean = line.replaceAll("\\p{Cntrl}", " ");
    int most = settings.columns() - 1;
    return clean.length() <= most ? clean : clean.substring(0, most);
  }

  private void writeFile() {
    if (settings.statusFile().isEmpty()) return;
    Path file = settings.statusFile().get();
    Path temporary = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.writeString(temporary, json());
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      // A status that cannot be written must not stop the run; the last lines tell its end.
      return;
    }
  }

  /// Whether a problem was told.
  public synchronized boolean isAnythingTold() {
    return toldProblems.values().stream().anyMatch(count -> count > 0);
  }

  /// Shows the end.
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    show(true);
    StatusServer server = http;
    if (server != null) server.close();
  }
}
