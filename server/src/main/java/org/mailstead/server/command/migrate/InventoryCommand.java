package org.mailstead.server.command.migrate;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.mailstead.migration.directory.Inventory;
import org.mailstead.migration.directory.InventoryTaker;
import org.mailstead.workmail.client.WorkMailClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `migrate inventory`: what an organization consists of.
@Command(
    name = "inventory",
    description = {
      "Writes down users, aliases, groups and members, resources, permissions and mailbox sizes of an organization,",
      "read through the WorkMail API, Amazon's or ours, as JSON. Exit code 3 if something could not be read."
    },
    mixinStandardHelpOptions = true)
final class InventoryCommand implements Callable<Integer> {
  @Mixin private ApiOptions api = new ApiOptions();

  @Parameters(
      paramLabel = "<file>",
      defaultValue = "inventory.json",
      description = "(default: ${DEFAULT-VALUE})")
  private Path file = Path.of("inventory.json");

  @Override
  public Integer call() throws IOException {
    try (WorkMailClient client = api.open()) {
      Inventory inventory = new InventoryTaker(client, api.organizationId()).take(Instant.now());
      inventory.write(file);
      System.out.print(inventory.text());
      System.out.println("written: " + file);
      return inventory.problems().isEmpty() ? MigrateCommand.WHOLE : MigrateCommand.NOT_WHOLE;
    }
  }
}
