package org.mailstead.core.directory;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.mailstead.base.Invariant;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.VersionedCache;
import org.mailstead.store.Collection;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;

/// What an organization keeps in small numbers beside its entities: rules, roles, policies,
/// configurations, tokens, jobs. Each record has a kind, an id within it, and a value that its
/// owner writes with [org.mailstead.core.outbox.ValueWriter], format octet first.
///
/// They lie in `org/O`, so that a change of several records is one commit, with the call's audit
/// record in it. A whole kind is read at once and kept in memory until the partition changes: made
/// for up to some ten thousand records of a kind. Secrets in them must be sealed by the owner
/// ([org.mailstead.core.keys.OrganizationKeys#seal]); everything else here is plain. The records of
/// an organization that is removed go with it.
public final class OrganizationRecords {
  /// The longest value.
  public static final int VALUE_BYTES_MAX = 60_000;

  /// The longest id.
  public static final int ID_BYTES_MAX = 300;

  private static final Collection RECORDS = new Collection(5, "records");
  private static final int PART_BYTES = 3_500;
  private static final int PAGE_ROWS = 1_000;
  private static final int KINDS_CACHED_MAX = 10_000;

  private final Parts parts;
  private final VersionedCache<Kind, SortedMap<String, byte[]>> kinds;

  /// The numbers are stored: never reuse one.
  public enum Kind {
    /// One record for each setting that has no other home; the id names it.
    SETTING(1),
    ACCESS_CONTROL_RULE(2),
    MOBILE_DEVICE_ACCESS_RULE(3),
    MOBILE_DEVICE_ACCESS_OVERRIDE(4),
    IMPERSONATION_ROLE(5),
    RETENTION_POLICY(6),
    AVAILABILITY_CONFIGURATION(7),
    TAG(8),
    PERSONAL_ACCESS_TOKEN(9),
    MAILBOX_EXPORT_JOB(10),
    MOBILE_DEVICE(11),
    SMTP_GATEWAY(12),
    INBOUND_MAIL_FLOW_RULE(13),
    OUTBOUND_MAIL_FLOW_RULE(14),
    DIRECTORY_SYNCHRONIZATION(15),
    DKIM_KEY(30),
    /// What the DNS said about the records of a domain; the id is its name.
    MAIL_DOMAIN_CHECK(31),
    /// What the service wrote into the zone of a domain; the id is its name.
    INSERTED_RECORDS(32),
    /// The MTA-STS policy of a domain; the id is its name.
    TRANSPORT_POLICY(33);

    private final int number;

    Kind(int number) {
      this.number = number;
    }
  }

  OrganizationRecords(Parts parts) {
    this.parts = parts;
    this.kinds = new VersionedCache<>(parts.commits().versions(), KINDS_CACHED_MAX);
  }

  /// All records of a kind by id, in the order of ids; do not change the arrays.
  ///
  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND, ORGANIZATION_STATE
  public SortedMap<String, byte[]> all(OrganizationId organization, Kind kind) {
    parts.organizations().serving(organization);
    PartitionId partition = OrganizationViews.partition(organization);
    return kinds.get(partition, kind, () -> read(partition, kind));
  }

  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND, ORGANIZATION_STATE
  public Optional<byte[]> find(OrganizationId organization, Kind kind, String id) {
    return Optional.ofNullable(all(organization, kind).get(id));
  }

  /// Changes records in one commit, with the audit record of `change` in it. `decide` may be called
  /// more than once and must do nothing but read and write through the edit; what it throws ends
  /// the change with nothing written. A change that writes nothing is recorded all the same.
  ///
  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND, ORGANIZATION_STATE
  public <T> T change(Change change, OrganizationId organization, Function<Edit, T> decide) {
    return change(Optional.of(change), organization, decide);
  }

  /// The same for a job of the service itself, which nobody called.
  public <T> T changeUnasked(OrganizationId organization, Function<Edit, T> decide) {
    return change(Optional.empty(), organization, decide);
  }

  private <T> T change(
      Optional<Change> change, OrganizationId organization, Function<Edit, T> decide) {
    parts.organizations().serving(organization);
    record Outcome<T>(T answer, boolean changed) {}
    Outcome<T> outcome =
        parts
            .outbox()
            .change(
                OrganizationViews.partition(organization),
                commit -> {
                  var edit = new Edit(commit);
                  T answer = decide.apply(edit);
                  if (edit.changed && change.isPresent()) {
                    Parts.audit(commit, organization, change.get(), edit.response);
                  }
                  return new Outcome<>(answer, edit.changed);
                });
    if (!outcome.changed && change.isPresent()) {
      parts.auditUnchanged(organization, change.get());
    }
    return outcome.answer;
  }

  /// One attempt at a change.
  public static final class Edit {
    private final PartitionChange commit;
    private Map<String, String> response = Map.of();
    private boolean changed;

    private Edit(PartitionChange commit) {
      this.commit = commit;
    }

    /// All records of a kind, as they are in the store now; not what this edit has written.
    public SortedMap<String, byte[]> all(Kind kind) {
      return OrganizationRecords.read(kind, (range, rows) -> commit.range(RECORDS, range, rows));
    }

    public Optional<byte[]> find(Kind kind, String id) {
      var rows = commit.range(RECORDS, Range.prefix(key(kind, id)), PAGE_ROWS).rows();
      if (rows.isEmpty()) return Optional.empty();
      var value = new ByteArrayOutputStream();
      rows.forEach(row -> value.writeBytes(row.value()));
      return Optional.of(value.toByteArray());
    }

    /// @throws IllegalArgumentException the id or the value is longer than allowed
    public void put(Kind kind, String id, byte[] value) {
      if (value.length == 0 || value.length > VALUE_BYTES_MAX) {
        throw new IllegalArgumentException("a record has 1 to " + VALUE_BYTES_MAX + " octets");
      }
      byte[] key = key(kind, id);
      int count = (value.length + PART_BYTES - 1) / PART_BYTES;
      for (Row row : commit.range(RECORDS, Range.prefix(key), PAGE_ROWS).rows()) {
        if (row.key()[key.length] >= count) commit.delete(RECORDS, row.key());
      }
      for (int i = 0; i < count; i++) {
        int end = Math.min(value.length, (i + 1) * PART_BYTES);
        commit.put(RECORDS, part(key, i), Arrays.copyOfRange(value, i * PART_BYTES, end));
      }
      changed = true;
    }

    /// @return whether it was there
    public boolean delete(Kind kind, String id) {
      var rows = commit.range(RECORDS, Range.prefix(key(kind, id)), PAGE_ROWS).rows();
      rows.forEach(row -> commit.delete(RECORDS, row.key()));
      changed |= !rows.isEmpty();
      return !rows.isEmpty();
    }

    /// What the audit record says that the call answered; without secrets.
    public void answers(Map<String, String> response) {
      this.response = Map.copyOf(response);
    }
  }

  /// In a commit that does more.
  static void delete(PartitionChange commit, Kind kind, String id) {
    new Edit(commit).delete(kind, id);
  }

  /// In the commit that ends an organization.
  static void deleteAll(PartitionChange commit) {
    Optional<Range> next = Optional.of(Range.all());
    while (next.isPresent()) {
      Page page = commit.range(RECORDS, next.get(), PAGE_ROWS);
      page.rows().forEach(row -> commit.delete(RECORDS, row.key()));
      next = page.next();
    }
  }

  private SortedMap<String, byte[]> read(PartitionId partition, Kind kind) {
    while (true) {
      long version = parts.store().version(partition);
      var found = read(kind, (range, rows) -> parts.store().range(partition, RECORDS, range, rows));
      if (parts.store().version(partition) == version) return found;
    }
  }

  private static SortedMap<String, byte[]> read(Kind kind, BiFunction<Range, Integer, Page> pages) {
    var found = new TreeMap<String, ByteArrayOutputStream>();
    Optional<Range> next = Optional.of(Range.prefix(new byte[] {(byte) kind.number}));
    while (next.isPresent()) {
      Page page = pages.apply(next.get(), PAGE_ROWS);
      for (Row row : page.rows()) {
        byte[] key = row.key();
        String id = new String(key, 1, key.length - 3, java.nio.charset.StandardCharsets.UTF_8);
        found.computeIfAbsent(id, _ -> new ByteArrayOutputStream()).writeBytes(row.value());
      }
      next = page.next();
    }
    var values = new TreeMap<String, byte[]>();
    found.forEach((id, value) -> values.put(id, value.toByteArray()));
    return Collections.unmodifiableSortedMap(values);
  }

  /// Kind, id, NUL; the number of the part follows.
  private static byte[] key(Kind kind, String id) {
    byte[] octets = EntityRows.utf8(id);
    if (octets.length == 0 || octets.length > ID_BYTES_MAX || id.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("an id has 1 to " + ID_BYTES_MAX + " octets, no NUL");
    }
    byte[] key = new byte[octets.length + 2];
    key[0] = (byte) kind.number;
    System.arraycopy(octets, 0, key, 1, octets.length);
    return key;
  }

  private static byte[] part(byte[] key, int number) {
    Invariant.check(number < Byte.MAX_VALUE, "too many parts");
    byte[] part = Arrays.copyOf(key, key.length + 1);
    part[key.length] = (byte) number;
    return part;
  }
}
