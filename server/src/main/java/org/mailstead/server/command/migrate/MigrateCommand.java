package org.mailstead.server.command.migrate;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `migrate`: mailboxes in, between and out; with and without a service of ours.
@Command(
    name = "migrate",
    description = {
      "Moves mailboxes from any source to any target, again and again until you switch over: only what is new, changed,",
      "moved or gone is carried over. Can be killed at any time and goes on where it was, also on another machine.",
      "Exit code 0: whole, go; 3: not whole, no-go; 4: stopped; 78: the settings cannot be used."
    },
    mixinStandardHelpOptions = true,
    subcommands = {
      InitCommand.class,
      PlanCommand.class,
      RunCommand.class,
      VerifyCommand.class,
      ReportCommand.class,
      InventoryCommand.class,
      ApplyDirectoryCommand.class,
      CutoverCommand.class
    })
public final class MigrateCommand implements Callable<Integer> {
  /// Everything is in the target.
  public static final int WHOLE = 0;

  private static final int WRONG_USAGE = 2;
  public static final int NOT_WHOLE = 3;
  public static final int STOPPED = 4;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().usage(System.out, CommandLine.Help.Ansi.AUTO);
    return WRONG_USAGE;
  }
}
