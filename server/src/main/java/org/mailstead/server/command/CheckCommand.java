package org.mailstead.server.command;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.mailstead.server.DataFolder;
import org.mailstead.server.Domain;
import org.mailstead.server.control.ControlClient;
import org.mailstead.store.StoreCheck;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `check`: walks the whole store and proves that every index agrees with its source.
@Command(
    name = "check",
    description = {
      "Proves that the store is whole: every index against its source, every checksum.",
      "For a service that is stopped. Exit code 1 if something is wrong; a line for each finding."
    },
    mixinStandardHelpOptions = true)
public final class CheckCommand implements Callable<Integer> {
  @Mixin private ServiceOptions options = new ServiceOptions();

  @Override
  public Integer call() throws IOException {
    DataFolder data = options.usedDataFolder();
    try (var running = ControlClient.connect(data.root()).orElse(null)) {
      if (running != null) {
        throw new IOException(
            "a service is running on "
                + data.root()
                + ": stop it first, or check a restored backup");
      }
    }
    StoreCheck.Result result;
    try (Domain domain = Domain.open(data, options.settings())) {
      result = domain.check();
    }
    result.warnings().forEach(text -> System.out.println("warning: " + text));
    result.errors().forEach(text -> System.out.println("ERROR: " + text));
    System.out.printf(
        "%d partitions, %d rows, %d blobs, %d references: %s%n",
        result.partitionCount(),
        result.rowCount(),
        result.blobCount(),
        result.referenceCount(),
        result.isClean()
            ? "clean"
                + (result.warningCount() == 0 ? "" : ", " + result.warningCount() + " warnings")
            : result.errorCount() + " ERRORS");
    return result.isClean() ? 0 : 1;
  }
}
