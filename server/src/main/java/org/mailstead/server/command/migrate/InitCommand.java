package org.mailstead.server.command.migrate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Callable;
import org.mailstead.migration.plan.Template;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `migrate init`: writes the commented settings file.
@Command(
    name = "init",
    description = "Writes a commented settings file to edit; never over one that is there.",
    mixinStandardHelpOptions = true)
final class InitCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "<file>",
      defaultValue = "migration.toml",
      description = "(default: ${DEFAULT-VALUE})")
  private Path file = Path.of("migration.toml");

  @Override
  public Integer call() throws IOException {
    if (Files.exists(file)) throw new IOException(file + " is there already");
    // Passwords may be written into it.
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, Template.text(), StandardOpenOption.TRUNCATE_EXISTING);
    System.out.println("written: " + file + "; edit it, then: mailstead migrate plan " + file);
    return 0;
  }
}
