package org.mailstead.migration.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.mailstead.migration.plan.MailboxEntry;
import org.mailstead.migration.plan.MigrationSettings;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// How the last `run` of one mailbox ended. The ledger cannot tell: a run that finds nothing new
/// writes nothing.
///
/// @param started and `ended` as in ISO 8601, UTC
/// @param problems the first of them
public record LastRun(String started, String ended, boolean whole, List<String> problems) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int PROBLEMS_MAX = 20;

  private static Path file(MigrationSettings settings, MailboxEntry mailbox) {
    return settings.work().resolve("runs").resolve(MigrationSettings.fileName(mailbox) + ".json");
  }

  /// @throws IOException the file is no such record
  public static Optional<LastRun> read(MigrationSettings settings, MailboxEntry mailbox)
      throws IOException {
    Path file = file(settings, mailbox);
    if (!Files.exists(file)) return Optional.empty();
    try {
      return Optional.of(JSON.readValue(Files.readString(file), LastRun.class));
    } catch (JacksonException e) {
      throw new IOException(file + " cannot be read: " + e.getOriginalMessage(), e);
    }
  }

  void write(MigrationSettings settings, MailboxEntry mailbox) throws IOException {
    Path file = file(settings, mailbox);
    Files.createDirectories(settings.work().resolve("runs"));
    Path fresh = file.resolveSibling(MigrationSettings.fileName(mailbox) + ".part");
    List<String> first = problems.subList(0, Math.min(PROBLEMS_MAX, problems.size()));
    Files.writeString(
        fresh, JSON.writeValueAsString(new LastRun(started, ended, whole, List.copyOf(first))));
    Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
