package org.mailstead.server.command.migrate;

import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.mailstead.migration.run.MigrationRun;
import org.mailstead.migration.transfer.StopSignal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `migrate run`: carries over.
@Command(
    name = "run",
    description = {
      "Carries over what is not there yet: everything the first time, what is new, changed, moved or gone after that.",
      "Ctrl-C ends it cleanly; the same command goes on. The last line says WHOLE or NOT WHOLE."
    },
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Mixin private SettingsFile settings = new SettingsFile();
  @Mixin private Watching watching = new Watching();

  @Option(
      names = "--pilot",
      description = "Only the mailbox with the fewest messages: to find out whether all is set up.")
  private boolean pilot;

  @Option(
      names = "--allow-mass-removal",
      description = "Remove at the target what is gone at the source, however much it is.")
  private boolean allowMassRemoval;

  @Option(names = "--retry-set-aside", description = "Try messages in quarantine once more.")
  private boolean retrySetAside;

  @Override
  public Integer call() throws IOException {
    StopSignal stop = new StopSignal();
    MigrationRun run =
        new MigrationRun(
            settings.read(),
            new MigrationRun.Options(watching.only(), pilot, allowMassRemoval, retrySetAside),
            InstantSource.system(),
            stop);
    return watching.watch(run, stop, settings.path(), "run", run::run);
  }
}
