package org.mailstead.server.command.migrate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailstead.migration.run.Planner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/// `migrate plan`: what a run would do.
@Command(
    name = "plan",
    description = {
      "Looks at both ends and shows what will happen: mailbox by mailbox, folder by folder, sizes, expected time,",
      "problems. Changes nothing. Exit code 3 if there are problems."
    },
    mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
  @Mixin private SettingsFile settings = new SettingsFile();

  @Option(names = "--json", paramLabel = "<file>", description = "Also write the plan as JSON.")
  private Optional<Path> json = Optional.empty();

  @Option(
      names = "--rate",
      paramLabel = "<messages/s>",
      defaultValue = "20",
      description = "Expected speed, for the expected time (default: ${DEFAULT-VALUE}).")
  private double rate = 20;

  @Override
  public Integer call() throws IOException {
    List<Planner.MailboxPlan> plans = new Planner(settings.read()).plan();
    System.out.print(Planner.text(plans, rate));
    if (json.isPresent()) {
      Files.writeString(
          json.get(),
          JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(plans));
    }
    boolean good = plans.stream().allMatch(plan -> plan.problems().isEmpty());
    return good ? MigrateCommand.WHOLE : MigrateCommand.NOT_WHOLE;
  }
}
