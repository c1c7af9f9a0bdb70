package org.mailstead.server.command;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `token`: personal access tokens of users, which stand for the password in mail clients.
@Command(
    name = "token",
    description = {
      "Personal access tokens: a secret for each mail client in place of the user's password.",
      "The organization's identity provider configuration must have them ACTIVE."
    },
    mixinStandardHelpOptions = true)
public final class TokenCommand {
  @Command(
      name = "create",
      description = "Makes a token and prints it once.",
      mixinStandardHelpOptions = true)
  int create(
      @Mixin ServiceOptions options,
      @Parameters(paramLabel = "<address>", description = "The user's email address.")
          String address,
      @Option(
              names = "--name",
              required = true,
              paramLabel = "<text>",
              description = "What it is for, for example \"phone\".")
          String name,
      @Option(
              names = "--days",
              defaultValue = "0",
              paramLabel = "<number>",
              description = "How long it lives (default: as the organization says).")
          int days,
      @Option(
              names = "--scope",
              paramLabel = "<protocol>",
              description = "IMAP, SMTP, EWS, …; again for several (default: every mail client).")
          List<String> scopes)
      throws IOException {
    return OperatorCall.print(
        options,
        "token-create",
        Map.of(
            "address",
            address,
            "name",
            name,
            "days",
            days,
            "scopes",
            scopes == null ? List.of() : scopes));
  }

  @Command(
      name = "list",
      description = "Lists a user's tokens without their secrets.",
      mixinStandardHelpOptions = true)
  int list(
      @Mixin ServiceOptions options,
      @Parameters(paramLabel = "<address>", description = "The user's email address.")
          String address)
      throws IOException {
    return OperatorCall.print(options, "token-list", Map.of("address", address));
  }

  @Command(name = "delete", description = "Ends a token at once.", mixinStandardHelpOptions = true)
  int delete(
      @Mixin ServiceOptions options,
      @Parameters(index = "0", paramLabel = "<address>", description = "The user's email address.")
          String address,
      @Parameters(index = "1", paramLabel = "<id>", description = "The token's id.") String id)
      throws IOException {
    return OperatorCall.print(options, "token-delete", Map.of("address", address, "id", id));
  }
}
