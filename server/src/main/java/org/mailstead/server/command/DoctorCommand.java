package org.mailstead.server.command;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.server.DataFolder;
import org.mailstead.server.Doctor;
import org.mailstead.server.DoctorReport;
import org.mailstead.server.Domain;
import org.mailstead.server.control.ControlClient;
import org.mailstead.server.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// `doctor`: what a domain still needs, on one screen.
@Command(
    name = "doctor",
    description = {
      "Looks at a domain's DNS records, the certificate, listeners, the way out and the store, and says",
      "what to do next. Exit code 1 if there is a problem."
    },
    mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Mixin private ServiceOptions options = new ServiceOptions();

  @Parameters(
      arity = "0..1",
      paramLabel = "<domain>",
      description = "The domain (default: all of them).")
  private Optional<String> domain = Optional.empty();

  @Option(
      names = "--reach",
      paramLabel = "<host>",
      description = "Try whether port 25 of this mail exchanger can be reached.")
  private Optional<String> reach = Optional.empty();

  @Option(names = "--json", description = "For programs.")
  private boolean json;

  @Option(
      names = "--fix",
      description = {
        "Show which records would be written into the domain's zone (settings [zones.<id>]).",
        "What others wrote there stays."
      })
  private boolean fix;

  @Option(names = "--yes", description = "With --fix: write them.")
  private boolean yes;

  @Override
  public Integer call() throws IOException {
    if (fix) {
      String name =
          domain.orElseThrow(() ->
              new RefusedException(Refusal.INVALID, "doctor --fix needs the name of a domain"));
      String word = yes ? "records-insert" : "records-propose";
      return OperatorCall.print(options, word, Map.of("domain", name));
    }
    if (yes) throw new RefusedException(Refusal.INVALID, "--yes goes with --fix");
    DoctorReport report = report(options.usedDataFolder());
    System.out.println(json ? JSON.writeValueAsString(report) : report.text());
    return report.isHealthy() ? 0 : 1;
  }

  private DoctorReport report(DataFolder data) throws IOException {
    Optional<ControlClient> running = ControlClient.connect(data.root());
    if (running.isPresent()) {
      Map<String, Object> request = new HashMap<>(Map.of("word", "doctor"));
      domain.ifPresent(name -> request.put("domain", name));
      reach.ifPresent(host -> request.put("reach", host));
      try (ControlClient client = running.get()) {
        return JSON.treeToValue(client.ask(request, System.err::println), DoctorReport.class);
      }
    }
    Settings settings = options.settings();
    try (Domain opened = Domain.open(data, settings)) {
      return Doctor.examine(opened, settings, domain, reach);
    }
  }
}
