package org.mailstead.core.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mailstead.base.Content;
import org.mailstead.base.FolderId;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.TestClock;

/// Random operations on a mailbox and on a naive model of it: they always agree, also after a
/// restart, and every view that a session holds becomes the newest one by its differences. A
/// failure names its seed; `-Dmailstead.seed=…` repeats it, `-Dmailstead.rounds=…` runs longer.
class MailboxPropertyTest {
  private static final List<String> KEYWORDS = List.of("$Forwarded", "$Junk", "red", "Green");

  @TempDir Path folder;

  static List<Long> seeds() {
    String given = System.getProperty("mailstead.seed");
    if (given != null) return List.of(Long.valueOf(given));
    return List.of(1L, 2L, 3L, System.nanoTime());
  }

  /// A message of the model.
  private record Placement(
      byte[] octets, int flags, Set<String> keywords, long modSeq, long email) {}

  private static final class ModelFolder {
    final TreeMap<Long, Placement> messages = new TreeMap<>();
    final TreeMap<Long, Long> vanished = new TreeMap<>();
    long uidNext = 1;
  }

  /// A view that a session holds and what its client knows: UID → flags and keywords.
  private record Held(FolderId folder, FolderView view, TreeMap<Long, String> known) {}

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void mailboxAgreesWithItsModel(long seed) {
    new Run(seed).run(Integer.getInteger("mailstead.rounds", 400));
  }

  private final class Run {
    private final long seed;
    private final Random random;
    private final TestClock clock = new TestClock();
    private final MemoryStore store = new MemoryStore(clock);
    private final MailboxFixture fixture = new MailboxFixture(store, folder, clock);
    private final Map<FolderId, ModelFolder> model = new TreeMap<>();
    private final List<Held> views = new ArrayList<>();
    private Mailbox mailbox = fixture.mailbox(MailboxFixture.ANN);
    private int made;

    Run(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      for (Folder each : mailbox.folders()) model.put(each.id(), new ModelFolder());
    }

    void run(int rounds) {
      for (int round = 0; round < rounds; round++) {
        int step = random.nextInt(100);
        try {
          step(step);
          if (round % 20 == 19) compare();
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError("seed " + seed + ", round " + round + ", step " + step, e);
        }
      }
      compare();
      fixture.check();
    }

    private void step(int step) {
      if (step < 25) append();
      else if (step < 45) store();
      else if (step < 57) copy();
      else if (step < 69) move();
      else if (step < 79) expunge();
      else if (step < 84) folders();
      else if (step < 92) hold();
      else if (step < 95) reopen();
      else if (step < 97) clock.advance(Duration.ofDays(random.nextInt(6)));
      else fixture.mailboxes().purge();
    }

    private FolderId any() {
      List<FolderId> all = List.copyOf(model.keySet());
      return all.get(random.nextInt(all.size()));
    }

    private long[] someUids(FolderId id) {
      List<Long> uids = new ArrayList<>(modelOf(id).messages.keySet());
      if (random.nextInt(4) > 0) uids.removeIf(uid -> random.nextInt(3) > 0);
      if (random.nextInt(5) == 0) uids.add(modelOf(id).uidNext + random.nextInt(100));
      return uids.stream().mapToLong(Long::longValue).sorted().toArray();
    }

    private Set<String> someKeywords() {
      Set<String> some = new HashSet<>(KEYWORDS);
      some.removeIf(k -> random.nextInt(3) > 0);
      return some;
    }

    private void append() {
      FolderId target = any();
      List<NewMessage> added = new ArrayList<>();
      List<byte[]> octets = new ArrayList<>();
      int count = random.nextInt(20) == 0 ? 150 : 1 + random.nextInt(5);
      for (int i = 0; i < count; i++) {
        String body = "x".repeat(random.nextInt(30) == 0 ? 20_000 : random.nextInt(200));
        byte[] bytes =
            ("Message-ID: <" + made++ + "@x>\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8);
        octets.add(bytes);
        added.add(
            new NewMessage(Content.of(bytes), random.nextInt(32), someKeywords(), clock.instant()));
      }
      Mailbox.Placed placed = mailbox.append(target, added);
      FolderView view = mailbox.view(target);
      ModelFolder to = modelOf(target);
      for (int i = 0; i < count; i++) {
        assertThat(placed.targetUids()[i]).isEqualTo(to.uidNext);
        to.messages.put(
            to.uidNext++,
            new Placement(
                octets.get(i),
                added.get(i).flags(),
                added.get(i).keywords(),
                placed.version(),
                view.email(view.sequenceOf(placed.targetUids()[i])).value()));
      }
    }

    private void store() {
      FolderId id = any();
      long[] uids = someUids(id);
      FlagChange change =
          new FlagChange(
              FlagChange.Mode.values()[random.nextInt(3)], random.nextInt(32), someKeywords());
      OptionalLong since =
          random.nextInt(4) == 0
              ? OptionalLong.of(random.nextLong(mailbox.version() + 1))
              : OptionalLong.empty();
      Mailbox.Stored stored = mailbox.store(id, uids, change, since);
      List<Long> changed = new ArrayList<>();
      List<Long> modified = new ArrayList<>();
      ModelFolder in = modelOf(id);
      for (long uid : uids) {
        Placement old = in.messages.get(uid);
        if (old == null) continue;
        if (since.isPresent() && old.modSeq() > since.getAsLong()) {
          modified.add(uid);
          continue;
        }
        Set<String> keywords = new HashSet<>(old.keywords());
        int flags = old.flags();
        switch (change.mode()) {
          case ADD -> {
            flags |= change.flags();
            keywords.addAll(change.keywords());
          }
          case REMOVE -> {
            flags &= ~change.flags();
            keywords.removeAll(change.keywords());
          }
          case REPLACE -> {
            flags = change.flags();
            keywords = change.keywords();
          }
        }
        if (flags == old.flags() && keywords.equals(old.keywords())) continue;
        changed.add(uid);
        in.messages.put(
            uid, new Placement(old.octets(), flags, keywords, stored.version(), old.email()));
      }
      assertThat(stored.changed()).containsExactly(longs(changed));
      assertThat(stored.modified()).containsExactly(longs(modified));
    }

    private void copy() {
      FolderId source = any();
      FolderId target = any();
      long[] uids = someUids(source);
      if (modelOf(target).messages.size() > 2_000) return;
      List<Placement> picked = present(source, uids);
      Mailbox.Placed placed = mailbox.copy(source, uids, target);
      place(target, picked, placed);
    }

    private void move() {
      FolderId source = any();
      FolderId target = any();
      long[] uids = someUids(source);
      List<Placement> picked = present(source, uids);
      Mailbox.Placed placed = mailbox.move(source, uids, target);
      remove(source, placed.sourceUids(), placed.version());
      place(target, picked, placed);
    }

    private List<Placement> present(FolderId source, long[] uids) {
      return Arrays.stream(uids)
          .mapToObj(uid -> Optional.ofNullable(modelOf(source).messages.get(uid)))
          .flatMap(Optional::stream)
          .toList();
    }

    private void place(FolderId target, List<Placement> picked, Mailbox.Placed placed) {
      assertThat(placed.targetUids()).hasSize(picked.size());
      ModelFolder to = modelOf(target);
      for (int i = 0; i < picked.size(); i++) {
        Placement p = picked.get(i);
        assertThat(placed.targetUids()[i]).isEqualTo(to.uidNext);
        to.messages.put(
            to.uidNext++,
            new Placement(p.octets(), p.flags(), p.keywords(), placed.version(), p.email()));
      }
    }

    private ModelFolder modelOf(FolderId id) {
      return Objects.requireNonNull(model.get(id));
    }

    private void remove(FolderId source, long[] uids, long version) {
      for (long uid : uids) {
        assertThat(modelOf(source).messages.remove(uid)).isNotNull();
        modelOf(source).vanished.put(uid, version);
      }
    }

    private void expunge() {
      FolderId id = any();
      long[] uids = someUids(id);
      long[] expected =
          Arrays.stream(uids)
              .filter(uid -> modelOf(id).messages.containsKey(uid))
              .filter(uid ->
                  (Objects.requireNonNull(modelOf(id).messages.get(uid)).flags() & Flags.DELETED)
                      != 0)
              .toArray();
      long[] removed = mailbox.expunge(id, uids);
      assertThat(removed).containsExactly(expected);
      remove(id, removed, mailbox.version());
    }

    private void folders() {
      if (random.nextBoolean()) {
        Folder folder = mailbox.createFolder(List.of("f" + made++, "sub"), Optional.empty());
        FolderId parent = folder.parent().orElseThrow();
        model.put(parent, new ModelFolder());
        model.put(folder.id(), new ModelFolder());
        return;
      }
      FolderId id = any();
      List<String> path = mailbox.path(id);
      if (path.size() == 1) return;
      if (random.nextBoolean()) {
        mailbox.renameFolder(id, List.of("r" + made++));
      } else {
        mailbox.deleteFolder(id);
        model.remove(id);
        views.removeIf(held -> held.folder().equals(id));
      }
    }

    private void hold() {
      FolderId id = any();
      FolderView view = mailbox.view(id);
      views.add(new Held(id, view, known(view)));
      if (views.size() > 12) follow(views.remove(0));
    }

    private void reopen() {
      fixture.reopen();
      mailbox = fixture.mailbox(MailboxFixture.ANN);
    }

    /// What a client knows becomes what the newest view says, by the difference alone.
    private void follow(Held held) {
      FolderView now = mailbox.view(held.folder());
      FolderView.Difference difference = held.view().differenceTo(now);
      TreeMap<Long, String> known = held.known();
      for (long uid : difference.vanished()) assertThat(known.remove(uid)).isNotNull();
      for (long uid : difference.changed()) {
        assertThat(known).containsKey(uid);
        known.put(uid, text(now, now.sequenceOf(uid)));
      }
      for (int i = 0; i < difference.added(); i++) {
        int sequence = now.count() - difference.added() + i + 1;
        known.put(now.uid(sequence), text(now, sequence));
      }
      assertThat(known).isEqualTo(known(now));
    }

    private static TreeMap<Long, String> known(FolderView view) {
      TreeMap<Long, String> known = new TreeMap<>();
      for (int i = 1; i <= view.count(); i++) known.put(view.uid(i), text(view, i));
      return known;
    }

    private static String text(FolderView view, int sequence) {
      return view.flags(sequence) + " " + names(view, sequence);
    }

    private static Set<String> names(FolderView view, int sequence) {
      Set<String> names = new TreeSet<>();
      for (int bit = 0; bit < view.keywordNames().size(); bit++) {
        if ((view.keywords(sequence) >>> bit & 1) != 0) names.add(view.keywordNames().get(bit));
      }
      return names;
    }

    private void compare() {
      List.copyOf(views).forEach(this::follow);
      views.clear();
      assertThat(new TreeSet<>(mailbox.folders().stream().map(Folder::id).toList()))
          .isEqualTo(model.keySet());
      long used = 0;
      for (var entry : model.entrySet()) used += compare(entry.getKey(), entry.getValue());
      assertThat(mailbox.usedBytes()).isEqualTo(used);
    }

    private long compare(FolderId id, ModelFolder expected) {
      FolderView view = mailbox.view(id);
      assertThat(view.folder().uidNext()).isEqualTo(expected.uidNext);
      assertThat(MailboxFixture.uids(view))
          .containsExactly(longs(List.copyOf(expected.messages.keySet())));
      int sequence = 0;
      long bytes = 0;
      for (var entry : expected.messages.entrySet()) {
        sequence++;
        Placement message = entry.getValue();
        assertThat(view.sequenceOf(entry.getKey())).isEqualTo(sequence);
        assertThat(view.flags(sequence)).isEqualTo(message.flags());
        assertThat(names(view, sequence)).isEqualTo(new TreeSet<>(message.keywords()));
        assertThat(view.modSeq(sequence)).isEqualTo(message.modSeq());
        assertThat(view.email(sequence).value()).isEqualTo(message.email());
        bytes += message.octets().length;
        if (random.nextInt(50) == 0) {
          assertThat(MailboxFixture.read(mailbox, view, sequence)).isEqualTo(message.octets());
        }
      }
      long since = random.nextLong(mailbox.version() + 1);
      mailbox
          .vanishedSince(id, since)
          .ifPresent(uids ->
              assertThat(uids)
                  .containsExactly(
                      expected.vanished.entrySet().stream()
                          .filter(e -> e.getValue() > since)
                          .mapToLong(Map.Entry::getKey)
                          .toArray()));
      return bytes;
    }

    private static long[] longs(List<Long> list) {
      return list.stream().mapToLong(Long::longValue).toArray();
    }
  }
}
