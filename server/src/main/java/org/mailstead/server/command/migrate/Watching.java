package org.mailstead.server.command.migrate;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.mailstead.migration.run.Display;
import org.mailstead.migration.run.MailboxStatus;
import org.mailstead.migration.run.MigrationRun;
import org.mailstead.migration.transfer.StopSignal;
import picocli.CommandLine.Option;

/// How a run is watched and stopped; which mailboxes it works on.
final class Watching {
  private static final long ENDING_SECONDS_MAX = 60;

  @Option(
      names = "--only",
      paramLabel = "<mailbox>",
      description = "Only this mailbox; may be given several times.")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--quiet",
      description = "Say nothing if all is whole, otherwise problems and the last line: for cron.")
  private boolean quiet;

  @Option(names = "--plain", description = "Lines as in a log, on a terminal too.")
  private boolean plain;

  @Option(
      names = "--status-file",
      paramLabel = "<file>",
      description = "Write the state as JSON there, again and again.")
  private Optional<Path> statusFile = Optional.empty();

  @Option(
      names = "--status-listen",
      paramLabel = "<[host:]port>",
      description = "Answer GET with the state as JSON (default host: 127.0.0.1).")
  private Optional<String> listen = Optional.empty();

  List<String> only() {
    return only;
  }

  /// What the work says at its end.
  @FunctionalInterface
  interface Work {
    boolean run() throws IOException;
  }

  /// Runs it, shown, until it ends or Ctrl-C asks it to.
  ///
  /// @param word as in `mailstead migrate run`
  int watch(MigrationRun run, StopSignal stop, Path settings, String word, Work work)
      throws IOException {
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook =
        Thread.ofPlatform()
            .unstarted(() -> {
              stop.stop();
              try {
                // What is under way is finished and recorded before the process goes.
                boolean clean = ended.await(ENDING_SECONDS_MAX, TimeUnit.SECONDS);
                if (!clean) System.err.println("a server does not answer; the ledger is safe");
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              Runtime.getRuntime().halt(MigrateCommand.STOPPED);
            });
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return shown(run, stop, settings, word, work);
    } finally {
      System.out.flush();
      ended.countDown();
      if (!stop.isStopped()) remove(hook);
    }
  }

  private static void remove(Thread hook) {
    try {
      boolean removed = Runtime.getRuntime().removeShutdownHook(hook);
      if (!removed) throw new IllegalStateException("the hook was not there");
    } catch (IllegalStateException e) {
      // Ctrl-C came this moment: the hook ends the process, with nothing left to wait for.
      return;
    }
  }

  // A console may be missing in a service; the display does not close what it prints to.
  @SuppressWarnings({"SystemConsoleNull", "ClosingStandardOutputStreams"})
  private int shown(MigrationRun run, StopSignal stop, Path settings, String word, Work work)
      throws IOException {
    boolean terminal = System.console() != null && System.console().isTerminal() && !plain;
    Display display =
        new Display(
            run::snapshot,
            new Display.Settings(
                terminal,
                terminal ? TerminalWidth.columns() : TerminalWidth.COLUMNS_USUAL,
                quiet,
                statusFile,
                listen.map(text -> HostAndPort.parse("--status-listen", text))),
            System.out,
            InstantSource.system());
    boolean whole;
    try (display) {
      whole = work.run();
    }
    boolean silent = quiet && whole && !stop.isStopped() && !display.isAnythingTold();
    return silent ? MigrateCommand.WHOLE : tellEnd(run.snapshot(), whole, stop, settings, word);
  }

  private static int tellEnd(
      List<MailboxStatus.Snapshot> all,
      boolean whole,
      StopSignal stop,
      Path settings,
      String word) {
    if (stop.isStopped()) {
      System.out.println(
          "STOPPED; nothing is lost. Go on with: mailstead migrate %s %s"
              .formatted(word, settings));
      return MigrateCommand.STOPPED;
    }
    long good = all.stream().filter(s -> s.phase() == MailboxStatus.Phase.WHOLE).count();
    long written = all.stream().mapToLong(MailboxStatus.Snapshot::writtenItems).sum();
    long done = all.stream().mapToLong(MailboxStatus.Snapshot::doneItems).sum();
    String what =
        word.equals("run")
            ? written + " messages written"
            : done + " messages read again and compared";
    System.out.println(
        "%s: %d of %d mailboxes, %s"
            .formatted(whole ? "WHOLE" : "NOT WHOLE", good, all.size(), what));
    return whole ? MigrateCommand.WHOLE : MigrateCommand.NOT_WHOLE;
  }
}
