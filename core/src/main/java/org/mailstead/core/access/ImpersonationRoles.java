package org.mailstead.core.access;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.Entity.User;
import org.mailstead.core.directory.EntityState;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.OrganizationRecords;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.directory.RecordPages;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// The impersonation roles of organizations and the tokens that programs use instead of a password
/// (EWS only).
///
/// A token holds the role and its end, sealed with the organization's key: nothing is stored for
/// it, nobody else can make one, and it ends with the role, the organization, or after 15 minutes.
public final class ImpersonationRoles {
  /// The WorkMail API lists no more.
  public static final int ROLES_MAX = 20;

  public static final Duration TOKEN_LIFE = Duration.ofMinutes(15);

  /// The longest token that is looked at.
  public static final int TOKEN_CHARS_MAX = 256;

  private static final int ORGANIZATION_CHARS = 34;
  private static final int TOKEN_FORMAT = 1;

  /// Tells a token from everything else that the organization's key seals.
  private static final byte[] TOKEN_KIND = "impersonation:".getBytes(StandardCharsets.US_ASCII);

  private final Directory directory;
  private final OrganizationRecords records;
  private final OrganizationKeys keys;
  private final AccessRules accessRules;
  private final InstantSource clock;
  private final RandomGenerator random;

  /// A token that was presented and is good now.
  public record Assumed(OrganizationId organization, ImpersonationRole role, Instant expires) {}

  /// What a program may do with a mailbox.
  public sealed interface Access {
    /// @param type FULL_ACCESS or READ_ONLY
    record Granted(User user, ImpersonationRole.Type type) implements Access {}

    /// @param cause for logs
    /// @param rules ids of the rules that decided
    record Denied(String cause, List<String> rules) implements Access {
      public Denied {
        rules = List.copyOf(rules);
      }
    }
  }

  public ImpersonationRoles(
      Directory directory,
      OrganizationKeys keys,
      AccessRules accessRules,
      InstantSource clock,
      RandomGenerator random) {
    this.directory = directory;
    this.records = directory.records();
    this.keys = keys;
    this.accessRules = accessRules;
    this.clock = clock;
    this.random = random;
  }

  /// @param definition with users by id, name or address
  /// @param clientToken a second call with it answers as the first
  /// @return the id
  /// @throws DirectoryRefusedException INVALID_PARAMETER (rule ids that repeat; the token was used
  ///   for another role), ENTITY_NOT_FOUND, ENTITY_STATE (a deleted user), LIMIT_EXCEEDED
  public String create(
      Change change,
      OrganizationId organization,
      ImpersonationRole.Definition definition,
      Optional<String> clientToken) {
    ImpersonationRole.Definition resolved = resolve(organization, definition);
    Instant now = clock.instant();
    String id = new UUID(random.nextLong(), random.nextLong()).toString();
    return records.change(
        change,
        organization,
        edit -> {
          var present = edit.all(Kind.IMPERSONATION_ROLE);
          if (clientToken.isPresent()) {
            for (var each : present.entrySet()) {
              var stored = ImpersonationRole.decode(each.getKey(), each.getValue());
              if (!stored.clientToken().equals(clientToken)) continue;
              if (stored.role().definition().equals(resolved)) return stored.role().id();
              throw invalid("The client token was used for another request.");
            }
          }
          if (present.size() >= ROLES_MAX) {
            throw new DirectoryRefusedException(
                DirectoryRefusal.LIMIT_EXCEEDED,
                "The organization has " + ROLES_MAX + " impersonation roles already.");
          }
          edit.put(
              Kind.IMPERSONATION_ROLE,
              id,
              new ImpersonationRole(id, resolved, now, now).encode(clientToken));
          edit.answers(Map.of("impersonationRoleId", id));
          return id;
        });
  }

  /// Replaces everything but id and creation date. Tokens of the role follow at once.
  ///
  /// @throws DirectoryRefusedException as [#create]; RESOURCE_NOT_FOUND
  public void update(
      Change change,
      OrganizationId organization,
      String id,
      ImpersonationRole.Definition definition) {
    load(organization, id);
    ImpersonationRole.Definition resolved = resolve(organization, definition);
    Instant now = clock.instant();
    records.change(
        change,
        organization,
        edit -> {
          var present =
              edit.find(Kind.IMPERSONATION_ROLE, id)
                  .map(value -> ImpersonationRole.decode(id, value))
                  .orElseThrow(ImpersonationRoles::notFound);
          edit.put(
              Kind.IMPERSONATION_ROLE,
              id,
              new ImpersonationRole(id, resolved, present.role().created(), now)
                  .encode(present.clientToken()));
          return true;
        });
  }

  /// Harmless if there is none; its tokens end.
  public void delete(Change change, OrganizationId organization, String id) {
    records.change(change, organization, edit -> edit.delete(Kind.IMPERSONATION_ROLE, id));
  }

  /// @throws DirectoryRefusedException RESOURCE_NOT_FOUND
  public ImpersonationRole load(OrganizationId organization, String id) {
    return find(organization, id).orElseThrow(ImpersonationRoles::notFound);
  }

  private Optional<ImpersonationRole> find(OrganizationId organization, String id) {
    return records
        .find(organization, Kind.IMPERSONATION_ROLE, id)
        .map(value -> ImpersonationRole.decode(id, value).role());
  }

  public Listing<ImpersonationRole> list(OrganizationId organization, Listing.PageRequest page) {
    return RecordPages.of(
        records.all(organization, Kind.IMPERSONATION_ROLE),
        page,
        (id, value) -> Optional.of(ImpersonationRole.decode(id, value).role()));
  }

  /// Makes a token for [#TOKEN_LIFE].
  ///
  /// @throws DirectoryRefusedException RESOURCE_NOT_FOUND
  public String assume(Change change, OrganizationId organization, String id) {
    load(organization, id);
    byte[] content =
        new ValueWriter(TOKEN_FORMAT).text(id).time(clock.instant().plus(TOKEN_LIFE)).value();
    byte[] plain = Arrays.copyOf(TOKEN_KIND, TOKEN_KIND.length + content.length);
    System.arraycopy(content, 0, plain, TOKEN_KIND.length, content.length);
    String token =
        organization
            + "."
            + Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(keys.seal(organization, plain));
    // Nothing is written but who asked.
    return records.change(change, organization, _ -> token);
  }

  /// The role of a token, if it is ours, not over, and the role still exists.
  public Optional<Assumed> verify(String token) {
    int dot = token.indexOf('.');
    if (token.length() > TOKEN_CHARS_MAX || dot != ORGANIZATION_CHARS) return Optional.empty();
    var organization = new OrganizationId(token.substring(0, dot));
    try {
      // Asked first: a key is not made for an organization that is none.
      records.all(organization, Kind.IMPERSONATION_ROLE);
      byte[] sealed =
          Base64.getUrlDecoder()
              .decode(token.substring(dot + 1).getBytes(StandardCharsets.ISO_8859_1));
      byte[] plain = keys.open(organization, sealed);
      int kind = TOKEN_KIND.length;
      if (plain.length <= kind || !Arrays.equals(plain, 0, kind, TOKEN_KIND, 0, kind)) {
        return Optional.empty();
      }
      var in = new ValueReader(Arrays.copyOfRange(plain, kind, plain.length), TOKEN_FORMAT);
      String role = in.text();
      Instant expires = in.time();
      if (!clock.instant().isBefore(expires)) return Optional.empty();
      return find(organization, role).map(found -> new Assumed(organization, found, expires));
    } catch (IllegalArgumentException | RefusedException e) {
      return Optional.empty();
    }
  }

  /// Whether the program that presented a token may act as a user, over EWS from there: the rules
  /// of the role and the access control rules both have to allow it. Asked at every request.
  ///
  /// @param user by id, name or address
  public Access access(Assumed assumed, String user, InetAddress peer) {
    OrganizationId organization = assumed.organization();
    User target;
    try {
      target = directory.users().describe(organization, user);
    } catch (DirectoryRefusedException e) {
      return new Access.Denied(e.publicText(), List.of());
    }
    if (target.state() != EntityState.ENABLED || target.mailbox().isEmpty()) {
      return new Access.Denied("the user is not enabled", List.of());
    }
    ImpersonationRole.Decision decision = assumed.role().decide(target.id());
    if (!decision.isAllowed()) {
      return new Access.Denied(
          "the role may not act as the user",
          decision.matched().stream().map(ImpersonationRole.Rule::id).toList());
    }
    AccessDecision byRules =
        accessRules.decide(
            new AccessRequest(
                organization,
                Optional.empty(),
                Protocol.EWS,
                peer,
                Optional.of(assumed.role().id())));
    return switch (byRules) {
      case AccessDecision.Allowed _ ->
          new Access.Granted(target, assumed.role().definition().type());
      case AccessDecision.Denied(String cause, List<String> rules) ->
          new Access.Denied(cause, rules);
    };
  }

  /// What GetImpersonationRoleEffect answers.
  ///
  /// @param user by id, name or address
  /// @throws DirectoryRefusedException RESOURCE_NOT_FOUND, ENTITY_NOT_FOUND, ENTITY_STATE (not
  ///   enabled)
  public ImpersonationRole.Decision effect(OrganizationId organization, String id, String user) {
    ImpersonationRole role = load(organization, id);
    User target = directory.users().describe(organization, user);
    if (target.state() != EntityState.ENABLED) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.ENTITY_STATE, "The user is not enabled.");
    }
    return role.decide(target.id());
  }

  private ImpersonationRole.Definition resolve(
      OrganizationId organization, ImpersonationRole.Definition definition) {
    Set<String> ids = new HashSet<>();
    List<ImpersonationRole.Rule> rules = new ArrayList<>();
    for (ImpersonationRole.Rule rule : definition.rules()) {
      if (!ids.add(rule.id())) {
        throw invalid("The impersonation rule id " + rule.id() + " comes twice.");
      }
      rules.add(
          new ImpersonationRole.Rule(
              rule.id(),
              rule.name(),
              rule.description(),
              rule.effect(),
              users(organization, rule.targets()),
              users(organization, rule.notTargets())));
    }
    if (rules.size() > ImpersonationRole.RULES_MAX) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.LIMIT_EXCEEDED,
          "A role has at most " + ImpersonationRole.RULES_MAX + " rules.");
    }
    return new ImpersonationRole.Definition(
        definition.name(), definition.type(), definition.description(), rules);
  }

  private List<String> users(OrganizationId organization, List<String> identifiers) {
    List<String> ids = new ArrayList<>();
    for (String identifier : identifiers) {
      User user = directory.users().describe(organization, identifier);
      if (user.state() == EntityState.DELETED) {
        throw new DirectoryRefusedException(
            DirectoryRefusal.ENTITY_STATE, "The user " + identifier + " is deleted.");
      }
      ids.add(user.id().value());
    }
    return ids;
  }

  private static DirectoryRefusedException notFound() {
    return new DirectoryRefusedException(
        DirectoryRefusal.RESOURCE_NOT_FOUND, "The impersonation role was not found.");
  }

  private static DirectoryRefusedException invalid(String text) {
    return new DirectoryRefusedException(DirectoryRefusal.INVALID_PARAMETER, text);
  }
}
