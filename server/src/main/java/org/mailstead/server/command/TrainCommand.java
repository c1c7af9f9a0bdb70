package org.mailstead.server.command;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mailstead.server.DataFolder;
import org.mailstead.server.Service;
import org.mailstead.server.Training;
import org.mailstead.server.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `train`: one short life of a service in a scratch folder, for the launcher's ahead-of-time
/// cache.
@Command(name = "train", hidden = true)
public final class TrainCommand implements Callable<Integer> {
  @Parameters(paramLabel = "<scratch folder>")
  private Path folder = Path.of("");

  @Override
  public Integer call() throws Exception {
    Map<String, String> variables = new HashMap<>();
    for (String name :
        List.of(
            "SMTP", "SUBMISSION", "SUBMISSIONS", "LMTP", "IMAP", "IMAPS", "MANAGESIEVE", "API")) {
      variables.put("MAILSTEAD_LISTEN_" + name, "127.0.0.1:0");
    }
    variables.put("MAILSTEAD_LOGIN_PLAIN_WITHOUT_TLS", "true");
    Settings settings = Settings.load(Optional.empty(), variables);
    try (Service service =
        Service.start(new DataFolder(folder.resolve("data")), settings, Optional.empty())) {
      Training.exercise(service);
    }
    return 0;
  }
}
