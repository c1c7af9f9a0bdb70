package org.mailstead.core.directory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.audit.AuditLog;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.core.outbox.VersionedCache;
import org.mailstead.store.Collection;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;

/// Accounts and their access keys (`account/A`). Secrets are stored sealed by a key of the
/// account's own; a key's id is claimed, so that it leads to its account.
public final class Accounts {
  static final Collection RECORD = new Collection(1, "account");
  static final Collection KEYS = new Collection(2, "access keys");
  private static final byte[] ONLY = {0};
  private static final int FORMAT = 1;
  private static final Duration USE_NOTED_EVERY = Duration.ofMinutes(15);
  private static final Pattern KEY_ID = Pattern.compile("AKIA[A-Z2-7]{16}");
  private static final String KEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final String SECRET_ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  private final Parts parts;
  private final VersionedCache<String, Map<String, Credential>> credentials;
  private final Cache<String, AccountId> keyOwners =
      Caffeine.newBuilder().maximumSize(10_000).build();

  /// What SigV4 verification needs. The secret never leaves through `toString`.
  public record Credential(AccessKey key, String secret) {
    @Override
    public String toString() {
      return "Credential[" + key.id() + ", ***]";
    }
  }

  Accounts(Parts parts) {
    this.parts = parts;
    this.credentials = new VersionedCache<>(parts.commits().versions(), 10_000);
  }

  static PartitionId partition(AccountId account) {
    return new PartitionId("account/" + account);
  }

  static AuditLog.Scope scope(AccountId account) {
    return new AuditLog.Scope(account.value());
  }

  /// Makes an account with a fresh number.
  public AccountId createAccount() {
    while (true) {
      long number = 100_000_000_000L + parts.random().nextLong(900_000_000_000L);
      var account = new AccountId(Long.toString(number));
      boolean made =
          parts
              .commits()
              .change(
                  partition(account),
                  change -> {
                    if (change.get(RECORD, ONLY).isPresent()) return false;
                    change.put(
                        RECORD,
                        ONLY,
                        new ValueWriter(FORMAT).time(parts.clock().instant()).value());
                    return true;
                  });
      if (made) return account;
    }
  }

  /// The accounts of this installation, in order of number.
  public List<AccountId> accounts() {
    List<AccountId> found = new ArrayList<>();
    Optional<PartitionId> after = Optional.empty();
    while (true) {
      List<PartitionId> page = parts.store().partitions("account/", after, 1000);
      for (PartitionId each : page) {
        found.add(new AccountId(each.value().substring("account/".length())));
      }
      if (page.size() < 1000) return found;
      after = Optional.of(page.getLast());
    }
  }

  static void checkExists(PartitionChange change) {
    if (change.get(RECORD, ONLY).isEmpty()) throw notFound();
  }

  private static DirectoryRefusedException notFound() {
    return new DirectoryRefusedException(
        DirectoryRefusal.ACCOUNT_NOT_FOUND, "The account or access key was not found.");
  }

  /// Makes an access key; without a user name it is the root's. The secret is told this once only.
  ///
  /// @param userName one of [Administrators]
  /// @throws DirectoryRefusedException ACCOUNT_NOT_FOUND, LIMIT_EXCEEDED, ENTITY_NOT_FOUND: no such
  ///   user
  public AccessKey.WithSecret createKey(
      Change change, AccountId account, Optional<String> userName) {
    String id = "AKIA" + letters(KEY_ALPHABET, 16);
    String secret = letters(SECRET_ALPHABET, 40);
    Optional<Claims.Claim> claim =
        parts
            .claims()
            .take(Claims.Kind.ACCESS_KEY, id, account.value(), account.value(), other -> true);
    if (claim.isEmpty()) return createKey(change, account, userName);
    Instant created = parts.clock().instant();
    byte[] sealed = parts.keys().seal(sealer(account), secret.getBytes(StandardCharsets.US_ASCII));
    AccessKey key;
    try {
      key =
          parts
              .outbox()
              .change(
                  partition(account),
                  commit -> {
                    checkExists(commit);
                    Optional<String> owner =
                        userName.map(name -> Administrators.checkUser(commit, name));
                    var made = new AccessKey(id, account, owner, true, created, Optional.empty());
                    int limit = parts.limits().accessKeysPerAccount();
                    if (commit.range(KEYS, Range.all(), limit).rows().size() >= limit) {
                      throw new DirectoryRefusedException(
                          DirectoryRefusal.LIMIT_EXCEEDED, "The account has too many access keys.");
                    }
                    commit.put(KEYS, EntityRows.utf8(id), row(made, sealed));
                    AuditLog.add(
                        commit, scope(account), change.entry().answered(Map.of("accessKeyId", id)));
                    return made;
                  });
    } catch (RuntimeException e) {
      parts.claims().abandon(claim.get(), _ -> isKey(account, id), e);
      throw e;
    }
    return new AccessKey.WithSecret(key, secret);
  }

  private boolean isKey(AccountId account, String id) {
    return parts.store().get(partition(account), KEYS, EntityRows.utf8(id)).isPresent();
  }

  /// Makes a new key for the owner of this one, which goes on working until it is revoked.
  ///
  /// @throws DirectoryRefusedException ACCOUNT_NOT_FOUND, LIMIT_EXCEEDED
  public AccessKey.WithSecret rotateKey(Change change, AccountId account, String keyId) {
    AccessKey old =
        keys(account).stream()
            .filter(key -> key.id().equals(keyId))
            .findFirst()
            .orElseThrow(Accounts::notFound);
    return createKey(change, account, old.userName());
  }

  /// Ends a key at once. Harmless when it is gone already.
  public void revokeKey(Change change, AccountId account, String keyId) {
    Optional<Claims.Claim> claim = parts.claims().find(Claims.Kind.ACCESS_KEY, keyId);
    boolean revoked =
        parts
            .outbox()
            .change(
                partition(account),
                commit -> {
                  checkExists(commit);
                  if (commit.get(KEYS, EntityRows.utf8(keyId)).isEmpty()) return false;
                  commit.delete(KEYS, EntityRows.utf8(keyId));
                  claim.ifPresent(held -> Claims.release(commit, held));
                  AuditLog.add(commit, scope(account), change.entry());
                  return true;
                });
    if (!revoked) parts.audit().record(scope(account), change.entry());
  }

  /// Switches a key off or on again. One that is off is like one that does not exist.
  ///
  /// @throws DirectoryRefusedException ACCOUNT_NOT_FOUND
  public void activateKey(Change change, AccountId account, String keyId, boolean active) {
    parts
        .outbox()
        .change(
            partition(account),
            commit -> {
              checkExists(commit);
              byte[] place = EntityRows.utf8(keyId);
              Stored stored =
                  commit
                      .get(KEYS, place)
                      .map(row -> read(account, keyId, row))
                      .orElseThrow(Accounts::notFound);
              AccessKey k = stored.key;
              var changed =
                  new AccessKey(k.id(), account, k.userName(), active, k.created(), k.lastUsed());
              commit.put(KEYS, place, row(changed, stored.sealed));
              AuditLog.add(commit, scope(account), change.entry());
              return true;
            });
  }

  public List<AccessKey> keys(AccountId account) {
    return credentials(account).values().stream()
        .map(Credential::key)
        .sorted(Comparator.comparing(AccessKey::created).thenComparing(AccessKey::id))
        .toList();
  }

  /// The active key with this id; empty for an unknown or revoked one. Cached: cheap enough for
  /// every request.
  public Optional<Credential> findCredential(String keyId) {
    if (!KEY_ID.matcher(keyId).matches()) return Optional.empty();
    AccountId account = keyOwners.getIfPresent(keyId);
    if (account == null) {
      Optional<Claims.Claim> claim = parts.claims().find(Claims.Kind.ACCESS_KEY, keyId);
      if (claim.isEmpty()) return Optional.empty();
      account = new AccountId(claim.get().owner());
      keyOwners.put(keyId, account); // Ids are random: one never changes its account.
    }
    return Optional.ofNullable(credentials(account).get(keyId)).filter(c -> c.key.active());
  }

  /// Notes that the key was used now; written at most once in a quarter of an hour.
  public void used(AccessKey key) {
    Instant now = parts.clock().instant();
    boolean recent =
        key.lastUsed().filter(last -> last.plus(USE_NOTED_EVERY).isAfter(now)).isPresent();
    if (recent) return;
    parts
        .commits()
        .change(
            partition(key.account()),
            commit -> {
              byte[] place = EntityRows.utf8(key.id());
              Optional<byte[]> row = commit.get(KEYS, place);
              if (row.isEmpty()) return false;
              Stored stored = read(key.account(), key.id(), row.get());
              AccessKey k = stored.key;
              commit.put(
                  KEYS,
                  place,
                  row(
                      new AccessKey(
                          k.id(),
                          k.account(),
                          k.userName(),
                          k.active(),
                          k.created(),
                          Optional.of(now)),
                      stored.sealed));
              return true;
            });
  }

  private Map<String, Credential> credentials(AccountId account) {
    PartitionId partition = partition(account);
    return credentials.get(
        partition,
        "",
        () -> {
          var found = new TreeMap<String, Credential>();
          int rowsMax = Math.max(1, parts.limits().accessKeysPerAccount());
          for (Row row : parts.store().range(partition, KEYS, Range.all(), rowsMax).rows()) {
            String id = new String(row.key(), StandardCharsets.UTF_8);
            Stored stored = read(account, id, row.value());
            byte[] secret = parts.keys().open(sealer(account), stored.sealed);
            found.put(
                id, new Credential(stored.key, new String(secret, StandardCharsets.US_ASCII)));
          }
          return found;
        });
  }

  /// Who a stored key belongs to.
  static Optional<String> userName(byte[] row) {
    return new ValueReader(row, FORMAT).optionalText();
  }

  private record Stored(AccessKey key, byte[] sealed) {}

  private static Stored read(AccountId account, String id, byte[] row) {
    var in = new ValueReader(row, FORMAT);
    var key =
        new AccessKey(id, account, in.optionalText(), in.flag(), in.time(), in.optionalTime());
    return new Stored(key, in.octets());
  }

  private static byte[] row(AccessKey key, byte[] sealed) {
    return new ValueWriter(FORMAT)
        .optionalText(key.userName())
        .flag(key.active())
        .time(key.created())
        .optionalTime(key.lastUsed())
        .octets(sealed)
        .value();
  }

  /// Accounts seal with a key of their own, as organizations do.
  private static OrganizationId sealer(AccountId account) {
    return new OrganizationId("account-" + account);
  }

  private String letters(String alphabet, int count) {
    var out = new StringBuilder();
    for (int i = 0; i < count; i++) {
      out.append(alphabet.charAt(parts.random().nextInt(alphabet.length())));
    }
    return out.toString();
  }
}
