package org.mailstead.server.command;

import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `dkim`: the keys that a domain's mail is signed with.
@Command(
    name = "dkim",
    description = {
      "Shows and changes the DKIM keys of a domain. There are two pairs: one signs, the other one",
      "waits, and both are published."
    },
    mixinStandardHelpOptions = true)
public final class DkimCommand {
  @Command(
      name = "show",
      description = "The keys, and which of them sign.",
      mixinStandardHelpOptions = true)
  int show(@Mixin ServiceOptions options, @Parameters(paramLabel = "<domain>") String domain)
      throws IOException {
    return OperatorCall.print(options, "dkim-show", Map.of("domain", domain));
  }

  @Command(
      name = "export",
      description = "The public records, as lines of a zone file.",
      mixinStandardHelpOptions = true)
  int export(@Mixin ServiceOptions options, @Parameters(paramLabel = "<domain>") String domain)
      throws IOException {
    return OperatorCall.print(options, "dkim-export", Map.of("domain", domain));
  }

  @Command(
      name = "rotate",
      description = "Signs with the other pair from now on, if the DNS shows it.",
      mixinStandardHelpOptions = true)
  int rotate(
      @Mixin ServiceOptions options,
      @Parameters(paramLabel = "<domain>") String domain,
      @Option(
              names = "--force",
              description = "Although the DNS does not show it: mail goes unsigned until it does.")
          boolean force)
      throws IOException {
    return OperatorCall.print(options, "dkim-rotate", Map.of("domain", domain, "force", force));
  }

  @Command(
      name = "renew",
      description = "New keys for the pair that does not sign, seven days after a rotation.",
      mixinStandardHelpOptions = true)
  int renew(@Mixin ServiceOptions options, @Parameters(paramLabel = "<domain>") String domain)
      throws IOException {
    return OperatorCall.print(options, "dkim-renew", Map.of("domain", domain));
  }
}
