package org.mailstead.server.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `settings`: prints every key with its comment and the value in force.
@Command(
    name = "settings",
    description =
        "Prints every setting with its comment and the value in force, as a file ready to be edited.",
    mixinStandardHelpOptions = true)
public final class SettingsCommand implements Callable<Integer> {
  @Mixin private ServiceOptions options = new ServiceOptions();

  @Override
  public Integer call() {
    System.out.print(options.settings().print());
    return 0;
  }
}
