package org.mailstead.core.mailbox;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.mailstead.base.EmailId;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.store.rocksdb.RocksSettings;
import org.mailstead.store.rocksdb.RocksStore;

/// Figures of the mailbox on the embedded store, synced (docs/benchmarks.md): a program, not a
/// test. Run its `main` with the test class path of `core`; the argument is an empty folder on the
/// disk to be measured.
public final class MailboxMeasurement {
  private static final long MEASURED_NANOS = 4_000_000_000L;

  private final MailboxFixture fixture;
  private int mailboxes;

  private MailboxMeasurement(MailboxFixture fixture) {
    this.fixture = fixture;
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    Files.createDirectories(folder);
    try (RocksStore store =
        RocksStore.open(
            RocksSettings.in(folder.resolve("data")), InstantSource.system(), new SecureRandom())) {
      new MailboxMeasurement(new MailboxFixture(store, folder, InstantSource.system())).run();
    }
  }

  private void run() throws Exception {
    append("warm-up", 2, 4_000, 1);
    append("append 4 KB, 1 mailbox", 1, 4_000, 1);
    append("append 4 KB, 8 mailboxes", 8, 4_000, 1);
    append("append 75 KB, 1 mailbox", 1, 75_000, 1);
    append("append 75 KB, 8 mailboxes", 8, 75_000, 1);
    append("append 4 KB by 50, 1 mailbox", 1, 4_000, 50);
    append("append 4 KB by 50, 8 mailboxes", 8, 4_000, 50);
    oneMailbox();
    for (int pass = 0; pass < 3; pass++) bulk(pass);
    large();
  }

  private Mailbox fresh() {
    return fixture.mailbox(new MailboxId("m" + mailboxes++));
  }

  private static String body(int bytes) {
    return "Lorem ipsum dolor sit amet, consetetur sadipscing elitr.\r\n".repeat(bytes / 58);
  }

  private void append(String name, int threads, int bytes, int batch) throws Exception {
    List<Mailbox> targets = new ArrayList<>();
    for (int i = 0; i < threads; i++) targets.add(fresh());
    appendTo(name, targets, bytes, batch);
  }

  private void oneMailbox() throws Exception {
    Mailbox one = fresh();
    appendTo(
        "append 4 KB, 8 threads to one mailbox", java.util.Collections.nCopies(8, one), 4_000, 1);
  }

  private static void appendTo(String name, List<Mailbox> targets, int bytes, int batch)
      throws Exception {
    String body = body(bytes);
    AtomicLong count = new AtomicLong();
    long cpu = cpuNanos();
    long start = System.nanoTime();
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (Mailbox target : targets) {
      tasks.add(() -> {
        int made = 0;
        while (System.nanoTime() - start < MEASURED_NANOS) {
          List<NewMessage> messages = new ArrayList<>();
          for (int i = 0; i < batch; i++) {
            messages.add(MailboxFixture.message(target.id() + " " + made++, body));
          }
          target.append(target.inbox(), messages);
          count.addAndGet(batch);
        }
        return true;
      });
    }
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> each : executor.invokeAll(tasks)) each.get();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "%-40s %9.0f messages/s %7.3f ms CPU each%n",
        name, count.get() / seconds, (cpuNanos() - cpu) / 1e6 / count.get());
  }

  private static long cpuNanos() {
    return java.lang.management.ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }

  private static void timed(String name, long count, Runnable action) {
    long start = System.nanoTime();
    action.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf("%-40s %9.0f/s %9.2f ms%n", name, count / seconds, seconds * 1e3);
  }

  private void fill(Mailbox mailbox, int count) {
    FolderId inbox = mailbox.inbox();
    for (int i = 0; i < count; i += 500) {
      List<NewMessage> messages = new ArrayList<>();
      for (int k = 0; k < 500; k++) {
        messages.add(MailboxFixture.message("subject " + (i + k), body(1_000)));
      }
      mailbox.append(inbox, messages);
    }
  }

  private void bulk(int pass) {
    Mailbox mailbox = fresh();
    FolderId inbox = mailbox.inbox();
    fill(mailbox, 10_000);
    FolderId archive = MailboxFixture.folder(mailbox, "Archive");
    long[] all = MailboxFixture.uids(mailbox.view(inbox));
    System.out.println("pass " + pass);
    FlagChange seen = new FlagChange(FlagChange.Mode.ADD, Flags.SEEN, Set.of());
    timed(
        "store one by one (1,000)",
        1_000,
        () -> {
          for (int i = 0; i < 1_000; i++) {
            mailbox.store(inbox, new long[] {all[i * 10]}, seen, OptionalLong.empty());
          }
        });
    FlagChange deleted = new FlagChange(FlagChange.Mode.ADD, Flags.DELETED, Set.of());
    timed(
        "store all of 10,000",
        10_000,
        () -> mailbox.store(inbox, all, deleted, OptionalLong.empty()));
    timed("copy 10,000", 10_000, () -> mailbox.copy(inbox, all, archive));
    long[] copies = MailboxFixture.uids(mailbox.view(archive));
    FolderId sent = MailboxFixture.folder(mailbox, "Sent Items");
    timed("move 10,000", 10_000, () -> mailbox.move(archive, copies, sent));
    timed("expunge 10,000", 10_000, () -> mailbox.expunge(inbox, all));
    FolderView view = mailbox.view(sent);
    List<EmailId> emails = new ArrayList<>();
    for (int i = 1; i <= view.count(); i++) emails.add(view.email(i));
    timed("summaries of 10,000", 10_000, () -> mailbox.summaries(emails));
    timed("summaries of 10,000, again", 10_000, () -> mailbox.summaries(emails));
    timed(
        "content of 10,000",
        10_000,
        () -> {
          for (EmailId email : emails) mailbox.content(email, 0, Integer.MAX_VALUE);
        });
  }

  private void large() {
    Mailbox mailbox = fresh();
    FolderId inbox = mailbox.inbox();
    fill(mailbox, 1_000);
    while (mailbox.view(inbox).count() < 500_000) {
      mailbox.copy(inbox, MailboxFixture.uids(mailbox.view(inbox)), inbox);
    }
    int count = mailbox.view(inbox).count();
    for (int pass = 0; pass < 3; pass++) {
      fixture.reopen();
      timed(
          "open and view " + count + ", first unseen",
          count,
          () -> {
            FolderView view = fixture.mailbox(mailbox.id()).view(inbox);
            if (view.firstUnseen() != 1) throw new IllegalStateException("wrong");
          });
      FolderView view = fixture.mailbox(mailbox.id()).view(inbox);
      AtomicLong sum = new AtomicLong();
      timed(
          "read UID and flags of all",
          count,
          () -> {
            long total = 0;
            for (int i = 1; i <= view.count(); i++) total += view.uid(i) + view.flags(i);
            sum.set(total);
          });
      Mailbox opened = fixture.mailbox(mailbox.id());
      timed(
          "append to it (100)",
          100,
          () -> {
            for (int i = 0; i < 100; i++) {
              opened.append(inbox, List.of(MailboxFixture.message("s" + i, "b")));
            }
          });
      timed("difference to the newest", 1, () -> view.differenceTo(opened.view(inbox)));
    }
  }
}
