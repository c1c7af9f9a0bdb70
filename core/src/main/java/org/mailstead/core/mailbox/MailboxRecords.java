package org.mailstead.core.mailbox;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.mailstead.base.Invariant;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// What the owner of a mailbox keeps beside messages: each record has a kind, a name within it and
/// a value that its user writes, format octet first. Name and value are sealed with the mailbox's
/// key; they come and go with the mailbox, in its backups and restores. Made for some dozens of
/// records; several change in one commit.
public final class MailboxRecords {
  /// The longest value.
  public static final int VALUE_BYTES_MAX = 128 << 10;

  private static final int PART_BYTES = 3_000;
  private static final int PAGE_ROWS = 1_000;
  private static final int KEY_BYTES = 1 + MailboxKey.HASH_BYTES;

  private final Store store;
  private final PartitionId partition;
  private final Committer committer;
  private final MailboxKey key;

  /// The numbers are stored: never reuse one.
  public enum Kind {
    SIEVE_SCRIPT(1),
    /// One, without a name: which script runs.
    ACTIVE_SCRIPT(2),
    /// One, without a name.
    INBOX_RULES(3),
    /// One, without a name.
    OUT_OF_OFFICE(4);

    private final int number;

    Kind(int number) {
      this.number = number;
    }
  }

  MailboxRecords(Store store, PartitionId partition, Committer committer, MailboxKey key) {
    this.store = store;
    this.partition = partition;
    this.committer = committer;
    this.key = key;
  }

  /// Records of all kinds, as of one version.
  public static final class Snapshot {
    private final SortedMap<Integer, SortedMap<String, byte[]>> kinds;

    private Snapshot(SortedMap<Integer, SortedMap<String, byte[]>> kinds) {
      this.kinds = kinds;
    }

    public boolean isEmpty() {
      return kinds.isEmpty();
    }

    /// By name; do not change the arrays.
    public SortedMap<String, byte[]> all(Kind kind) {
      return kinds.getOrDefault(kind.number, new TreeMap<>());
    }

    public Optional<byte[]> find(Kind kind, String name) {
      return Optional.ofNullable(all(kind).get(name));
    }
  }

  public Snapshot load() {
    key.checkUsable();
    while (true) {
      long version = store.version(partition);
      List<Row> rows = new ArrayList<>();
      Optional<Range> next = Optional.of(Range.all());
      while (next.isPresent()) {
        Page page = store.range(partition, Rows.RECORDS, next.get(), PAGE_ROWS);
        rows.addAll(page.rows());
        next = page.next();
      }
      if (rows.isEmpty() || store.version(partition) == version) return snapshot(rows);
    }
  }

  private Snapshot snapshot(List<Row> rows) {
    var kinds = new TreeMap<Integer, SortedMap<String, byte[]>>();
    int at = 0;
    while (at < rows.size()) {
      byte[] first = rows.get(at).key();
      var whole = new java.io.ByteArrayOutputStream();
      while (at < rows.size() && isSame(first, rows.get(at).key())) {
        whole.writeBytes(key.open(MailboxKey.Purpose.RECORD, rows.get(at++).value()));
      }
      RowReader in = RowReader.of(whole.toByteArray(), 1, "record");
      kinds.computeIfAbsent((int) first[0], _ -> new TreeMap<>()).put(in.text(), in.rest());
    }
    return new Snapshot(kinds);
  }

  private static boolean isSame(byte[] a, byte[] b) {
    return Arrays.equals(a, 0, KEY_BYTES, b, 0, KEY_BYTES);
  }

  /// Changes records in one commit. `decide` may be called more than once and must do nothing but
  /// write through the edit; what it throws ends the change with nothing written.
  public <T> T change(Function<Edit, T> decide) {
    return committer.change(draft -> decide.apply(new Edit(draft)));
  }

  /// One attempt at a change.
  public final class Edit {
    private final Draft draft;
    private final Snapshot before;

    private Edit(Draft draft) {
      this.draft = draft;
      this.before = load();
    }

    /// As they are before the change.
    public Snapshot before() {
      return before;
    }

    /// @throws IllegalArgumentException the value is longer than allowed
    public void put(Kind kind, String name, byte[] value) {
      if (value.length == 0 || value.length > VALUE_BYTES_MAX) {
        throw new IllegalArgumentException("a record has 1 to " + VALUE_BYTES_MAX + " octets");
      }
      byte[] whole = new RowWriter(value.length + 64).u8(1).text(name).raw(value).toBytes();
      int count = (whole.length + PART_BYTES - 1) / PART_BYTES;
      Invariant.check(count <= Byte.MAX_VALUE, "too many parts");
      byte[] rowKey = rowKey(kind, name);
      deleteFrom(rowKey, count);
      for (int i = 0; i < count; i++) {
        int end = Math.min(whole.length, (i + 1) * PART_BYTES);
        byte[] part = Arrays.copyOfRange(whole, i * PART_BYTES, end);
        draft.put(Rows.RECORDS, part(rowKey, i), key.seal(MailboxKey.Purpose.RECORD, part));
      }
    }

    public void delete(Kind kind, String name) {
      deleteFrom(rowKey(kind, name), 0);
    }

    private void deleteFrom(byte[] rowKey, int first) {
      for (int i = first; i <= Byte.MAX_VALUE; i++) {
        if (draft.read(Rows.RECORDS, part(rowKey, i)).isEmpty()) return;
        draft.delete(Rows.RECORDS, part(rowKey, i));
      }
    }
  }

  private byte[] rowKey(Kind kind, String name) {
    byte[] rowKey = new byte[KEY_BYTES];
    rowKey[0] = (byte) kind.number;
    byte[] hash = key.hash(MailboxKey.Purpose.RECORD, name);
    System.arraycopy(hash, 0, rowKey, 1, hash.length);
    return rowKey;
  }

  private static byte[] part(byte[] rowKey, int number) {
    byte[] part = Arrays.copyOf(rowKey, KEY_BYTES + 1);
    part[KEY_BYTES] = (byte) number;
    return part;
  }
}
