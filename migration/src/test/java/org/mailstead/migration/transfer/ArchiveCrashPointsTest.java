package org.mailstead.migration.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.migration.files.Mbox;
import org.mailstead.migration.files.ZipTarget;
import org.mailstead.migration.files.ZipTree;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.ItemWriter;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.NewItem;
import org.mailstead.migration.item.ReadItem;
import org.mailstead.migration.item.Source;
import org.mailstead.migration.item.Target;
import org.mailstead.migration.item.WriteResult;
import org.mailstead.migration.ledger.Ledger;
import org.mailstead.migration.ledger.LedgerRecord;

/// A process that dies at any step of a run into an archive, its last write torn: the run that
/// follows makes the archive what the source is, nothing lost, nothing twice.
final class ArchiveCrashPointsTest {
  private static final int POINTS = Integer.getInteger("mailstead.kills", 150);

  @TempDir Path folder;

  /// Dies before or after each step; what a dying step was writing is torn anywhere.
  private final class Mortal implements Target {
    private final Target target;
    private final Faults faults;
    private final Random random;

    Mortal(Target target, Faults faults, Random random) {
      this.target = target;
      this.faults = faults;
      this.random = random;
    }

    private interface Work<T> {
      T run() throws IOException;
    }

    private <T> T writing(Work<T> work) throws IOException {
      faults.local();
      Map<Path, Long> before = sizes();
      T result = work.run();
      try {
        faults.local();
      } catch (CrashError e) {
        tear(before);
        throw e;
      }
      return result;
    }

    private Map<Path, Long> sizes() throws IOException {
      Map<Path, Long> sizes = new HashMap<>();
      try (Stream<Path> files = Files.walk(folder.resolve("target"))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          sizes.put(file, Files.size(file));
        }
      } catch (java.nio.file.NoSuchFileException e) {
        return sizes;
      }
      return sizes;
    }

    private void tear(Map<Path, Long> before) throws IOException {
      for (Map.Entry<Path, Long> each : sizes().entrySet()) {
        long old = before.getOrDefault(each.getKey(), 0L);
        if (each.getValue() <= old) continue;
        try (FileChannel channel = FileChannel.open(each.getKey(), StandardOpenOption.WRITE)) {
          long kept = old + random.nextLong(each.getValue() - old + 1);
          channel.truncate(kept);
          if (random.nextBoolean()) {
            channel.write(ByteBuffer.allocate(1 + random.nextInt(5_000)), kept);
          }
        }
      }
    }

    @Override
    public String identity() {
      return target.identity();
    }

    @Override
    public List<MailFolder> folders() throws IOException {
      faults.local();
      return target.folders();
    }

    @Override
    public FolderListing list(MailFolder box, Optional<String> token) throws IOException {
      return target.list(box, token);
    }

    @Override
    public ItemReader read(MailFolder box, List<ItemSummary> items) throws IOException {
      faults.local();
      return target.read(box, items);
    }

    @Override
    public long itemBytesMax() throws IOException {
      return target.itemBytesMax();
    }

    @Override
    public MailFolder ensureFolder(FolderPath path, FolderRole role, boolean subscribed)
        throws IOException {
      return writing(() -> target.ensureFolder(path, role, subscribed));
    }

    @Override
    public String position(MailFolder box) throws IOException {
      faults.local();
      return target.position(box);
    }

    @Override
    public List<ItemSummary> listSince(MailFolder box, String position) throws IOException {
      faults.local();
      return target.listSince(box, position);
    }

    @Override
    public ItemWriter write(MailFolder box) throws IOException {
      ItemWriter writer = target.write(box);
      return new ItemWriter() {
        @Override
        public int batchesInFlightMax() {
          return writer.batchesInFlightMax();
        }

        @Override
        public void send(List<NewItem> batch) throws IOException {
          writing(() -> {
            writer.send(batch);
            return true;
          });
        }

        @Override
        public List<WriteResult> receive() throws IOException {
          faults.local();
          return writer.receive();
        }

        @Override
        public void close() {
          writer.close();
        }
      };
    }

    @Override
    public void setFlags(MailFolder box, List<String> ids, Set<String> flags) throws IOException {
      // An appended change may be torn; an mbox is changed in place or exchanged.
      writing(() -> {
        target.setFlags(box, ids, flags);
        return true;
      });
    }

    @Override
    public void remove(MailFolder box, List<String> ids) throws IOException {
      writing(() -> {
        target.remove(box, ids);
        return true;
      });
    }

    @Override
    public void finish() throws IOException {
      writing(() -> {
        target.finish();
        return true;
      });
    }

    @Override
    public Set<String> keepable(MailFolder box, Set<String> flags) throws IOException {
      return target.keepable(box, flags);
    }

    @Override
    public void close() {
      target.close();
    }
  }

  private Target open(String kind) throws IOException {
    ContentSpool spool = new ContentSpool(folder, 1 << 20);
    return kind.equals("mbox")
        ? new Mbox(folder.resolve("target"), spool)
        : new ZipTarget(folder.resolve("target/archive.zip"), spool);
  }

  private boolean run(CrashPointsTest.Scene scene, String kind, Faults faults) throws IOException {
    try (Target archive = open(kind);
        Ledger ledger =
            Ledger.open(
                scene.disk.open(faults),
                new LedgerRecord.Opened("anna@source", archive.identity(), Instant.EPOCH),
                System::nanoTime)) {
      Target target = new Mortal(archive, faults, scene.random);
      MailboxResult result =
          new MailboxTransfer(
                  scene.source.open(faults),
                  target,
                  ledger,
                  folders ->
                      folders.stream()
                          .map(f -> new FolderPair(f, f.path(), FolderRole.NONE, Optional.empty()))
                          .toList(),
                  TransferSettings.standard().inline(),
                  ItemFilter.none(),
                  (_, _, _, _) -> {},
                  TransferListener.none(),
                  new StopSignal(),
                  scene.random)
              .run();
      target.finish();
      assertThat(result.problems()).isEmpty();
      return result.isWhole();
    }
  }

  private static List<String> picture(Source source) throws IOException {
    List<String> all = new ArrayList<>();
    for (MailFolder box : source.folders()) {
      FolderListing.Complete listing = (FolderListing.Complete) source.list(box, Optional.empty());
      try (ItemReader reader = source.read(box, listing.items())) {
        for (Optional<ReadItem> next = reader.next(); next.isPresent(); next = reader.next()) {
          ReadItem.Found found = (ReadItem.Found) next.get();
          try (Content content = found.content();
              InputStream in = content.open()) {
            all.add(
                "%s %s %s %s"
                    .formatted(
                        box.path(),
                        new TreeSet<>(found.summary().flags()),
                        found.summary().received(),
                        new String(in.readAllBytes(), StandardCharsets.UTF_8)));
          }
        }
      }
    }
    all.sort(null);
    return all;
  }

  private void expectSame(CrashPointsTest.Scene scene, String kind, String where)
      throws IOException {
    List<String> wanted = picture(scene.source.open(Faults.never()));
    try (Target archive = open(kind)) {
      assertThat(picture(archive)).as(where).isEqualTo(wanted);
    }
    if (!kind.equals("zip")) return;
    try (Source zip =
        new ZipTree(folder.resolve("target/archive.zip"), new ContentSpool(folder, 1 << 20))) {
      assertThat(picture(zip)).as(where).isEqualTo(wanted);
    }
  }

  private void clear() throws IOException {
    if (!Files.exists(folder.resolve("target"))) return;
    try (Stream<Path> files = Files.walk(folder.resolve("target"))) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void aDeathAtAnyStepLosesNothingAndDoublesNothing() throws IOException {
    long seed = Long.getLong("migration.seed", System.nanoTime() % 1_000_000);
    System.out.println("archive crash points: seed " + seed);
    for (String kind : List.of("mbox", "zip")) {
      CrashPointsTest.Scene whole = new CrashPointsTest.Scene(seed);
      Faults counting = Faults.never();
      assertThat(run(whole, kind, counting)).isTrue();
      expectSame(whole, kind, "first");
      long first = counting.steps();
      whole.change();
      counting = Faults.never();
      assertThat(run(whole, kind, counting)).isTrue();
      expectSame(whole, kind, "second");
      long second = counting.steps();
      Random random = new Random(seed);
      for (int i = 0; i < POINTS; i++) {
        clear();
        long step = 1 + random.nextLong(first + second);
        String where = "%s, seed %d, step %d of %d + %d".formatted(kind, seed, step, first, second);
        try {
          CrashPointsTest.Scene scene = new CrashPointsTest.Scene(seed + i);
          attempt(scene, kind, step <= first ? step : -1);
          assertThat(run(scene, kind, Faults.never())).as(where).isTrue();
          expectSame(scene, kind, where);
          scene.change();
          attempt(scene, kind, step > first ? step - first : -1);
          assertThat(run(scene, kind, Faults.never())).as(where).isTrue();
          expectSame(scene, kind, where);
        } catch (RuntimeException e) {
          throw new AssertionError(where, e);
        }
      }
      clear();
    }
  }

  private void attempt(CrashPointsTest.Scene scene, String kind, long step) throws IOException {
    if (step < 0) return;
    try {
      run(scene, kind, new Faults(step, Faults.Kind.CRASH));
      while (scene.random.nextInt(3) == 0) {
        run(scene, kind, new Faults(1 + scene.random.nextInt(200), Faults.Kind.CRASH));
      }
    } catch (CrashError e) {
      scene.disk.crash();
    }
  }
}
