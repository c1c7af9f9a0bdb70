package org.mailstead.migration.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.ledger.Ledger;
import org.mailstead.migration.ledger.LedgerRecord;

/// A fault at every step of a run: the process dies or the connection breaks, at either end, in the
/// ledger, in the first run and in the delta run after it. Whatever it was, the run that follows
/// makes the target what the source is: nothing lost, nothing twice.
final class CrashPointsTest {
  private static final int POINTS = Integer.getInteger("migration.crash-points", 10_000);
  private static final Instant OPENED = Instant.ofEpochSecond(1_800_000_000);

  /// One mailbox on its way, with all that survives a crash.
  static final class Scene {
    final Random random;
    final MemoryMailbox source;
    final MemoryMailbox target;
    final ForgetfulDisk disk;

    Scene(long seed) {
      random = new Random(seed);
      source = new MemoryMailbox("anna@source", random);
      target = new MemoryMailbox("anna@target", random);
      disk = new ForgetfulDisk(random);
      target.saysIds = seed % 3 != 0;
      target.altersOctets = seed % 4 == 1;
      for (int i = 0; i < 23; i++) add(i);
      source.box("Empty");
    }

    void add(int number) {
      String path =
          switch (number % 3) {
            case 0 -> "INBOX";
            case 1 -> "Projects/2026";
            default -> "Projects";
          };
      // Every fifth is the same to the octet as the one before, in another folder or the same.
      int text = number % 5 == 4 ? number - 1 : number;
      Set<String> flags = number % 2 == 0 ? Set.of("\\Seen") : Set.of("\\Flagged", "work");
      source.box(path).add(message(text), flags, Instant.ofEpochSecond(1_700_000_000L + number));
    }

    static byte[] message(int number) {
      // They look alike: one subject, one date, one sender.
      return ("From: a@example.org\r\nSubject: =?utf-8?Q?Alert_=E2=80=99?=\r\n"
              + "Date: Mon, 1 Jan 2024 10:00:00 +0000\r\nMessage-ID: <"
              + number
              + "@x>\r\n\r\nbody "
              + number
              + "\r\n")
          .getBytes(StandardCharsets.UTF_8);
    }

    /// What happens at the source between the runs: new, moved, changed, gone, numbered anew.
    void change() {
      for (int i = 30; i < 36; i++) add(i);
      var inbox = source.box("INBOX");
      var projects = source.box("Projects");
      MemoryMailbox.Item moved = inbox.items.remove(2);
      projects.add(moved.octets(), moved.flags(), moved.received());
      inbox.items.remove(3);
      MemoryMailbox.Item read = inbox.items.get(4);
      inbox.items.put(
          4, new MemoryMailbox.Item(4, read.octets(), Set.of("\\Answered"), read.received()));
      MemoryMailbox.Box renumbered = source.box("Projects/2026");
      renumbered.validity = 99;
      List<MemoryMailbox.Item> items = new ArrayList<>(renumbered.items.values());
      renumbered.items.clear();
      for (MemoryMailbox.Item item : items) {
        renumbered.add(item.octets(), item.flags(), item.received());
      }
    }

    MailboxResult run(Faults faults) throws IOException {
      try (Ledger ledger =
          Ledger.open(
              disk.open(faults),
              new LedgerRecord.Opened("anna@source", "anna@target", OPENED),
              System::nanoTime)) {
        return new MailboxTransfer(
                source.open(faults),
                target.open(faults),
                ledger,
                CrashPointsTest::pairs,
                TransferSettings.standard().inline(),
                ItemFilter.none(),
                (_, _, _, _) -> {},
                TransferListener.none(),
                new StopSignal(),
                random)
            .run();
      }
    }

    /// Runs again and again until a run meets no fault.
    void finish() throws IOException {
      MailboxResult result = run(Faults.never());
      assertThat(result.problems()).isEmpty();
      assertThat(result.isWhole()).isTrue();
    }

    void expectSame() {
      List<String> wanted = source.picture();
      if (target.altersOctets) {
        MemoryMailbox altered = new MemoryMailbox("altered", random);
        source.boxes.forEach((path, box) -> {
          for (MemoryMailbox.Item item : box.items.values()) {
            altered
                .box(path.text())
                .add(MemoryMailbox.altered(item.octets()), item.flags(), item.received());
          }
        });
        wanted = altered.picture();
      }
      assertThat(target.picture()).isEqualTo(wanted);
      assertThat(target.boxes.keySet()).containsAll(source.boxes.keySet());
    }
  }

  private static List<FolderPair> pairs(List<MailFolder> folders) {
    List<FolderPair> pairs = new ArrayList<>();
    for (MailFolder folder : folders) {
      FolderPath path = folder.path();
      pairs.add(new FolderPair(folder, path, FolderRole.NONE, Optional.empty()));
    }
    return pairs;
  }

  @Test
  void aFaultAtAnyStepLosesNothingAndDoublesNothing() throws IOException {
    long first = Long.getLong("migration.seed", System.nanoTime() % 1_000_000);
    System.out.println("crash points: seed " + first);
    int points = 0;
    for (long seed = first; points < POINTS; seed++) {
      Scene whole = new Scene(seed);
      Faults counting = Faults.never();
      whole.run(counting);
      whole.expectSame();
      long firstSteps = counting.steps();
      whole.change();
      counting = Faults.never();
      whole.run(counting);
      whole.expectSame();
      long secondSteps = counting.steps();
      for (Faults.Kind kind : Faults.Kind.values()) {
        for (long step = 1; step <= firstSteps && points < POINTS; step++, points++) {
          failOnce(seed, kind, step, -1);
        }
        for (long step = 1; step <= secondSteps && points < POINTS; step++, points++) {
          failOnce(seed, kind, -1, step);
        }
      }
    }
  }

  /// Fails once in the first or second run, and then at random places as long as luck has it.
  private static void failOnce(long seed, Faults.Kind kind, long firstStep, long secondStep)
      throws IOException {
    String where = "seed %d, %s at %d/%d".formatted(seed, kind, firstStep, secondStep);
    try {
      Scene scene = new Scene(seed);
      attempt(scene, new Faults(firstStep, kind));
      if (firstStep > 0) repeat(scene, kind);
      scene.finish();
      scene.expectSame();
      scene.change();
      attempt(scene, new Faults(secondStep, kind));
      if (secondStep > 0) repeat(scene, kind);
      scene.finish();
      scene.expectSame();
      // A run with nothing to do changes nothing.
      scene.finish();
      scene.expectSame();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(where, e);
    }
  }

  private static void repeat(Scene scene, Faults.Kind kind) throws IOException {
    while (scene.random.nextInt(3) == 0) {
      attempt(scene, new Faults(1 + scene.random.nextInt(200), kind));
    }
  }

  private static void attempt(Scene scene, Faults faults) throws IOException {
    try {
      scene.run(faults);
    } catch (CrashError e) {
      scene.disk.crash();
    }
  }
}
