package org.mailstead.migration.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.ContentSpool;
import org.mailstead.migration.files.MboxStream;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.ItemWriter;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.NewItem;
import org.mailstead.migration.item.Target;
import org.mailstead.migration.item.WriteResult;
import org.mailstead.migration.ledger.Ledger;
import org.mailstead.migration.ledger.LedgerFile;
import org.mailstead.migration.ledger.LedgerRecord;

/// An mbox of any size through the whole engine, ledger and all, in 128 MiB of heap: a generator in
/// place of a file, so that no disk is needed. 256 MiB of mail; `-Dmailstead.gigabytes=100` for
/// more.
final class MboxStreamTest {
  private static final int MESSAGE_BYTES = 1 << 20;

  @TempDir Path folder;

  @Test
  void anMboxOfAnySizeGoesThroughASmallHeap() throws Exception {
    long gigabytes = Long.getLong("mailstead.gigabytes", 0);
    long count = gigabytes == 0 ? 256 : gigabytes * 1_024;
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-cp",
                absolute(System.getProperty("java.class.path")),
                MboxStreamTest.class.getName(),
                Long.toString(count),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    System.out.print("mbox stream: " + said);
    assertThat(said).contains("whole, " + count + " messages");
  }

  private static String absolute(String classPath) {
    List<String> parts = new ArrayList<>();
    for (String part : classPath.split(java.io.File.pathSeparator)) {
      parts.add(Path.of(part).toAbsolutePath().toString());
    }
    return String.join(java.io.File.pathSeparator, parts);
  }

  /// The child: `<count of messages> <folder>`.
  public static void main(String[] arguments) throws Exception {
    long count = Long.parseLong(arguments[0]);
    Path folder = Path.of(arguments[1]);
    Files.createDirectories(folder);
    long start = System.nanoTime();
    Nowhere target = new Nowhere();
    try (Ledger ledger =
        Ledger.open(
            LedgerFile.open(folder.resolve("ledger")),
            new LedgerRecord.Opened("a", "b", Instant.EPOCH),
            System::nanoTime)) {
      ledger.startCommitter();
      MboxStream source =
          new MboxStream(
              "generated",
              offset -> {
                InputStream in = new Generator(count);
                in.skipNBytes(offset);
                return in;
              },
              new ContentSpool(folder, 1 << 16));
      MailboxResult result =
          new MailboxTransfer(
                  source,
                  target,
                  ledger,
                  folders ->
                      List.of(
                          new FolderPair(
                              folders.getFirst(),
                              FolderPath.INBOX,
                              FolderRole.INBOX,
                              Optional.empty())),
                  TransferSettings.standard(),
                  ItemFilter.none(),
                  (_, _, _, _) -> {},
                  TransferListener.none(),
                  new StopSignal(),
                  new Random(1))
              .run();
      System.out.printf(
          "%s, %d messages, %d MiB, %d s%n",
          result.isWhole() ? "whole" : "NOT WHOLE " + result.problems(),
          target.count,
          target.bytes >> 20,
          (System.nanoTime() - start) / 1_000_000_000);
      if (!result.isWhole() || target.count != count) System.exit(1);
    }
  }

  /// Messages of a mebibyte each, every one different.
  private static final class Generator extends InputStream {
    private final byte[] message;
    private final long count;
    private long number;
    private int at;

    Generator(long count) {
      this.count = count;
      StringBuilder text = new StringBuilder();
      text.append("From a@b Tue Jan  2 03:04:05 2024\nSubject: generated\nStatus: RO\n");
      text.append("X-Number: 0000000000\n\n");
      Random random = new Random(1);
      byte[] line = new byte[57];
      while (text.length() < MESSAGE_BYTES) {
        random.nextBytes(line);
        text.append(java.util.Base64.getEncoder().encodeToString(line)).append('\n');
      }
      message = text.append('\n').toString().getBytes(StandardCharsets.US_ASCII);
      stamp();
    }

    private void stamp() {
      byte[] digits = "%010d".formatted(number).getBytes(StandardCharsets.US_ASCII);
      int place = new String(message, 0, 200, StandardCharsets.US_ASCII).indexOf("X-Number: ") + 10;
      System.arraycopy(digits, 0, message, place, digits.length);
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] octets, int offset, int length) {
      if (number >= count) return -1;
      int got = Math.min(length, message.length - at);
      System.arraycopy(message, at, octets, offset, got);
      at += got;
      if (at == message.length) {
        at = 0;
        number++;
        stamp();
      }
      return got;
    }

    @Override
    public long skip(long wanted) {
      // A generator need not make what nobody reads.
      long total = Math.min(wanted, (count - number) * message.length - at);
      long place = number * message.length + at + total;
      number = place / message.length;
      at = (int) (place % message.length);
      stamp();
      return total;
    }
  }

  /// Takes everything and keeps nothing.
  private static final class Nowhere implements Target {
    private long count;
    private long bytes;

    @Override
    public String identity() {
      return "nowhere";
    }

    @Override
    public List<MailFolder> folders() {
      return List.of();
    }

    @Override
    public FolderListing list(MailFolder box, Optional<String> token) {
      return new FolderListing.Complete(List.of(), "");
    }

    @Override
    public ItemReader read(MailFolder box, List<ItemSummary> items) {
      throw new IllegalStateException("nothing is there");
    }

    @Override
    public long itemBytesMax() {
      return Long.MAX_VALUE;
    }

    @Override
    public MailFolder ensureFolder(FolderPath path, FolderRole role, boolean subscribed) {
      return new MailFolder("x", path, role, "", 0, 0, true, true);
    }

    @Override
    public String position(MailFolder box) {
      return "";
    }

    @Override
    public List<ItemSummary> listSince(MailFolder box, String position) {
      return List.of();
    }

    @Override
    public ItemWriter write(MailFolder box) {
      return new ItemWriter() {
        private final Deque<List<WriteResult>> done = new ArrayDeque<>();

        @Override
        public int batchesInFlightMax() {
          return 1;
        }

        @Override
        public void send(List<NewItem> batch) {
          List<WriteResult> results = new ArrayList<>();
          for (NewItem item : batch) {
            bytes += item.content().length();
            results.add(new WriteResult.Written(Long.toString(++count)));
          }
          done.add(results);
        }

        @Override
        public List<WriteResult> receive() {
          return done.removeFirst();
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void setFlags(MailFolder box, List<String> ids, Set<String> flags) {}

    @Override
    public void remove(MailFolder box, List<String> ids) {}

    @Override
    public Set<String> keepable(MailFolder box, Set<String> flags) {
      return flags;
    }

    @Override
    public void close() {}
  }
}
