package org.mailstead.core.access;

import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// An access control rule: when all its conditions hold it allows or denies. A condition that is
/// empty always holds. What a `not…` list does not name is included, absent things too: "not these
/// users" holds for an impersonation role, "not these ranges" for every IPv6 address.
///
/// @param name unique in the organization
public record AccessRule(
    String name,
    AccessEffect effect,
    String description,
    Conditions conditions,
    Instant created,
    Instant modified) {
  /// Every new organization has it (WorkMail API, ListAccessControlRules).
  public static final String DEFAULT_NAME = "default";

  private static final int FORMAT = 1;

  /// @param ranges in CIDR notation, IPv4
  /// @param actions names of [Protocol]s
  /// @param users ids
  /// @param roles ids of impersonation roles
  public record Conditions(
      List<String> ranges,
      List<String> notRanges,
      List<String> actions,
      List<String> notActions,
      List<String> users,
      List<String> notUsers,
      List<String> roles,
      List<String> notRoles) {
    public Conditions {
      ranges = List.copyOf(ranges);
      notRanges = List.copyOf(notRanges);
      actions = List.copyOf(actions);
      notActions = List.copyOf(notActions);
      users = List.copyOf(users);
      notUsers = List.copyOf(notUsers);
      roles = List.copyOf(roles);
      notRoles = List.copyOf(notRoles);
    }

    public static Conditions none() {
      return new Conditions(
          List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
    }

    List<List<String>> lists() {
      return List.of(ranges, notRanges, actions, notActions, users, notUsers, roles, notRoles);
    }
  }

  static AccessRule standard() {
    return new AccessRule(
        DEFAULT_NAME,
        AccessEffect.ALLOW,
        "Default WorkMail Rule",
        Conditions.none(),
        Instant.EPOCH,
        Instant.EPOCH);
  }

  /// A rule with its ranges parsed, made once for many decisions.
  record Compiled(AccessRule rule, List<IpRange> ranges, List<IpRange> notRanges) {
    boolean matches(AccessRequest request) {
      Conditions on = rule.conditions;
      return holds(ranges, notRanges, request.peer())
          && holds(on.actions, on.notActions, Optional.of(request.protocol().workMailName()))
          && holds(on.users, on.notUsers, request.user().map(Object::toString))
          && holds(on.roles, on.notRoles, request.impersonationRole());
    }

    private static boolean holds(List<IpRange> in, List<IpRange> notIn, InetAddress peer) {
      Predicate<IpRange> has = range -> range.contains(peer);
      return (in.isEmpty() || in.stream().anyMatch(has)) && notIn.stream().noneMatch(has);
    }

    private static boolean holds(List<String> in, List<String> notIn, Optional<String> value) {
      return (in.isEmpty() || value.filter(in::contains).isPresent())
          && value.filter(notIn::contains).isEmpty();
    }
  }

  Compiled compile() {
    return new Compiled(
        this,
        conditions.ranges.stream().map(IpRange::parse).toList(),
        conditions.notRanges.stream().map(IpRange::parse).toList());
  }

  byte[] encode() {
    var out =
        new ValueWriter(FORMAT)
            .flag(true)
            .text(effect.name())
            .text(description)
            .time(created)
            .time(modified);
    conditions.lists().forEach(list -> TextLists.write(out, list));
    return out.value();
  }

  /// Stands where the default rule was deleted.
  static byte[] deleted() {
    return new ValueWriter(FORMAT).flag(false).value();
  }

  static Optional<AccessRule> decode(String name, byte[] value) {
    var in = new ValueReader(value, FORMAT);
    if (!in.flag()) return Optional.empty();
    var effect = AccessEffect.valueOf(in.text());
    String description = in.text();
    Instant created = in.time();
    Instant modified = in.time();
    List<List<String>> lists = new ArrayList<>();
    for (int i = 0; i < 8; i++) lists.add(TextLists.read(in));
    return Optional.of(
        new AccessRule(
            name,
            effect,
            description,
            new Conditions(
                lists.get(0),
                lists.get(1),
                lists.get(2),
                lists.get(3),
                lists.get(4),
                lists.get(5),
                lists.get(6),
                lists.get(7)),
            created,
            modified));
  }
}
