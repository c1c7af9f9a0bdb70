package org.mailstead.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.RefusedException;

/// What every store must do. A store's own test extends this class; each test ends with
/// [StoreCheck].
public abstract class StoreContract {
  protected static final PartitionId BOX = new PartitionId("mailbox/1");
  protected static final PartitionId OTHER = new PartitionId("mailbox/2");
  protected static final Collection ROWS = new Collection(1, "rows");
  protected static final Collection VALUES = new Collection(2, "values");

  protected final TestClock clock = new TestClock();
  protected final Random random = new Random(7);
  private Store store;

  /// A fresh, empty store that takes its time from [#clock].
  protected abstract Store newStore() throws Exception;

  protected final Store store() {
    return store;
  }

  @BeforeEach
  void openStore() throws Exception {
    store = newStore();
  }

  @AfterEach
  void checkAndCloseStore() {
    StoreCheck.Result result = new StoreCheck(store, List.of()).run();
    store.close();
    assertThat(result.errors()).isEmpty();
  }

  protected static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  protected final CommitId id() {
    return CommitId.random(random);
  }

  protected final long commit(PartitionId partition, WriteBatch batch) {
    return store.commit(partition, store.version(partition), id(), batch);
  }

  protected static WriteBatch put(String key, String value) {
    return new WriteBatch().put(ROWS, bytes(key), bytes(value));
  }

  private Optional<String> read(PartitionId partition, Collection collection, String key) {
    return store.get(partition, collection, bytes(key)).map(v -> new String(v, UTF_8));
  }

  private static List<String> keys(Page page) {
    return page.rows().stream().map(row -> new String(row.key(), UTF_8)).toList();
  }

  @Test
  void aPartitionStartsAtVersionZeroAndIsEmpty() {
    assertThat(store.version(BOX)).isZero();
    assertThat(store.get(BOX, ROWS, bytes("a"))).isEmpty();
    assertThat(store.range(BOX, ROWS, Range.all(), 10))
        .isEqualTo(new Page(0, List.of(), Optional.empty()));
    assertThat(store.partitions("", Optional.empty(), 10)).isEmpty();
  }

  @Test
  void eachCommitRaisesTheVersionByOne() {
    assertThat(store.commit(BOX, 0, id(), put("a", "1"))).isEqualTo(1);
    assertThat(store.commit(BOX, 1, id(), put("a", "2"))).isEqualTo(2);
    assertThat(store.commit(BOX, 2, id(), new WriteBatch())).isEqualTo(3);
    assertThat(store.version(BOX)).isEqualTo(3);
    assertThat(store.version(OTHER)).isZero();
    assertThat(read(BOX, ROWS, "a")).contains("2");
    assertThat(read(OTHER, ROWS, "a")).isEmpty();
  }

  @Test
  void aCommitOnAnotherVersionIsRefusedAndChangesNothing() {
    store.commit(BOX, 0, id(), put("a", "1"));
    for (long wrong : new long[] {0, 2, -1}) {
      assertThatThrownBy(() -> store.commit(BOX, wrong, id(), put("a", "x")))
          .isInstanceOfSatisfying(
              ConflictException.class, e -> assertThat(e.currentVersion()).isEqualTo(1));
    }
    assertThat(store.version(BOX)).isEqualTo(1);
    assertThat(read(BOX, ROWS, "a")).contains("1");
  }

  @Test
  void collectionsOfAPartitionAreSeparate() {
    commit(BOX, put("a", "rows").put(VALUES, bytes("a"), bytes("values")));
    assertThat(read(BOX, ROWS, "a")).contains("rows");
    assertThat(read(BOX, VALUES, "a")).contains("values");
    commit(BOX, new WriteBatch().delete(ROWS, bytes("a")));
    assertThat(read(BOX, ROWS, "a")).isEmpty();
    assertThat(read(BOX, VALUES, "a")).contains("values");
  }

  @Test
  void theLastOperationOfABatchOnAKeyWins() {
    commit(BOX, put("a", "1").put(ROWS, bytes("a"), bytes("2")).delete(ROWS, bytes("b")));
    commit(BOX, put("b", "1").delete(ROWS, bytes("b")));
    commit(BOX, new WriteBatch().delete(ROWS, bytes("a")).put(ROWS, bytes("a"), bytes("3")));
    assertThat(read(BOX, ROWS, "a")).contains("3");
    assertThat(read(BOX, ROWS, "b")).isEmpty();
  }

  @Test
  void writeOnceValuesAreReadDeletedAndHiddenLikeRows() {
    byte[] large = new byte[WriteBatch.ONCE_BYTES_MAX];
    random.nextBytes(large);
    commit(BOX, new WriteBatch().putOnce(VALUES, bytes("large"), large));
    commit(BOX, new WriteBatch().putOnce(VALUES, bytes("small"), bytes("1")));
    assertThat(store.get(BOX, VALUES, bytes("large")).orElseThrow()).isEqualTo(large);
    assertThat(keys(store.range(BOX, VALUES, Range.all(), 10))).containsExactly("large", "small");

    commit(BOX, new WriteBatch().put(VALUES, bytes("small"), bytes("2")));
    assertThat(read(BOX, VALUES, "small")).contains("2");
    assertThat(keys(store.range(BOX, VALUES, Range.all(), 10))).containsExactly("large", "small");
    assertThat(keys(store.range(BOX, VALUES, Range.all().backwards(), 10)))
        .containsExactly("small", "large");

    commit(BOX, new WriteBatch().delete(VALUES, bytes("small")).delete(VALUES, bytes("large")));
    assertThat(read(BOX, VALUES, "small")).isEmpty();
    assertThat(store.range(BOX, VALUES, Range.all(), 10).rows()).isEmpty();
  }

  @Test
  void rangesAreSortedByUnsignedOctetsInBothDirections() {
    WriteBatch batch = new WriteBatch();
    byte[][] sorted = {{0}, {0, 0}, {1}, {0x7F}, {(byte) 0x80}, {(byte) 0xFF}, {(byte) 0xFF, 0}};
    for (byte[] key : sorted) batch.put(ROWS, key, key);
    batch.put(VALUES, new byte[] {5}, bytes("another collection"));
    commit(BOX, batch);
    commit(OTHER, batch);
    assertThat(store.range(BOX, ROWS, Range.all(), 100).rows().stream().map(Row::key).toList())
        .containsExactly(sorted);
    List<byte[]> reversed = new ArrayList<>(Arrays.asList(sorted)).reversed();
    assertThat(
            store.range(BOX, ROWS, Range.all().backwards(), 100).rows().stream()
                .map(Row::key)
                .toList())
        .containsExactly(reversed.toArray(byte[][]::new));
    assertThat(
            store
                .range(BOX, ROWS, Range.of(new byte[] {1}, new byte[] {(byte) 0xFF}), 100)
                .rows()
                .stream()
                .map(Row::key)
                .toList())
        .containsExactly(new byte[] {1}, new byte[] {0x7F}, new byte[] {(byte) 0x80});
    assertThat(
            store
                .range(
                    BOX, ROWS, Range.of(new byte[] {1}, new byte[] {(byte) 0xFF}).backwards(), 100)
                .rows()
                .stream()
                .map(Row::key)
                .toList())
        .containsExactly(new byte[] {(byte) 0x80}, new byte[] {0x7F}, new byte[] {1});
    assertThat(
            store.range(BOX, ROWS, Range.prefix(new byte[] {(byte) 0xFF}), 100).rows().stream()
                .map(Row::key)
                .toList())
        .containsExactly(new byte[] {(byte) 0xFF}, new byte[] {(byte) 0xFF, 0});
    assertThat(store.range(BOX, ROWS, Range.of(new byte[] {2}, new byte[] {1}), 100).rows())
        .isEmpty();
  }

  @Test
  void pagesFollowOneAnotherWithoutGapOrRepetitionInBothDirections() {
    WriteBatch batch = new WriteBatch();
    for (int i = 0; i < 25; i++) {
      String key = String.format("k%02d", i);
      if (i % 3 == 0) batch.putOnce(ROWS, bytes(key), bytes("v"));
      else batch.put(ROWS, bytes(key), bytes("v"));
    }
    commit(BOX, batch);
    for (Range start : List.of(Range.all(), Range.all().backwards(), Range.prefix(bytes("k")))) {
      List<String> seen = new ArrayList<>();
      Optional<Range> next = Optional.of(start);
      while (next.isPresent()) {
        Page page = store.range(BOX, ROWS, next.get(), 4);
        assertThat(page.version()).isEqualTo(1);
        assertThat(page.rows().size()).isBetween(1, 4);
        seen.addAll(keys(page));
        next = page.next();
      }
      List<String> expected = new ArrayList<>(seen);
      expected.sort(null);
      if (start.reversed()) expected = expected.reversed();
      assertThat(seen).hasSize(25).doesNotHaveDuplicates().isEqualTo(expected);
    }
  }

  @Test
  void aPageHoldsAtMostOneMebibyte() {
    for (int i = 0; i < 40; i++) {
      byte[] value = new byte[WriteBatch.ONCE_BYTES_MAX];
      commit(BOX, new WriteBatch().putOnce(VALUES, bytes("k" + (10 + i)), value));
    }
    Page page = store.range(BOX, VALUES, Range.all(), 1000);
    assertThat(page.rows()).hasSize(15); // 16 values and their keys exceed the page.
    assertThat(page.next()).isPresent();
    assertThat(store.range(BOX, VALUES, page.next().orElseThrow(), 1000).rows()).hasSize(15);
  }

  @Test
  void boundsOfKeysRowsValuesAndCommitsAreMet() {
    byte[] key = new byte[WriteBatch.KEY_BYTES_MAX];
    byte[] row = new byte[WriteBatch.ROW_BYTES_MAX];
    commit(BOX, new WriteBatch().put(ROWS, key, row));
    assertThat(store.get(BOX, ROWS, key).orElseThrow()).isEqualTo(row);
    assertThatThrownBy(
            () -> new WriteBatch().put(ROWS, new byte[WriteBatch.KEY_BYTES_MAX + 1], row))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new WriteBatch().put(ROWS, key, new byte[WriteBatch.ROW_BYTES_MAX + 1]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new WriteBatch().putOnce(ROWS, key, new byte[WriteBatch.ONCE_BYTES_MAX + 1]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new WriteBatch().put(ROWS, new byte[0], row))
        .isInstanceOf(IllegalArgumentException.class);

    WriteBatch full = new WriteBatch();
    int i = 0;
    while (full.versionedBytes() + 4100 <= WriteBatch.VERSIONED_BYTES_MAX) {
      full.put(ROWS, new byte[] {1, (byte) (i >> 8), (byte) i++, 0}, row);
    }
    commit(BOX, full);
    full.put(ROWS, new byte[] {2, 0, 0, 0}, row);
    assertThatThrownBy(() -> commit(BOX, full)).isInstanceOf(IllegalArgumentException.class);
    assertThat(store.version(BOX)).isEqualTo(2);
  }

  @Test
  void theOutcomeOfACommitIsKnownForAnHourThroughLaterCommits() {
    CommitId first = id();
    CommitId failed = id();
    store.commit(BOX, 0, first, put("a", "1"));
    assertThatThrownBy(() -> store.commit(BOX, 0, failed, put("a", "2")))
        .isInstanceOf(ConflictException.class);
    for (int i = 0; i < 12; i++) {
      clock.advance(Duration.ofMinutes(5).minusSeconds(1));
      commit(BOX, put("a", "x" + i));
    }
    assertThat(store.outcome(BOX, first)).hasValue(1);
    assertThat(store.outcome(BOX, failed)).isEmpty();
    assertThat(store.outcome(OTHER, first)).isEmpty();
  }

  @Test
  void listenersHearOfCommitsUntilTheyAreClosed() throws Exception {
    LinkedBlockingQueue<Long> heard = new LinkedBlockingQueue<>();
    try (Store.Watch watch = store.watch(BOX, (partition, version) -> heard.add(version));
        Store.Watch broken =
            store.watch(
                BOX,
                (partition, version) -> {
                  throw new IllegalStateException("a listener that fails harms nobody");
                })) {
      assertThat(watch).isNotSameAs(broken);
      commit(BOX, put("a", "1"));
      assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(1);
      commit(OTHER, put("a", "1"));
      commit(BOX, put("a", "2"));
      assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(2);
    }
    commit(BOX, put("a", "3"));
    CountDownLatch later = new CountDownLatch(1);
    try (Store.Watch watch = store.watch(BOX, (partition, version) -> later.countDown())) {
      commit(BOX, put("a", "4"));
      assertThat(later.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(watch).isNotNull();
    }
    assertThat(heard).isEmpty();
  }

  @Test
  void aListenerMayUseTheStore() throws Exception {
    LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    try (Store.Watch watch =
        store.watch(
            BOX,
            (partition, version) -> {
              heard.add(version + read(partition, ROWS, "a").orElse("nothing"));
              if (version == 1) commit(OTHER, put("b", "1"));
            })) {
      commit(BOX, put("a", "seen"));
      assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("1seen");
      assertThat(watch).isNotNull();
    }
    assertThat(store.version(OTHER)).isEqualTo(1);
  }

  @Test
  void partitionsAreListedByPrefixInOrderAndInPages() {
    for (String name : List.of("queue/2", "mailbox/b", "mailbox/a", "queue/10", "mailbox/é")) {
      commit(new PartitionId(name), put("a", "1"));
    }
    assertThat(store.partitions("mailbox/", Optional.empty(), 10))
        .extracting(PartitionId::value)
        .containsExactly("mailbox/a", "mailbox/b", "mailbox/é");
    assertThat(store.partitions("", Optional.empty(), 2))
        .extracting(PartitionId::value)
        .containsExactly("mailbox/a", "mailbox/b");
    assertThat(store.partitions("", Optional.of(new PartitionId("mailbox/b")), 10))
        .extracting(PartitionId::value)
        .containsExactly("mailbox/é", "queue/10", "queue/2");
    assertThat(store.partitions("queue/", Optional.of(new PartitionId("queue/2")), 10)).isEmpty();
  }

  @Test
  void aDroppedPartitionIsGoneAndMayBeginAnew() {
    BlobId blob = putBlob(BOX, 5000);
    commit(BOX, put("a", "1").putOnce(VALUES, bytes("v"), bytes("1")));
    commit(OTHER, put("a", "other"));
    store.drop(BOX);
    assertThat(store.version(BOX)).isZero();
    assertThat(read(BOX, ROWS, "a")).isEmpty();
    assertThat(store.range(BOX, VALUES, Range.all(), 10).rows()).isEmpty();
    assertThat(store.partitions("", Optional.empty(), 10)).containsExactly(OTHER);
    assertThat(store.blobs().holders(blob)).isEmpty();
    store.drop(BOX);
    assertThat(store.commit(BOX, 0, id(), put("b", "2"))).isEqualTo(1);
    assertThat(read(BOX, ROWS, "a")).isEmpty();
    assertThat(read(OTHER, ROWS, "a")).contains("other");
  }

  @Test
  void aScanLoadedElsewhereIsTheSamePartition() {
    Map<String, String> expected = new TreeMap<>();
    for (int c = 0; c < 8; c++) {
      WriteBatch batch = new WriteBatch();
      for (int i = 0; i < 200; i++) {
        String key = "k" + c + "/" + i;
        String value = "v".repeat(1 + (i * 37) % 4000);
        expected.put(key, value);
        if (i % 4 == 0) batch.putOnce(i % 8 == 0 ? ROWS : VALUES, bytes(key), bytes(value));
        else batch.put(ROWS, bytes(key), bytes(value));
      }
      commit(BOX, batch);
    }
    List<Store.StoredRow> rows = new ArrayList<>();
    Optional<byte[]> after = Optional.empty();
    do {
      Store.ScanPage page = store.scan(BOX, after);
      assertThat(page.version()).isEqualTo(8);
      rows.addAll(page.rows());
      after = page.next();
    } while (after.isPresent());
    assertThat(rows).hasSize(1600);
    assertThat(rows.stream().filter(Store.StoredRow::once).count()).isEqualTo(400);

    store.load(OTHER, 8 + (1 << 20), rows.iterator());
    assertThat(store.version(OTHER)).isEqualTo(8 + (1 << 20));
    Map<String, String> found = new HashMap<>();
    for (Collection collection : List.of(ROWS, VALUES)) {
      Optional<Range> next = Optional.of(Range.all());
      while (next.isPresent()) {
        Page page = store.range(OTHER, collection, next.get(), 100);
        for (Row row : page.rows()) {
          found.put(new String(row.key(), UTF_8), new String(row.value(), UTF_8));
        }
        next = page.next();
      }
    }
    assertThat(found).isEqualTo(expected);
    assertThat(commit(OTHER, put("a", "1"))).isEqualTo(9 + (1 << 20));
    assertThatThrownBy(() -> store.load(OTHER, 1, List.<Store.StoredRow>of().iterator()))
        .isInstanceOf(ConflictException.class);
  }

  @Test
  void severalKeysAreReadAtOnceInTheirOrder() {
    commit(BOX, put("a", "1").putOnce(ROWS, bytes("b"), bytes("2")));
    assertThat(store.getAll(BOX, ROWS, List.of(bytes("b"), bytes("none"), bytes("a"))))
        .satisfiesExactly(
            b -> assertThat(b.orElseThrow()).isEqualTo(bytes("2")),
            none -> assertThat(none).isEmpty(),
            a -> assertThat(a.orElseThrow()).isEqualTo(bytes("1")));
    assertThat(store.getAll(OTHER, ROWS, List.of(bytes("b")))).containsExactly(Optional.empty());
    assertThat(store.getAll(BOX, ROWS, List.of())).isEmpty();
  }

  /// Many threads, one partition: each commit either wins or is refused, and no winner is lost.
  @Test
  void concurrentCommittersOfOnePartitionLoseNothing() throws Exception {
    AtomicInteger conflicts = new AtomicInteger();
    int threadCount = 8;
    int commitCount = 25;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < threadCount; t++) {
        int thread = t;
        all.add(
            threads.submit(() -> {
              for (int i = 0; i < commitCount; ) {
                try {
                  long version = store.version(BOX);
                  CommitId id = new CommitId(thread, i);
                  store.commit(BOX, version, id, put("t" + thread + "/" + i, "v"));
                  i++;
                } catch (ConflictException e) {
                  conflicts.incrementAndGet();
                }
              }
            }));
      }
      for (Future<?> one : all) one.get(60, TimeUnit.SECONDS);
    }
    assertThat(store.version(BOX)).isEqualTo((long) threadCount * commitCount);
    assertThat(store.range(BOX, ROWS, Range.all(), 1000).rows()).hasSize(threadCount * commitCount);
  }

  /// A writer keeps two rows and the version equal; readers must never see them apart.
  @Test
  void pagesAreConsistentAtTheVersionTheyName() throws Exception {
    int commitCount = 300;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> writer =
          threads.submit(() -> {
            for (int i = 1; i <= commitCount; i++) {
              WriteBatch batch = put("a", "" + i).put(ROWS, bytes("z"), bytes("" + i));
              batch.putOnce(VALUES, bytes(String.format("%05d", i)), bytes("v"));
              store.commit(BOX, i - 1, new CommitId(1, i), batch);
            }
          });
      while (!writer.isDone()) {
        Page rows = store.range(BOX, ROWS, Range.all(), 10);
        for (Row row : rows.rows()) {
          assertThat(new String(row.value(), UTF_8)).isEqualTo("" + rows.version());
        }
        Page values = store.range(BOX, VALUES, Range.all(), 1000);
        assertThat(values.rows()).hasSize((int) values.version());
      }
      writer.get(60, TimeUnit.SECONDS);
    }
  }

  // Blobs

  protected final BlobId putBlob(PartitionId holder, int length) {
    BlobId blob = BlobId.random(random);
    store.blobs().put(holder, List.of(new Blobs.NewBlob(blob, Content.of(octets(blob, length)))));
    return blob;
  }

  /// The octets that [#putBlob] wrote.
  protected static byte[] octets(BlobId blob, int length) {
    byte[] octets = new byte[length];
    new Random(blob.low()).nextBytes(octets);
    return octets;
  }

  @Test
  void blobsAreReadBackWholeAndInParts() {
    for (int length : new int[] {0, 1, 4097, 75_000, 3_000_000}) {
      BlobId blob = putBlob(BOX, length);
      byte[] expected = octets(blob, length);
      assertThat(store.blobs().find(blob)).contains((long) length);
      assertThat(store.blobs().read(blob, 0, length)).isEqualTo(expected);
      if (length > 100) {
        assertThat(store.blobs().read(blob, 17, 50))
            .isEqualTo(Arrays.copyOfRange(expected, 17, 67));
        assertThat(store.blobs().read(blob, length - 5, 5))
            .isEqualTo(Arrays.copyOfRange(expected, length - 5, length));
      }
      assertThatThrownBy(() -> store.blobs().read(blob, length, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThat(store.blobs().holders(blob)).containsExactly(BOX);
    }
    assertThat(store.blobs().find(new BlobId(1, 1))).isEmpty();
    assertThatThrownBy(() -> store.blobs().read(new BlobId(1, 1), 0, 1))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void severalBlobsAreWrittenAtOnce() {
    List<Blobs.NewBlob> many = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      BlobId blob = BlobId.random(random);
      many.add(new Blobs.NewBlob(blob, Content.of(octets(blob, 1000 * i))));
    }
    store.blobs().put(BOX, many);
    for (Blobs.NewBlob blob : many) {
      int length = (int) blob.content().length();
      assertThat(store.blobs().read(blob.id(), 0, length)).isEqualTo(octets(blob.id(), length));
    }
    List<BlobId> sorted = many.stream().map(Blobs.NewBlob::id).sorted().toList();
    assertThat(store.blobs().list(Optional.empty(), 100)).isEqualTo(sorted);
    assertThat(store.blobs().list(Optional.of(sorted.get(4)), 3)).isEqualTo(sorted.subList(5, 8));
  }

  @Test
  void holdersComeAndGo() {
    BlobId blob = putBlob(BOX, 5000);
    store.blobs().hold(OTHER, blob);
    store.blobs().hold(OTHER, blob);
    assertThat(store.blobs().holders(blob)).containsExactlyInAnyOrder(BOX, OTHER);
    store.blobs().release(BOX, blob);
    store.blobs().release(BOX, blob);
    store.blobs().release(BOX, new BlobId(1, 1));
    assertThat(store.blobs().holders(blob)).containsExactly(OTHER);
    assertThatThrownBy(() -> store.blobs().hold(BOX, new BlobId(1, 1)))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void blobsAreListedWithTheirHolders() {
    List<BlobId> sorted = new ArrayList<>();
    for (int i = 0; i < 5; i++) sorted.add(putBlob(BOX, 5000));
    sorted.sort(null);
    store.blobs().hold(OTHER, sorted.get(1));
    store.blobs().release(BOX, sorted.get(2));
    commit(BOX, put("a", "1"));
    var first = store.blobs().listHolders(Optional.empty(), 3);
    assertThat(first.keySet()).containsExactlyElementsOf(sorted.subList(0, 3));
    assertThat(first.get(sorted.get(0))).containsExactly(BOX);
    assertThat(first.get(sorted.get(1))).containsExactlyInAnyOrder(BOX, OTHER);
    assertThat(first.get(sorted.get(2))).isEmpty();
    store.drop(BOX);
    var rest = store.blobs().listHolders(Optional.of(sorted.get(0)), 10);
    assertThat(rest.keySet()).containsExactlyElementsOf(sorted.subList(1, 5));
    assertThat(rest.get(sorted.get(1))).containsExactly(OTHER);
    assertThat(rest.get(sorted.get(4))).isEmpty();
    assertThat(store.blobs().listHolders(Optional.of(sorted.get(4)), 10)).isEmpty();
  }

  @Test
  void aBlobWithoutHoldersIsSweptAfterADay() {
    BlobId kept = putBlob(BOX, 5000);
    BlobId left = putBlob(BOX, 70_000);
    store.blobs().release(BOX, left);
    assertThat(store.blobs().sweep().blobsRemoved()).isZero();
    clock.advance(Blobs.UNHELD_KEPT.minusSeconds(1));
    assertThat(store.blobs().sweep().blobsRemoved()).isZero();
    assertThat(store.blobs().read(left, 0, 70_000)).isEqualTo(octets(left, 70_000));
    clock.advance(Duration.ofSeconds(1));
    assertThat(store.blobs().sweep().blobsRemoved()).isEqualTo(1);
    assertThat(store.blobs().find(left)).isEmpty();
    assertThat(store.blobs().read(kept, 0, 5000)).isEqualTo(octets(kept, 5000));
    assertThatThrownBy(() -> store.blobs().hold(BOX, left)).isInstanceOf(RefusedException.class);
  }

  @Test
  void aNewHolderDefeatsTheSweep() {
    BlobId blob = putBlob(BOX, 5000);
    store.blobs().release(BOX, blob);
    store.blobs().sweep();
    clock.advance(Blobs.UNHELD_KEPT);
    store.blobs().hold(OTHER, blob);
    assertThat(store.blobs().sweep().blobsRemoved()).isZero();
    store.blobs().release(OTHER, blob);
    assertThat(store.blobs().sweep().blobsRemoved()).isZero();
    clock.advance(Blobs.UNHELD_KEPT.minusSeconds(1));
    assertThat(store.blobs().sweep().blobsRemoved()).isZero();
    assertThat(store.blobs().read(blob, 0, 5000)).isEqualTo(octets(blob, 5000));
  }

  @Test
  void theBlobsOfADroppedPartitionAreSweptUnlessOthersHoldThem() {
    BlobId own = putBlob(BOX, 5000);
    BlobId shared = putBlob(BOX, 5000);
    store.blobs().hold(OTHER, shared);
    commit(BOX, put("a", "1"));
    commit(OTHER, put("a", "1"));
    store.drop(BOX);
    store.blobs().sweep();
    clock.advance(Blobs.UNHELD_KEPT);
    assertThat(store.blobs().sweep().blobsRemoved()).isEqualTo(1);
    assertThat(store.blobs().find(own)).isEmpty();
    assertThat(store.blobs().holders(shared)).containsExactly(OTHER);
  }

  @Test
  void theCheckComparesReferencesWithHolders() {
    BlobId held = putBlob(BOX, 5000);
    BlobId unheld = putBlob(OTHER, 5000);
    BlobId surplus = putBlob(BOX, 5000);
    commit(BOX, put("a", "1"));
    PartitionCheck check =
        new PartitionCheck() {
          @Override
          public boolean covers(PartitionId partition) {
            return partition.equals(BOX);
          }

          @Override
          public void check(Store checked, PartitionId partition, Findings findings) {
            findings.refersTo(partition, held);
            findings.refersTo(partition, unheld);
            findings.refersTo(partition, new BlobId(1, 2));
          }
        };
    StoreCheck.Result result = new StoreCheck(store, List.of(check)).run();
    assertThat(result.errors())
        .satisfiesExactlyInAnyOrder(
            text -> assertThat(text).contains(BOX.value(), unheld.toString(), "not its holder"),
            text -> assertThat(text).contains(BOX.value(), new BlobId(1, 2).toString()));
    assertThat(result.warnings())
        .satisfiesExactly(text -> assertThat(text).contains(BOX.value(), surplus.toString()));
    assertThat(result.partitionCount()).isEqualTo(1);
    assertThat(result.blobCount()).isEqualTo(3);
    assertThat(result.rowCount()).isEqualTo(1);
    assertThat(result.referenceCount()).isEqualTo(3);
  }
}
