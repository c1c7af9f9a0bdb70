package org.mailstead.server;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.function.Consumer;
import org.mailstead.base.MailboxId;
import org.mailstead.core.export.MailboxArchive;

/// The operator's `export`: one mailbox into a zip file of this machine.
public final class MailboxExport {
  private static final int PROGRESS_STEP = 10;

  private MailboxExport() {}

  /// The file appears when it is whole; one that exists already is not replaced.
  ///
  /// @param address of an enabled user
  /// @return one line for the operator
  public static String write(Domain domain, String address, Path file, Consumer<String> progress)
      throws IOException {
    MailboxId mailbox = Backups.mailbox(domain, address);
    if (Files.exists(file)) throw new FileAlreadyExistsException(file + " exists already");
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file in no folder");
    Path fresh = folder.resolve(file.getFileName() + ".part");
    try {
      MailboxArchive.Summary summary;
      try (FileChannel channel =
              FileChannel.open(
                  fresh,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE);
          var out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
        int[] told = {0};
        summary =
            domain
                .archive()
                .write(
                    domain.mailboxes().open(mailbox),
                    address,
                    out,
                    percent -> {
                      if (percent >= told[0] + PROGRESS_STEP) {
                        told[0] = percent - percent % PROGRESS_STEP;
                        progress.accept(told[0] + " %");
                      }
                      return true;
                    });
        out.flush();
        channel.force(true);
      }
      Files.move(fresh, file);
      return text(address, file, summary);
    } catch (MailboxArchive.StoppedException e) {
      throw new IOException("the export was stopped", e);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static String text(String address, Path file, MailboxArchive.Summary summary) {
    String rest =
        (summary.removedMeanwhile() == 0
                ? ""
                : ", " + summary.removedMeanwhile() + " were removed meanwhile")
            + (summary.nonExportable() == 0
                ? ""
                : ", " + summary.nonExportable() + " cannot be read and are left out");
    return "%s: %d messages in %d folders, %d octets%s, written to %s (SHA-384 %s)"
        .formatted(
            address,
            summary.messages(),
            summary.folders(),
            summary.bytes(),
            rest,
            file,
            summary.sha384());
  }
}
