package org.mailstead.server.command.migrate;

import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.mailstead.migration.run.MigrationRun;
import org.mailstead.migration.transfer.StopSignal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `migrate verify`: reads again and compares.
@Command(
    name = "verify",
    description = {
      "Reads every message again from the target and compares it with what the source gave: octets, flags, keywords,",
      "dates, folder; names every difference. Changes nothing at either end."
    },
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  @Mixin private SettingsFile settings = new SettingsFile();
  @Mixin private Watching watching = new Watching();

  @Override
  public Integer call() throws IOException {
    StopSignal stop = new StopSignal();
    MigrationRun run =
        new MigrationRun(
            settings.read(),
            new MigrationRun.Options(watching.only(), false, false, false),
            InstantSource.system(),
            stop);
    return watching.watch(
        run, stop, settings.path(), "verify", () -> run.verify(new java.util.HashMap<>()));
  }
}
