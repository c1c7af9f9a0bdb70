package org.mailstead.server;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.migration.plan.SettingsFault;
import org.mailstead.server.command.AuditCommand;
import org.mailstead.server.command.BackupCommand;
import org.mailstead.server.command.CheckCommand;
import org.mailstead.server.command.DirectoryCommand;
import org.mailstead.server.command.DkimCommand;
import org.mailstead.server.command.DoctorCommand;
import org.mailstead.server.command.ExportCommand;
import org.mailstead.server.command.ImportCommand;
import org.mailstead.server.command.OrganizationCommand;
import org.mailstead.server.command.QueueCommand;
import org.mailstead.server.command.RestoreCommand;
import org.mailstead.server.command.RotateKeyCommand;
import org.mailstead.server.command.ServeCommand;
import org.mailstead.server.command.SettingsCommand;
import org.mailstead.server.command.SetupCommand;
import org.mailstead.server.command.TokenCommand;
import org.mailstead.server.command.TraceCommand;
import org.mailstead.server.command.TrainCommand;
import org.mailstead.server.command.WorkMailCommand;
import org.mailstead.server.command.migrate.MigrateCommand;
import org.mailstead.server.settings.SettingsException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The command line. A failure is one line on standard error that begins with `mailstead:`, and an
/// exit code of docs/operations/install.md.
@Command(
    name = "mailstead",
    description = "Self-hosted business mail.",
    subcommands = {
      ServeCommand.class,
      SetupCommand.class,
      WorkMailCommand.class,
      CheckCommand.class,
      AuditCommand.class,
      BackupCommand.class,
      RestoreCommand.class,
      MigrateCommand.class,
      ExportCommand.class,
      ImportCommand.class,
      RotateKeyCommand.class,
      DirectoryCommand.class,
      DoctorCommand.class,
      DkimCommand.class,
      OrganizationCommand.class,
      QueueCommand.class,
      TokenCommand.class,
      TraceCommand.class,
      SettingsCommand.class,
      TrainCommand.class,
      CommandLine.HelpCommand.class
    },
    footer = {
      "",
      "From a checkout also: test, accept, bench, format (see docs/development/building.md).",
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 69 no JDK 25, 70 the build failed, 78 wrong settings."
    })
public final class Main implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final int WRONG_SETTINGS = 78;

  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT);
    System.exit(run(args));
  }

  static int run(String... args) {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler((e, _, _) -> report(e, System.err))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(args);
  }

  @Override
  public Integer call() {
    CommandLine.usage(this, System.out);
    return 0;
  }

  private static int report(Exception e, PrintStream err) {
    String text =
        switch (e) {
          case RefusedException refused -> refused.publicText();
          case UnavailableException _,
              SettingsException _,
              SettingsFault _,
              java.io.IOException _ ->
              String.valueOf(e.getMessage());
          default -> {
            e.printStackTrace(err);
            yield "internal error: " + e;
          }
        };
    err.println("mailstead: " + text.replace('\n', ' '));
    return e instanceof SettingsException || e instanceof SettingsFault ? WRONG_SETTINGS : FAILED;
  }
}
