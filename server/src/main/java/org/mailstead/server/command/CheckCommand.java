package org.mailstead.server.command;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailstead.server.CheckReport;
import org.mailstead.server.DataFolder;
import org.mailstead.server.Domain;
import org.mailstead.server.control.ControlClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.json.JsonMapper;

/// `check`: walks the whole store and proves that every index agrees with its source.
@Command(
    name = "check",
    description = {
      "Proves that the store is whole: every index against its source, every checksum; also while the",
      "service runs. Exit code 1 if something is wrong; a line for each finding."
    },
    mixinStandardHelpOptions = true)
public final class CheckCommand implements Callable<Integer> {
  @Mixin private ServiceOptions options = new ServiceOptions();

  @Override
  public Integer call() throws IOException {
    DataFolder data = options.usedDataFolder();
    CheckReport report = report(data);
    report.warnings().forEach(text -> System.out.println("warning: " + text));
    report.errors().forEach(text -> System.out.println("ERROR: " + text));
    System.out.println(report.summary());
    return report.isClean() ? 0 : 1;
  }

  private CheckReport report(DataFolder data) throws IOException {
    Optional<ControlClient> running = ControlClient.connect(data.root());
    if (running.isPresent()) {
      try (ControlClient client = running.get()) {
        return JsonMapper.builder()
            .build()
            .treeToValue(
                client.ask(Map.of("word", "check"), System.err::println), CheckReport.class);
      }
    }
    try (Domain domain = Domain.open(data, options.settings())) {
      return CheckReport.of(domain.check());
    }
  }
}
