package org.mailstead.server.command.migrate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailstead.migration.directory.DirectoryApply;
import org.mailstead.migration.directory.ExchangeScript;
import org.mailstead.migration.directory.Inventory;
import org.mailstead.workmail.client.WorkMailClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `migrate apply-directory`: makes what an inventory has.
@Command(
    name = "apply-directory",
    description = {
      "Makes users, aliases, groups, members, resources and permissions of an inventory in another organization through",
      "the WorkMail API, or writes the PowerShell for Exchange Online. What is there stays; it can be run again."
    },
    mixinStandardHelpOptions = true)
final class ApplyDirectoryCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "<file>",
      defaultValue = "inventory.json",
      description = "The inventory (default: ${DEFAULT-VALUE}).")
  private Path file = Path.of("inventory.json");

  @Mixin private ApiOptions api = new ApiOptions();

  @Option(
      names = "--powershell",
      paramLabel = "<file>",
      description = "Only write the script for Exchange Online.")
  private Optional<Path> powershell = Optional.empty();

  @Option(
      names = "--passwords",
      paramLabel = "<file>",
      defaultValue = "passwords.csv",
      description = "First passwords of new users (default: ${DEFAULT-VALUE}).")
  private Path passwords = Path.of("passwords.csv");

  @Override
  public Integer call() throws IOException {
    Inventory inventory = Inventory.read(file);
    if (powershell.isPresent()) {
      Files.writeString(powershell.get(), ExchangeScript.of(inventory));
      System.out.println("written: " + powershell.get());
      return MigrateCommand.WHOLE;
    }
    SecureRandom random = new SecureRandom();
    DirectoryApply.Outcome outcome;
    try (WorkMailClient client = api.open()) {
      outcome =
          new DirectoryApply(client, api.organizationId(), () -> newPassword(random))
              .apply(inventory);
    }
    if (!outcome.passwords().isEmpty()) {
      StringBuilder lines = new StringBuilder("user,password\n");
      outcome
          .passwords()
          .forEach((name, word) -> lines.append(name).append(',').append(word).append('\n'));
      Path written = free(passwords);
      Files.createFile(
          written,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(written, lines);
      System.out.println("first passwords: " + written);
    }
    outcome.problems().forEach(text -> System.out.println("PROBLEM: " + text));
    System.out.println(
        "%d things made, %d entities were there"
            .formatted(outcome.madeCount(), outcome.presentCount()));
    return outcome.problems().isEmpty() ? MigrateCommand.WHOLE : MigrateCommand.NOT_WHOLE;
  }

  /// Passwords of an earlier run stay.
  private static Path free(Path wanted) {
    Path free = wanted;
    for (int i = 2; Files.exists(free); i++) {
      free = wanted.resolveSibling(wanted.getFileName() + "." + i);
    }
    return free;
  }

  private static String newPassword(SecureRandom random) {
    byte[] octets = new byte[15];
    random.nextBytes(octets);
    // Each kind of character that a policy may ask for.
    return Base64.getUrlEncoder().encodeToString(octets) + "-Aa1";
  }
}
