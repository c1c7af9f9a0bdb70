package org.mailstead.core.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.mailstead.base.EntityId;
import org.mailstead.base.MalformedException;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.Lookups;
import org.mailstead.core.directory.OrganizationRecords;
import org.mailstead.core.directory.OrganizationRecords.Kind;

/// Access control rules: who may come in by which protocol and from where. The same decision
/// answers GetAccessControlEffect, logins and running sessions.
///
/// A rule that denies comes before every rule that allows; what no rule matches is denied, so an
/// organization without rules is closed. The rule `default`, which allows everything, is there
/// until somebody replaces or deletes it; nothing is stored for it.
public final class AccessRules implements LoginPolicy {
  /// The WorkMail API lists no more.
  public static final int RULES_MAX = 10;

  private static final int ORGANIZATIONS_CACHED_MAX = 20_000;

  private final OrganizationRecords records;
  private final Lookups lookups;
  private final InstantSource clock;
  private final Cache<OrganizationId, Known> compiled =
      Caffeine.newBuilder().maximumSize(ORGANIZATIONS_CACHED_MAX).build();

  /// Holds as long as the records that it was made of are the newest.
  private record Known(SortedMap<String, byte[]> source, List<AccessRule.Compiled> rules) {}

  public AccessRules(Directory directory, InstantSource clock) {
    this.records = directory.records();
    this.lookups = directory.lookups();
    this.clock = clock;
  }

  /// A rule of the same name is replaced; its creation date stays.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER (an action or a range that is none),
  ///   ENTITY_NOT_FOUND (a user), RESOURCE_NOT_FOUND (an impersonation role), LIMIT_EXCEEDED
  public void put(
      Change change,
      OrganizationId organization,
      String name,
      AccessEffect effect,
      String description,
      AccessRule.Conditions conditions) {
    // First whether the organization serves: users of one that does not are not found.
    known(organization);
    check(organization, conditions);
    Instant now = clock.instant();
    records.change(
        change,
        organization,
        edit -> {
          for (List<String> roles : List.of(conditions.roles(), conditions.notRoles())) {
            for (String role : roles) {
              if (edit.find(Kind.IMPERSONATION_ROLE, role).isEmpty()) {
                throw new DirectoryRefusedException(
                    DirectoryRefusal.RESOURCE_NOT_FOUND,
                    "The impersonation role " + role + " was not found.");
              }
            }
          }
          var rules = rules(edit.all(Kind.ACCESS_CONTROL_RULE));
          Optional<AccessRule> present = Optional.ofNullable(rules.get(name));
          if (present.isEmpty() && rules.size() >= RULES_MAX) {
            throw new DirectoryRefusedException(
                DirectoryRefusal.LIMIT_EXCEEDED,
                "The organization has " + RULES_MAX + " access control rules already.");
          }
          Instant created = present.map(AccessRule::created).orElse(now);
          edit.put(
              Kind.ACCESS_CONTROL_RULE,
              name,
              new AccessRule(name, effect, description, conditions, created, now).encode());
          return true;
        });
  }

  private void check(OrganizationId organization, AccessRule.Conditions conditions) {
    for (List<String> actions : List.of(conditions.actions(), conditions.notActions())) {
      for (String action : actions) {
        if (Protocol.find(action).isEmpty()) {
          throw invalid("There is no action " + action + ".");
        }
      }
    }
    for (List<String> ranges : List.of(conditions.ranges(), conditions.notRanges())) {
      for (String range : ranges) {
        try {
          IpRange.parse(range);
        } catch (MalformedException e) {
          throw invalid("The IP range " + range + " is not valid.");
        }
      }
    }
    for (List<String> users : List.of(conditions.users(), conditions.notUsers())) {
      for (String user : users) requireUser(organization, user);
    }
  }

  private void requireUser(OrganizationId organization, String user) {
    if (user.length() > EntityId.LENGTH_MAX
        || lookups.user(organization, new EntityId(user)).isEmpty()) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.ENTITY_NOT_FOUND, "The user " + user + " was not found.");
    }
  }

  /// Harmless if there is none.
  public void delete(Change change, OrganizationId organization, String name) {
    records.change(
        change,
        organization,
        edit -> {
          if (name.equals(AccessRule.DEFAULT_NAME)) {
            edit.put(Kind.ACCESS_CONTROL_RULE, name, AccessRule.deleted());
          } else {
            edit.delete(Kind.ACCESS_CONTROL_RULE, name);
          }
          return true;
        });
  }

  /// In the order of names.
  public List<AccessRule> list(OrganizationId organization) {
    return known(organization).stream().map(AccessRule.Compiled::rule).toList();
  }

  /// What GetAccessControlEffect answers.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER (not one of user and role; a role for
  ///   another protocol than EWS), ENTITY_NOT_FOUND, RESOURCE_NOT_FOUND
  public AccessDecision effect(AccessRequest request) {
    OrganizationId organization = request.organization();
    List<AccessRule.Compiled> rules = known(organization);
    if (request.user().isPresent() == request.impersonationRole().isPresent()) {
      throw invalid("Either UserId or ImpersonationRoleId must be given.");
    }
    if (request.impersonationRole().isPresent() && request.protocol() != Protocol.EWS) {
      throw invalid("An impersonation role can be used with the action EWS only.");
    }
    request.user().ifPresent(user -> requireUser(organization, user.value()));
    request
        .impersonationRole()
        .filter(role -> records.find(organization, Kind.IMPERSONATION_ROLE, role).isEmpty())
        .ifPresent(_ -> {
          throw new DirectoryRefusedException(
              DirectoryRefusal.RESOURCE_NOT_FOUND, "The impersonation role was not found.");
        });
    return decide(rules, request);
  }

  @Override
  public AccessDecision decide(AccessRequest request) {
    try {
      return decide(known(request.organization()), request);
    } catch (DirectoryRefusedException e) {
      return new AccessDecision.Denied(e.publicText(), List.of());
    }
  }

  private static AccessDecision decide(List<AccessRule.Compiled> rules, AccessRequest request) {
    List<String> allowing = new ArrayList<>();
    List<String> denying = new ArrayList<>();
    for (AccessRule.Compiled each : rules) {
      if (!each.matches(request)) continue;
      switch (each.rule().effect()) {
        case ALLOW -> allowing.add(each.rule().name());
        case DENY -> denying.add(each.rule().name());
      }
    }
    if (!denying.isEmpty()) return new AccessDecision.Denied("a rule denies", denying);
    return allowing.isEmpty()
        ? new AccessDecision.Denied("no rule allows", List.of())
        : new AccessDecision.Allowed(allowing);
  }

  private List<AccessRule.Compiled> known(OrganizationId organization) {
    var source = records.all(organization, Kind.ACCESS_CONTROL_RULE);
    Known known = compiled.getIfPresent(organization);
    // The same map as long as nothing has changed.
    if (known == null || known.source != source) {
      known = new Known(source, rules(source).values().stream().map(AccessRule::compile).toList());
      compiled.put(organization, known);
    }
    return known.rules;
  }

  private static Map<String, AccessRule> rules(SortedMap<String, byte[]> stored) {
    var rules = new TreeMap<String, AccessRule>();
    if (!stored.containsKey(AccessRule.DEFAULT_NAME)) {
      rules.put(AccessRule.DEFAULT_NAME, AccessRule.standard());
    }
    stored.forEach(
        (name, value) -> AccessRule.decode(name, value).ifPresent(rule -> rules.put(name, rule)));
    return rules;
  }

  private static DirectoryRefusedException invalid(String text) {
    return new DirectoryRefusedException(DirectoryRefusal.INVALID_PARAMETER, text);
  }
}
