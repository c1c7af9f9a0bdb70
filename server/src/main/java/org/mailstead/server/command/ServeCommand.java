package org.mailstead.server.command;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.mailstead.server.Service;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `serve`: runs the service until it is told to end.
@Command(
    name = "serve",
    description = {
      "Runs the service. An empty data folder becomes a usable service at once: an organization, its test domain,",
      "an administrator, an access key, a certificate; the passwords are printed once."
    },
    mixinStandardHelpOptions = true)
public final class ServeCommand implements Callable<Integer> {
  @Mixin private ServiceOptions options = new ServiceOptions();

  @Option(
      names = "--ready-file",
      paramLabel = "<file>",
      description = "Written (JSON, mode 0600) once every listener answers.")
  private Optional<Path> readyFile = Optional.empty();

  @Override
  public Integer call() throws Exception {
    Service service = Service.start(options.dataFolder(), options.settings(), readyFile);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  service.close();
                  // Told to end, and ended: 0, where the JVM would say 143 for a signal.
                  Runtime.getRuntime().halt(0);
                }));
    new CountDownLatch(1).await();
    return 0;
  }
}
