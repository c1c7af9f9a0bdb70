package org.mailstead.server;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.MailboxId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.migration.files.EmlTree;
import org.mailstead.migration.files.Maildir;
import org.mailstead.migration.files.Mbox;
import org.mailstead.migration.files.ZipTree;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.Source;
import org.mailstead.migration.ledger.Ledger;
import org.mailstead.migration.ledger.LedgerFile;
import org.mailstead.migration.ledger.LedgerRecord;
import org.mailstead.migration.plan.FolderRules;
import org.mailstead.migration.run.FolderQuarantine;
import org.mailstead.migration.transfer.ItemFilter;
import org.mailstead.migration.transfer.MailboxResult;
import org.mailstead.migration.transfer.MailboxTransfer;
import org.mailstead.migration.transfer.StopSignal;
import org.mailstead.migration.transfer.TransferListener;
import org.mailstead.migration.transfer.TransferSettings;

/// The operator's `import`: mail from files of this machine into one mailbox, by the migration
/// engine, with its ledger in the data folder. It only adds, and may be run again: what is there is
/// recognised by its content. Nothing of it passes mail flow.
public final class MailboxImport {
  private static final int SPOOL_MEMORY_BYTES = 1 << 20;
  private static final int PROGRESS_EVERY = 1_000;

  private MailboxImport() {}

  /// What the files are.
  public enum Kind {
    EML,
    ZIP,
    MAILDIR,
    MBOX;

    /// @throws RefusedException INVALID: no such kind
    static Kind parse(String name) {
      for (Kind each : values()) {
        if (each.name().equalsIgnoreCase(name)) return each;
      }
      throw new RefusedException(Refusal.INVALID, "kinds are eml, zip, maildir and mbox: " + name);
    }

    /// By what lies there.
    static Kind of(Path path) throws IOException {
      if (Files.isDirectory(path)) {
        if (Files.isDirectory(path.resolve("cur"))) return MAILDIR;
        try (Stream<Path> all = Files.walk(path, FolderPath.DEPTH_MAX)) {
          Optional<Path> first =
              all.filter(Files::isRegularFile)
                  .filter(file -> !file.getFileName().toString().startsWith("."))
                  .findFirst();
          boolean isMbox = first.isPresent() && startsWith(first.get(), "From ");
          return isMbox ? MBOX : EML;
        }
      }
      if (startsWith(path, "PK")) return ZIP;
      if (startsWith(path, "From ")) return MBOX;
      throw new RefusedException(
          Refusal.INVALID, "it cannot be told what " + path + " is: say --kind");
    }

    private static boolean startsWith(Path file, String text) throws IOException {
      try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
        return new String(in.readNBytes(text.length()), StandardCharsets.ISO_8859_1).equals(text);
      }
    }
  }

  /// What a run of it may be told.
  ///
  /// @param kind empty: by what lies there
  /// @param into a folder that takes the whole tree; empty: each folder to the one of its name
  public record Options(Optional<Kind> kind, Optional<String> into) {
    public static Options parse(String kind, String into) {
      return new Options(
          kind.isEmpty() ? Optional.empty() : Optional.of(Kind.parse(kind)),
          into.isEmpty() ? Optional.empty() : Optional.of(into));
    }
  }

  /// @param address of an enabled user
  /// @return one line for the operator, which begins with WHOLE or NOT WHOLE
  public static String run(
      Domain domain, String address, Path from, Options options, Consumer<String> progress)
      throws IOException {
    MailboxId mailbox = Backups.mailbox(domain, address);
    if (!Files.exists(from)) throw new IOException(from + " is not there");
    Path work = work(domain, mailbox, from, options);
    Files.createDirectories(work.resolve("spool"));
    ContentSpool spool = new ContentSpool(work.resolve("spool"), SPOOL_MEMORY_BYTES);
    Kind kind = options.kind().isPresent() ? options.kind().get() : Kind.of(from);
    try (Source source = source(kind, from, spool);
        MailboxTarget target = new MailboxTarget(domain.mailboxes().open(mailbox), domain.clock());
        Ledger ledger =
            Ledger.open(
                LedgerFile.open(work.resolve("ledger")),
                new LedgerRecord.Opened(
                    source.identity(), target.identity(), domain.clock().instant()),
                System::nanoTime)) {
      ledger.startCommitter();
      Told told = new Told(progress);
      MailboxResult result =
          new MailboxTransfer(
                  source,
                  target,
                  ledger,
                  folders -> rules(options, folders).map(folders, target.folders()).pairs(),
                  adding(),
                  ItemFilter.none(),
                  new FolderQuarantine(work.resolve("quarantine")),
                  told,
                  new StopSignal(),
                  new Random(domain.random().nextLong()))
              .run();
      return text(address, result, told, work);
    }
  }

  /// The same files into the same mailbox go on with the same ledger.
  private static Path work(Domain domain, MailboxId mailbox, Path from, Options options)
      throws IOException {
    CRC32C crc = new CRC32C();
    String text = from.toRealPath() + "\u0000" + options.into().orElse("");
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return domain
        .data()
        .imports()
        .resolve(
            "%s-%08x"
                .formatted(mailbox.toString().replaceAll("[^A-Za-z0-9-]", "_"), crc.getValue()));
  }

  private static Source source(Kind kind, Path from, ContentSpool spool) throws IOException {
    return switch (kind) {
      case EML -> new EmlTree(from);
      case ZIP -> new ZipTree(from, spool);
      case MAILDIR -> new Maildir(from);
      case MBOX -> new Mbox(from, spool);
    };
  }

  private static FolderRules rules(Options options, List<MailFolder> folders) {
    Map<String, String> overrides = new java.util.HashMap<>();
    if (options.into().isPresent()) {
      FolderPath top = FolderPath.parse(options.into().get());
      for (MailFolder each : folders) {
        FolderPath path = top;
        for (String name : each.path().names()) path = path.child(name);
        overrides.put(each.path().text(), path.text());
      }
    }
    return new FolderRules(overrides, List.of(), Optional.empty(), false);
  }

  /// Files that went away since the last import remove nothing.
  private static TransferSettings adding() {
    TransferSettings usual = TransferSettings.standard();
    return new TransferSettings(
        usual.folderLanes(),
        usual.hostLanesMax(),
        usual.heldBytesMax(),
        usual.retriesMax(),
        Duration.ofMillis(100),
        Duration.ofSeconds(10),
        Duration.ZERO,
        usual.itemBytesMax(),
        false,
        usual.massRemovalShare(),
        Optional.empty(),
        true);
  }

  private static String text(String address, MailboxResult result, Told told, Path work) {
    return "%s: %d messages written into the mailbox of %s, %d were there%s%s"
        .formatted(
            result.isWhole() ? "WHOLE" : "NOT WHOLE",
            told.written.get(),
            address,
            told.passed.get(),
            result.setAsideCount() == 0
                ? ""
                : ", %d set aside in %s".formatted(result.setAsideCount(), work),
            result.problems().isEmpty() ? "" : ": " + String.join("; ", result.problems()));
  }

  private static final class Told implements TransferListener {
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong passed = new AtomicLong();
    private final Consumer<String> progress;

    Told(Consumer<String> progress) {
      this.progress = progress;
    }

    @Override
    public void written(FolderPath path, long sizeBytes) {
      long count = written.incrementAndGet();
      if (count % PROGRESS_EVERY == 0) progress.accept(count + " messages");
    }

    @Override
    public void passed(FolderPath path, long sizeBytes) {
      passed.incrementAndGet();
    }

    @Override
    public void setAside(FolderPath path, String id, String reason) {
      progress.accept("%s %s set aside: %s".formatted(path, id, reason));
    }
  }
}
