package org.mailstead.server.command.migrate;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailstead.migration.cutover.Cutover;
import org.mailstead.migration.cutover.CutoverReport;
import org.mailstead.migration.cutover.TestMailSender;
import org.mailstead.migration.directory.TargetDirectory;
import org.mailstead.migration.plan.CutoverSettings;
import org.mailstead.migration.plan.MigrationSettings;
import org.mailstead.migration.plan.SettingsFault;
import org.mailstead.workmail.client.WorkMailClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `migrate cutover`: go or no-go.
@Command(
    name = "cutover",
    description = {
      "Says whether mail can be switched over to the target, with every reason against it: DNS records and their lives,",
      "aliases and groups, mailboxes that are not whole, test mail to each address. Changes nothing but the test mail,",
      "which it removes again. With --after: whether the old service may go. Exit code 0: go; 3: no-go."
    },
    mixinStandardHelpOptions = true)
final class CutoverCommand implements Callable<Integer> {
  private static final int DNS_PORT = 53;

  @Mixin private SettingsFile settings = new SettingsFile();
  @Mixin private ApiOptions api = new ApiOptions();

  @Option(
      names = "--after",
      description =
          "After the switch: late mail at the old service, what came back, a week of quiet.")
  private boolean after;

  @Option(
      names = "--switched",
      paramLabel = "<time>",
      description = "When it was, 2026-01-31T12:00:00Z (default: when an earlier check saw it).")
  private Optional<String> switched = Optional.empty();

  @Option(names = "--no-test-mail", description = "Send none.")
  private boolean noTestMail;

  @Option(names = "--json", description = "For programs.")
  private boolean json;

  @Option(
      names = "--resolver",
      paramLabel = "<host:port>",
      description = "The resolver to ask (default: the system's).")
  private Optional<String> resolver = Optional.empty();

  @Option(names = "--authoritative-port", hidden = true, description = "For tests.")
  private int authoritativePort = DNS_PORT;

  @Override
  public Integer call() throws IOException {
    MigrationSettings read = settings.read();
    Optional<CutoverSettings.TestMail> mail = read.cutover().testMail();
    Optional<SmtpTestMail> sender = mail.map(SmtpTestMail::new);
    Optional<WorkMailClient> client =
        api.organizationId().isEmpty() ? Optional.empty() : Optional.of(api.open());
    try {
      TestMailSender none = (_, _, _) -> new TestMailSender.Outcome.Refused("no way to send");
      CutoverReport report =
          new Cutover(
                  read,
                  new Cutover.Options(after, switched.map(CutoverCommand::time), !noTestMail),
                  new Cutover.Doors(
                      new CutoverDns(
                          resolver.map(text -> HostAndPort.parse("--resolver", text)),
                          authoritativePort,
                          InstantSource.system()),
                      sender.isPresent() ? sender.get() : none,
                      client.map(open -> new TargetDirectory(open, api.organizationId()))),
                  InstantSource.system(),
                  new SecureRandom())
              .check();
      System.out.print(json ? report.json() + "\n" : report.text());
      return report.isGo() ? MigrateCommand.WHOLE : MigrateCommand.NOT_WHOLE;
    } finally {
      sender.ifPresent(SmtpTestMail::close);
      client.ifPresent(WorkMailClient::close);
    }
  }

  private static Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new SettingsFault("--switched is a time as in 2026-01-31T12:00:00Z: " + text);
    }
  }
}
