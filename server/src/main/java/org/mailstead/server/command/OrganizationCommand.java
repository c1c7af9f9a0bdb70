package org.mailstead.server.command;

import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `organization`: what the machine's operator decides about organizations.
@Command(
    name = "organization",
    description = "Lists organizations, sets their limits and administrators, removes them.",
    mixinStandardHelpOptions = true)
public final class OrganizationCommand {
  @Command(
      name = "list",
      description = "All organizations: id, alias, state and what is wrong.",
      mixinStandardHelpOptions = true)
  int list(@Mixin ServiceOptions options) throws IOException {
    return OperatorCall.print(options, "organization-list", Map.of());
  }

  @Command(
      name = "users-max",
      description = "Sets how many users may exist in an organization.",
      mixinStandardHelpOptions = true)
  int usersMax(
      @Mixin ServiceOptions options,
      @Parameters(index = "0", paramLabel = "<alias>", description = "Alias or id.")
          String organization,
      @Parameters(index = "1", paramLabel = "<number>", description = "Up to 10,000,000.")
          long users)
      throws IOException {
    return OperatorCall.print(
        options, "organization-users-max", Map.of("organization", organization, "users", users));
  }

  @Command(
      name = "delete",
      description = {
        "Removes an organization for good: nobody can log in, its keys are destroyed, its mail is gone.",
        "Refused with enabled users unless forced."
      },
      mixinStandardHelpOptions = true)
  int delete(
      @Mixin ServiceOptions options,
      @Parameters(paramLabel = "<alias>", description = "Alias or id.") String organization,
      @Option(
              names = "--confirm",
              required = true,
              paramLabel = "<alias>",
              description = "The alias again.")
          String confirm,
      @Option(
              names = "--delete-directory",
              description = "Users and groups too; otherwise they stay for a new organization.")
          boolean deleteDirectory,
      @Option(names = "--force", description = "Also with enabled users.") boolean force)
      throws IOException {
    return OperatorCall.print(
        options,
        "organization-delete",
        Map.of(
            "organization",
            organization,
            "confirm",
            confirm,
            "deleteDirectory",
            deleteDirectory,
            "force",
            force));
  }

  @Command(
      name = "administrators",
      description = {
        "The users who look after an organization; with --add or --remove it changes them.",
        "The last enabled one cannot be disabled or removed."
      },
      mixinStandardHelpOptions = true)
  int administrators(
      @Mixin ServiceOptions options,
      @Parameters(paramLabel = "<alias>", description = "Alias or id.") String organization,
      @Option(names = "--add", paramLabel = "<user>", defaultValue = "", description = "Names one.")
          String add,
      @Option(
              names = "--remove",
              paramLabel = "<user>",
              defaultValue = "",
              description = "Takes one away.")
          String remove)
      throws IOException {
    if (!add.isEmpty()) {
      OperatorCall.print(
          options, "administrator-add", Map.of("organization", organization, "user", add));
    }
    if (!remove.isEmpty()) {
      OperatorCall.print(
          options, "administrator-remove", Map.of("organization", organization, "user", remove));
    }
    return OperatorCall.print(options, "administrator-list", Map.of("organization", organization));
  }
}
