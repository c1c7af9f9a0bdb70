package org.mailstead.core.directory;

import static org.mailstead.core.directory.DirectoryRefusal.LIMIT_EXCEEDED;
import static org.mailstead.core.directory.DirectoryRefusal.RESOURCE_NOT_FOUND;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Entity.User;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.OrganizationViews.View;
import org.mailstead.core.logs.LogRecord;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;

/// Personal access tokens (WorkMail, October 2024): a user makes one for each mail client, which
/// uses it in place of the password.
///
/// A secret is `mspat-<id>-<32 letters>`: recognisable, and the id finds the row without an index
/// over secrets. The letters are 160 random bits, so that the stored SHA-256 cannot be guessed from
/// whatever the hash costs: the slow hash that passwords need would only slow logins
/// (docs/decisions/0020). A token lies in its user's shard and goes with the user.
public final class PersonalAccessTokens {
  /// Of one user; one a device is usual.
  public static final int PER_USER_MAX = 50;

  private static final Duration USE_NOTED_EVERY = Duration.ofHours(1);
  private static final String PREFIX = "mspat-";
  private static final Pattern SECRET = Pattern.compile(PREFIX + "([0-9a-f]{18})-([a-z2-7]{32})");
  private static final Pattern ID = Pattern.compile("[0-9a-f]{18}");
  private static final Pattern NAME = Pattern.compile("[^\\x00-\\x1F\\x7F<>\\\\]{1,64}");
  private static final String BASE_32 = "abcdefghijklmnopqrstuvwxyz234567";
  private static final int SECRET_CHARS = 32;
  private static final int SCOPES_MAX = 10;
  private static final int FORMAT = 1;
  private static final String LIST = "tokens";
  private static final String LIST_ALL = "all tokens";

  private final Parts parts;
  private final IdentityProviders providers;

  private volatile Consumer<LogRecord> log = _ -> {};

  PersonalAccessTokens(Parts parts, IdentityProviders providers) {
    this.parts = parts;
    this.providers = providers;
  }

  /// Who hears of tokens that are made and removed, by whatever door, for WorkMail's own log.
  public void tell(Consumer<LogRecord> log) {
    this.log = log;
  }

  private void tell(
      Change change, OrganizationId organization, PersonalAccessToken token, String action) {
    String user = token.user().value();
    Optional<Entity> entity =
        parts
            .entities()
            .find(parts.organizations().serving(organization).directory(), user)
            .map(StoredEntity::entity);
    log.accept(
        new LogRecord.PersonalAccessToken(
            parts.clock().instant(),
            organization,
            user,
            entity.map(Entity::name).orElse(user),
            "API",
            change.entry().sourceIpAddress(),
            Optional.of(change.entry().userAgent()),
            action,
            token.name(),
            Optional.of(token.expires()),
            token.scopes()));
  }

  /// What is wrong with a secret, or whose it is.
  public sealed interface Check {
    /// Not of the form of a token.
    record NoToken() implements Check {}

    record Unknown() implements Check {}

    record Expired(String id) implements Check {}

    /// The organization does not accept tokens (now).
    record NotInForce(String id) implements Check {}

    record OutOfScope(String id) implements Check {}

    record Good(PersonalAccessToken token) implements Check {}
  }

  /// Makes a token.
  ///
  /// @param lifetimeDays at most what the organization's configuration says, which is also meant
  ///   when absent
  /// @param scopes never empty
  /// @param clientToken makes a second call with it fail: the secret cannot be shown again
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (not enabled),
  ///   INVALID_PARAMETER (also: tokens are not active), LIMIT_EXCEEDED, RESOURCE_NOT_FOUND (no
  ///   identity provider)
  public PersonalAccessToken.WithSecret create(
      Change change,
      OrganizationId organization,
      String identifier,
      String name,
      Optional<Integer> lifetimeDays,
      List<String> scopes,
      Optional<String> clientToken) {
    View view = parts.organizations().serving(organization);
    User user = load(view, identifier);
    if (!NAME.matcher(name).matches()) throw Texts.invalid("The token name is not valid.");
    if (scopes.isEmpty() || scopes.size() > SCOPES_MAX) {
      throw Texts.invalid("A token has 1 to " + SCOPES_MAX + " scopes.");
    }
    IdentityProvider provider = providers.load(organization);
    if (!provider.tokensActive()) {
      throw Texts.invalid("The organization does not accept personal access tokens now.");
    }
    int days = lifetimeDays.orElse(provider.tokenLifetimeDays());
    if (days < 1 || days > provider.tokenLifetimeDays()) {
      throw Texts.invalid(
          "A token of this organization lives for 1 to " + provider.tokenLifetimeDays() + " days.");
    }
    String id =
        "%02x".formatted(EntityRows.shard(user.id()))
            + clientToken.map(given -> derived(user.id(), given)).orElseGet(() -> parts.hex(16));
    String letters = letters();
    Instant now = parts.clock().instant();
    var token =
        new PersonalAccessToken(
            id, user.id(), name, now, now.plus(Duration.ofDays(days)), Optional.empty(), scopes);
    parts
        .entities()
        .change(
            view.directory(),
            user.id(),
            (commit, stored) -> {
              Registrations.checkEnabled(stored.orElseThrow(Registrations::notFound));
              if (rows(commit, user.id()).size() >= PER_USER_MAX) {
                throw new DirectoryRefusedException(
                    LIMIT_EXCEEDED, "The user has " + PER_USER_MAX + " tokens already.");
              }
              if (commit.get(EntityRows.TOKENS, key(user.id(), id)).isPresent()) {
                throw Texts.invalid(
                    "The client token was used already; what it made is shown once.");
              }
              commit.put(
                  EntityRows.TOKENS, key(user.id(), id), new Stored(token, hash(letters)).value());
              commit.put(
                  EntityRows.TOKEN_OWNERS, EntityRows.utf8(id), EntityRows.utf8(user.id().value()));
              Parts.audit(commit, organization, change, Map.of("personalAccessTokenId", id));
              return true;
            });
    tell(change, organization, token, "create");
    return new PersonalAccessToken.WithSecret(token, PREFIX + id + "-" + letters);
  }

  /// The same id for the same client token.
  private static String derived(EntityId user, String clientToken) {
    return HexFormat.of().formatHex(hash(user + " " + clientToken)).substring(0, 16);
  }

  private User load(View view, String identifier) {
    return parts
        .entities()
        .find(view.directory(), identifier)
        .map(StoredEntity::entity)
        .filter(User.class::isInstance)
        .map(User.class::cast)
        .orElseThrow(Registrations::notFound);
  }

  private String letters() {
    var text = new StringBuilder();
    for (int i = 0; i < SECRET_CHARS; i++) text.append(BASE_32.charAt(parts.random().nextInt(32)));
    return text.toString();
  }

  /// Checks a secret that a user presents at a login.
  ///
  /// @param scope the protocol's name
  public Check check(OrganizationId organization, EntityId user, String secret, String scope) {
    Matcher form = SECRET.matcher(secret);
    if (!form.matches()) return new Check.NoToken();
    String id = form.group(1);
    Optional<View> view = parts.organizations().find(organization);
    Optional<Stored> found =
        view.flatMap(v ->
                parts
                    .store()
                    .get(Entities.shard(v.directory(), user), EntityRows.TOKENS, key(user, id)))
            .map(row -> Stored.read(user, id, row));
    if (found.isEmpty() || !MessageDigest.isEqual(found.get().hash, hash(form.group(2)))) {
      return new Check.Unknown();
    }
    PersonalAccessToken token = found.get().token;
    if (!token.expires().isAfter(parts.clock().instant())) return new Check.Expired(id);
    if (providers.find(organization).filter(IdentityProvider::tokensActive).isEmpty()) {
      return new Check.NotInForce(id);
    }
    return token.scopes().contains(scope) ? new Check.Good(token) : new Check.OutOfScope(id);
  }

  /// Notes that a token was used now; written at most once an hour.
  public void used(OrganizationId organization, PersonalAccessToken token) {
    Instant now = parts.clock().instant();
    boolean recent =
        token.lastUsed().filter(last -> last.plus(USE_NOTED_EVERY).isAfter(now)).isPresent();
    if (recent) return;
    View view = parts.organizations().serving(organization);
    parts
        .commits()
        .change(
            Entities.shard(view.directory(), token.user()),
            commit -> {
              byte[] key = key(token.user(), token.id());
              Optional<byte[]> row = commit.get(EntityRows.TOKENS, key);
              if (row.isEmpty()) return false;
              Stored stored = Stored.read(token.user(), token.id(), row.get());
              commit.put(EntityRows.TOKENS, key, stored.usedAt(now).value());
              return true;
            });
  }

  /// One user's tokens, in order of id; without a user all of the organization's.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted), INVALID_PARAMETER
  ///   (page token)
  public Listing<PersonalAccessToken> list(
      OrganizationId organization, Optional<String> identifier, PageRequest page) {
    View view = parts.organizations().serving(organization);
    return identifier.isPresent()
        ? listOfUser(view, load(view, identifier.get()), page)
        : listAll(view, page);
  }

  private Listing<PersonalAccessToken> listOfUser(View view, User user, PageRequest page) {
    if (user.state() == EntityState.DELETED) throw Registrations.state("The entity is deleted.");
    Optional<EntityId> after = page.token().map(token -> Permissions.after(token, LIST));
    Page rows =
        parts.links().page(EntityRows.TOKENS, view.directory(), user.id(), after, page.countMax());
    List<PersonalAccessToken> found = new ArrayList<>();
    for (Row row : rows.rows()) found.add(token(row));
    return new Listing<>(
        found, rows.next().map(_ -> Permissions.token(LIST, new EntityId(found.getLast().id()))));
  }

  /// In order of shard, user, id.
  private Listing<PersonalAccessToken> listAll(View view, PageRequest page) {
    byte[] after = page.token().map(token -> Tokens.last(token, LIST_ALL)).orElse(new byte[1]);
    int shard = after.length == 0 ? EntityRows.SHARD_COUNT : after[0];
    if (shard < 0 || shard >= EntityRows.SHARD_COUNT) {
      throw Texts.invalid("The page token is not valid.");
    }
    byte[] from = java.util.Arrays.copyOfRange(after, 1, after.length);
    if (from.length > 0) from = java.util.Arrays.copyOf(from, from.length + 1);
    List<PersonalAccessToken> found = new ArrayList<>();
    byte[] last = after;
    for (; shard < EntityRows.SHARD_COUNT; shard++) {
      PartitionId partition = Entities.shard(view.directory(), shard);
      Optional<Range> next = Optional.of(Range.from(from));
      from = new byte[0];
      while (next.isPresent()) {
        Page rows =
            parts
                .store()
                .range(
                    partition, EntityRows.TOKENS, next.get(), page.countMax() + 1 - found.size());
        for (Row row : rows.rows()) {
          if (found.size() == page.countMax()) {
            return new Listing<>(found, Optional.of(Tokens.after(LIST_ALL, last)));
          }
          found.add(token(row));
          last = new byte[row.key().length + 1];
          last[0] = (byte) shard;
          System.arraycopy(row.key(), 0, last, 1, row.key().length);
        }
        next = rows.next();
      }
    }
    return new Listing<>(found, Optional.empty());
  }

  private static PersonalAccessToken token(Row row) {
    EntityId user = EntityRows.first(row.key());
    return Stored.read(user, EntityRows.second(row.key()).value(), row.value()).token;
  }

  /// @throws DirectoryRefusedException RESOURCE_NOT_FOUND
  public PersonalAccessToken load(OrganizationId organization, String id) {
    View view = parts.organizations().serving(organization);
    return owner(view, id)
        .flatMap(user -> find(view, user, id))
        .orElseThrow(() ->
            new DirectoryRefusedException(
                RESOURCE_NOT_FOUND, "The personal access token was not found."));
  }

  private Optional<PersonalAccessToken> find(View view, EntityId user, String id) {
    return parts
        .store()
        .get(Entities.shard(view.directory(), user), EntityRows.TOKENS, key(user, id))
        .map(row -> Stored.read(user, id, row).token);
  }

  private Optional<EntityId> owner(View view, String id) {
    if (!ID.matcher(id).matches()) return Optional.empty();
    int shard = Integer.parseInt(id.substring(0, 2), 16);
    if (shard >= EntityRows.SHARD_COUNT) return Optional.empty();
    return parts
        .store()
        .get(Entities.shard(view.directory(), shard), EntityRows.TOKEN_OWNERS, EntityRows.utf8(id))
        .map(row -> new EntityId(new String(row, StandardCharsets.UTF_8)));
  }

  /// Ends a token at once; harmless when there is none.
  public void delete(Change change, OrganizationId organization, String id) {
    View view = parts.organizations().serving(organization);
    Optional<EntityId> owner = owner(view, id);
    Optional<PersonalAccessToken> token = owner.flatMap(user -> find(view, user, id));
    boolean deleted =
        owner.isPresent()
            && parts
                .entities()
                .change(
                    view.directory(),
                    owner.get(),
                    (commit, stored) -> {
                      if (commit.get(EntityRows.TOKENS, key(owner.get(), id)).isEmpty()) {
                        return false;
                      }
                      remove(commit, owner.get(), id);
                      // With another stamp, logins that were remembered are not trusted any more.
                      stored.ifPresent(user ->
                          Entities.write(
                              commit,
                              stored,
                              Optional.of(user.withStamp(parts.random().nextLong()))));
                      Parts.audit(commit, organization, change, Map.of());
                      return true;
                    });
    if (!deleted) parts.auditUnchanged(organization, change);
    else token.ifPresent(gone -> tell(change, organization, gone, "delete"));
  }

  private static void remove(PartitionChange commit, EntityId user, String id) {
    commit.delete(EntityRows.TOKENS, key(user, id));
    commit.delete(EntityRows.TOKEN_OWNERS, EntityRows.utf8(id));
  }

  /// In the commit that ends a user.
  static void deleteAll(PartitionChange commit, EntityId user) {
    for (Row row : rows(commit, user)) remove(commit, user, EntityRows.second(row.key()).value());
  }

  private static List<Row> rows(PartitionChange commit, EntityId user) {
    return commit.range(EntityRows.TOKENS, EntityRows.entity(user), PER_USER_MAX).rows();
  }

  private static byte[] key(EntityId user, String id) {
    return EntityRows.pair(user, EntityRows.utf8(id));
  }

  private static byte[] hash(String letters) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(EntityRows.utf8(letters));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  private record Stored(PersonalAccessToken token, byte[] hash) {
    static Stored read(EntityId user, String id, byte[] row) {
      var in = new ValueReader(row, FORMAT);
      byte[] hash = in.octets();
      String name = in.text();
      Instant created = in.time();
      Instant expires = in.time();
      Optional<Instant> lastUsed = in.optionalTime();
      List<String> scopes = new ArrayList<>();
      for (long left = in.number(); left > 0; left--) scopes.add(in.text());
      return new Stored(
          new PersonalAccessToken(id, user, name, created, expires, lastUsed, scopes), hash);
    }

    byte[] value() {
      var out =
          new ValueWriter(FORMAT)
              .octets(hash)
              .text(token.name())
              .time(token.created())
              .time(token.expires())
              .optionalTime(token.lastUsed())
              .number(token.scopes().size());
      token.scopes().forEach(out::text);
      return out.value();
    }

    Stored usedAt(Instant now) {
      return new Stored(
          new PersonalAccessToken(
              token.id(),
              token.user(),
              token.name(),
              token.created(),
              token.expires(),
              Optional.of(now),
              token.scopes()),
          hash);
    }
  }
}
