package org.mailstead.core.directory;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.Invariant;
import org.mailstead.base.MailboxId;
import org.mailstead.core.directory.Entity.Group;
import org.mailstead.core.directory.Entity.Resource;
import org.mailstead.core.directory.Entity.User;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Collection;
import org.mailstead.store.Range;
import org.mailstead.store.Row;

/// How a directory shard (`directory/D/<shard>`) is laid out. An entity is several rows (core,
/// password, details, aliases) under one prefix, because a row holds 4 KiB at the most; the sorted
/// indexes by name, address and display name lie beside them and change in the same commit. All
/// rows of an entity are a function of it, [#rows]: a change writes the difference, and the check
/// compares.
final class EntityRows {
  static final Collection ENTITIES = new Collection(1, "entities");
  static final Collection NAMES = new Collection(2, "names");
  static final Collection EMAILS = new Collection(3, "emails");
  static final Collection DISPLAY_NAMES = new Collection(4, "display names");
  static final Collection MEMBERS = new Collection(5, "members");
  static final Collection MEMBER_COUNTS = new Collection(6, "member counts");
  static final Collection PERMISSIONS = new Collection(7, "permissions");
  static final Collection DELETED_NAMES = new Collection(8, "deleted names");

  /// Reverse of MEMBERS and PERMISSIONS, in the shard of the member or grantee; fed by outbox.
  static final Collection MEMBER_OF = new Collection(9, "member of");

  static final Collection GRANTS = new Collection(10, "grants");

  /// [due, entity] of mailboxes and traces to be removed.
  static final Collection RETENTION = new Collection(11, "retention");

  static final Collection HEAD = new Collection(12, "head");

  /// Domain → addresses in this shard that use it.
  static final Collection DOMAIN_USE = new Collection(13, "domain use");

  /// [grantee, mailbox owner]: a hint that the owner's mailbox may hold folder permissions for the
  /// grantee.
  static final Collection FOLDER_GRANTS = new Collection(14, "folder grants");

  /// Delegates of resources, and the reverse in the shard of the delegate.
  static final Collection DELEGATES = new Collection(15, "delegates");

  static final Collection DELEGATE_OF = new Collection(16, "delegate of");

  /// Personal access tokens: [user, token id]; and token id → user.
  static final Collection TOKENS = new Collection(17, "personal access tokens");

  static final Collection TOKEN_OWNERS = new Collection(18, "owners of tokens");

  static final byte[] ONLY = {0};
  static final int SHARD_COUNT = 32;

  private static final int FORMAT = 1;
  private static final int INDEXED_BYTES_MAX = 440;
  private static final byte[] PRESENT = {1};
  private static final int CORE = 'c';
  private static final int PASSWORD = 'p';
  private static final int DETAIL = 'd';
  private static final int ALIAS = 'a';

  private EntityRows() {}

  /// A row's place; sorted, so that differences are stable.
  record Place(Collection collection, byte[] key) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byCollection = Integer.compare(collection.number(), other.collection.number());
      return byCollection != 0 ? byCollection : Arrays.compareUnsigned(key, other.key);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Place that && compareTo(that) == 0;
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(key) * 31 + collection.number();
    }
  }

  static String folded(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  static int shard(EntityId id) {
    return Math.floorMod(id.value().hashCode(), SHARD_COUNT);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static Range entity(EntityId id) {
    return Range.prefix(pair(id, new byte[0]));
  }

  /// `first`, NUL, `rest`.
  static byte[] pair(EntityId first, byte[] rest) {
    byte[] id = utf8(first.value());
    return ByteBuffer.allocate(id.length + 1 + rest.length).put(id).put((byte) 0).put(rest).array();
  }

  static byte[] pair(EntityId first, EntityId second) {
    return pair(first, utf8(second.value()));
  }

  /// The second id of a pair.
  static EntityId second(byte[] key) {
    return new EntityId(after(key, zero(key)));
  }

  static EntityId first(byte[] key) {
    return new EntityId(new String(key, 0, zero(key), StandardCharsets.UTF_8));
  }

  private static int zero(byte[] key) {
    int at = 0;
    while (key[at] != 0) at++;
    return at;
  }

  private static String after(byte[] key, int at) {
    return new String(key, at + 1, key.length - at - 1, StandardCharsets.UTF_8);
  }

  /// Kind, the folded text (cut), NUL, id.
  static byte[] indexKey(EntityKind kind, String text, EntityId id) {
    byte[] prefix = indexPrefix(kind, text);
    byte[] owner = utf8(id.value());
    return ByteBuffer.allocate(prefix.length + 1 + owner.length)
        .put(prefix)
        .put((byte) 0)
        .put(owner)
        .array();
  }

  static byte[] indexPrefix(EntityKind kind, String text) {
    byte[] folded = utf8(folded(text));
    int length = Math.min(folded.length, INDEXED_BYTES_MAX);
    return ByteBuffer.allocate(1 + length).put(kindByte(kind)).put(folded, 0, length).array();
  }

  /// The id at the end of an index key.
  static EntityId indexed(byte[] key) {
    int at = key.length - 1;
    while (key[at] != 0) at--;
    return new EntityId(after(key, at));
  }

  private static byte kindByte(EntityKind kind) {
    return switch (kind) {
      case USER -> 'u';
      case GROUP -> 'g';
      case RESOURCE -> 'r';
    };
  }

  static byte[] retentionKey(Instant due, EntityId id) {
    byte[] owner = utf8(id.value());
    return ByteBuffer.allocate(8 + owner.length).putLong(due.toEpochMilli()).put(owner).array();
  }

  static EntityId retained(byte[] key) {
    return new EntityId(new String(key, 8, key.length - 8, StandardCharsets.UTF_8));
  }

  /// Every row that this entity has.
  static Map<Place, byte[]> rows(StoredEntity stored) {
    Entity entity = stored.entity();
    EntityId id = entity.id();
    var rows = new TreeMap<Place, byte[]>();
    rows.put(new Place(ENTITIES, pair(id, new byte[] {CORE})), core(stored));
    stored
        .passwordHash()
        .ifPresent(hash ->
            rows.put(
                new Place(ENTITIES, pair(id, new byte[] {PASSWORD})),
                new ValueWriter(FORMAT).text(hash).value()));
    for (EmailAddress alias : entity.aliases()) {
      rows.put(
          new Place(ENTITIES, pair(id, tagged(ALIAS, utf8(alias.normalized())))),
          new ValueWriter(FORMAT).text(alias.toString()).value());
    }
    EntityKind kind = entity.kind();
    boolean deleted = entity.state() == EntityState.DELETED;
    rows.put(
        new Place(deleted ? DELETED_NAMES : NAMES, indexKey(kind, entity.name(), id)), PRESENT);
    entity
        .email()
        .ifPresent(
            email -> rows.put(new Place(EMAILS, indexKey(kind, email.normalized(), id)), PRESENT));
    if (entity instanceof User user) {
      user.details()
          .forEach((detail, text) ->
              rows.put(
                  new Place(ENTITIES, pair(id, new byte[] {DETAIL, (byte) detail.number()})),
                  new ValueWriter(FORMAT).text(text).value()));
      if (!deleted) {
        rows.put(new Place(DISPLAY_NAMES, indexKey(kind, user.displayName(), id)), PRESENT);
      }
    }
    stored
        .mailboxDue()
        .ifPresent(due -> rows.put(new Place(RETENTION, retentionKey(due, id)), PRESENT));
    stored
        .traceDue()
        .ifPresent(due -> rows.put(new Place(RETENTION, retentionKey(due, id)), PRESENT));
    return rows;
  }

  private static byte[] tagged(int tag, byte[] rest) {
    return ByteBuffer.allocate(1 + rest.length).put((byte) tag).put(rest).array();
  }

  private static byte[] core(StoredEntity stored) {
    Entity entity = stored.entity();
    var out =
        new ValueWriter(FORMAT)
            .number(kindByte(entity.kind()))
            .text(entity.name())
            .text(entity.state().name())
            .optionalText(entity.email().map(EmailAddress::toString))
            .flag(entity.hiddenFromGlobalAddressList())
            .optionalTime(entity.enabledDate())
            .optionalTime(entity.disabledDate())
            .optionalTime(stored.deletedDate())
            .number(stored.stamp())
            .flag(entity.system());
    return switch (entity) {
      case User user ->
          out.text(user.displayName())
              .text(user.role().name())
              .optionalTime(user.mailboxProvisionedDate())
              .optionalTime(user.mailboxDeprovisionedDate())
              .optionalText(user.mailbox().map(MailboxId::value))
              .number(stored.mailboxCount())
              .number(user.quotaMegabytes())
              .value();
      case Group _ -> out.value();
      case Resource resource ->
          out.text(resource.type().name())
              .optionalText(resource.description())
              .flag(resource.booking().autoAcceptRequests())
              .flag(resource.booking().autoDeclineRecurringRequests())
              .flag(resource.booking().autoDeclineConflictingRequests())
              .optionalText(resource.mailbox().map(MailboxId::value))
              .number(stored.mailboxCount())
              .value();
    };
  }

  /// The entity from the rows under its prefix; empty if there are none.
  static Optional<StoredEntity> read(EntityId id, List<Row> rows) {
    Optional<byte[]> core = Optional.empty();
    Optional<String> password = Optional.empty();
    var details = new EnumMap<UserDetail, String>(UserDetail.class);
    var aliases = new ArrayList<EmailAddress>();
    int tagAt = utf8(id.value()).length + 1;
    for (Row row : rows) {
      switch (row.key()[tagAt]) {
        case CORE -> core = Optional.of(row.value());
        case PASSWORD -> password = Optional.of(new ValueReader(row.value(), FORMAT).text());
        case DETAIL ->
            details.put(detail(row.key()[tagAt + 1]), new ValueReader(row.value(), FORMAT).text());
        case ALIAS -> aliases.add(EmailAddress.parse(new ValueReader(row.value(), FORMAT).text()));
        default -> throw new IllegalStateException("an unknown row of entity " + id);
      }
    }
    if (core.isEmpty()) {
      Invariant.check(rows.isEmpty(), "entity without core row");
      return Optional.empty();
    }
    return Optional.of(
        read(id, core.get(), password, List.copyOf(aliases), Collections.unmodifiableMap(details)));
  }

  private static UserDetail detail(int number) {
    for (UserDetail detail : UserDetail.values()) if (detail.number() == number) return detail;
    throw new IllegalStateException("an unknown detail: " + number);
  }

  private static StoredEntity read(
      EntityId id,
      byte[] core,
      Optional<String> password,
      List<EmailAddress> aliases,
      Map<UserDetail, String> details) {
    var in = new ValueReader(core, FORMAT);
    long kind = in.number();
    String name = in.text();
    EntityState state = EntityState.valueOf(in.text());
    Optional<EmailAddress> email = in.optionalText().map(EmailAddress::parse);
    boolean hidden = in.flag();
    Optional<Instant> enabled = in.optionalTime();
    Optional<Instant> disabled = in.optionalTime();
    Optional<Instant> deleted = in.optionalTime();
    long stamp = in.number();
    boolean system = in.flag();
    if (kind == 'g') {
      var group = new Group(id, name, state, email, aliases, hidden, enabled, disabled, system);
      return new StoredEntity(group, password, stamp, 0, deleted);
    }
    if (kind == 'r') {
      ResourceType type = ResourceType.valueOf(in.text());
      Optional<String> description = in.optionalText();
      var booking = new BookingOptions(in.flag(), in.flag(), in.flag());
      Optional<MailboxId> mailbox = in.optionalText().map(MailboxId::new);
      int mailboxCount = (int) in.number();
      var resource =
          new Resource(
              id,
              name,
              type,
              description,
              booking,
              state,
              email,
              aliases,
              hidden,
              enabled,
              disabled,
              mailbox);
      return new StoredEntity(resource, password, stamp, mailboxCount, deleted);
    }
    Invariant.check(kind == 'u', "an entity of an unknown kind");
    String displayName = in.text();
    UserRole role = UserRole.valueOf(in.text());
    Optional<Instant> provisioned = in.optionalTime();
    Optional<Instant> deprovisioned = in.optionalTime();
    Optional<MailboxId> mailbox = in.optionalText().map(MailboxId::new);
    int mailboxCount = (int) in.number();
    long quota = in.number();
    var user =
        new User(
            id,
            name,
            displayName,
            role,
            state,
            email,
            aliases,
            hidden,
            enabled,
            disabled,
            provisioned,
            deprovisioned,
            mailbox,
            quota,
            details);
    return new StoredEntity(user, password, stamp, mailboxCount, deleted);
  }

  /// Counters of a shard, kept in the same commits as its entities.
  record Head(long users, long enabledUsers, long groups, long resources) {
    static final Head EMPTY = new Head(0, 0, 0, 0);

    /// Format 1 has no resources.
    private static final int HEAD_FORMAT = 2;

    static Head of(byte[] row) {
      var in = new ValueReader(row, HEAD_FORMAT);
      return new Head(
          in.number(), in.number(), in.number(), in.format() >= HEAD_FORMAT ? in.number() : 0);
    }

    /// What one entity counts for. Deleted ones and the system's count for nothing.
    static Head of(StoredEntity stored) {
      Entity entity = stored.entity();
      if (entity.state() == EntityState.DELETED || entity.system()) return EMPTY;
      return switch (entity) {
        case User user -> new Head(1, user.state() == EntityState.ENABLED ? 1 : 0, 0, 0);
        case Group _ -> new Head(0, 0, 1, 0);
        case Resource _ -> new Head(0, 0, 0, 1);
      };
    }

    Head plus(Head other) {
      return new Head(
          users + other.users,
          enabledUsers + other.enabledUsers,
          groups + other.groups,
          resources + other.resources);
    }

    Head minus(Head other) {
      return new Head(
          users - other.users,
          enabledUsers - other.enabledUsers,
          groups - other.groups,
          resources - other.resources);
    }

    byte[] value() {
      return new ValueWriter(HEAD_FORMAT)
          .number(users)
          .number(enabledUsers)
          .number(groups)
          .number(resources)
          .value();
    }
  }

  /// How many addresses the entity has on each domain.
  static Map<String, Long> domains(StoredEntity stored) {
    var domains = new TreeMap<String, Long>();
    stored.entity().email().ifPresent(email -> domains.merge(email.domain(), 1L, Long::sum));
    for (EmailAddress alias : stored.entity().aliases()) {
      domains.merge(alias.domain(), 1L, Long::sum);
    }
    return domains;
  }

  static long number(byte[] row) {
    return new ValueReader(row, FORMAT).number();
  }

  static byte[] number(long value) {
    return new ValueWriter(FORMAT).number(value).value();
  }
}
