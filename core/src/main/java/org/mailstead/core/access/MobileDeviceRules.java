package org.mailstead.core.access;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
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

/// Which mobile devices may synchronize: rules about what devices say of themselves, and overrides
/// for one device of one user, which beat the rules. ActiveSync asks [#decide]; no other protocol
/// does. Among rules, one that denies comes first; what no rule matches is denied; the rule
/// `default` is there until it is changed or deleted.
public final class MobileDeviceRules {
  /// The WorkMail API lists no more.
  public static final int RULES_MAX = 10;

  public static final int OVERRIDES_MAX = 10_000;

  private final OrganizationRecords records;
  private final Directory directory;
  private final InstantSource clock;
  private final RandomGenerator random;

  /// What holds for a device.
  ///
  /// @param override it decided; else the rules did
  /// @param matched the rules that decided
  public record Decision(
      AccessEffect effect,
      Optional<MobileDeviceOverride> override,
      List<MobileDeviceRule> matched) {
    public Decision {
      matched = List.copyOf(matched);
    }

    public boolean isAllowed() {
      return effect == AccessEffect.ALLOW;
    }
  }

  public MobileDeviceRules(Directory directory, InstantSource clock, RandomGenerator random) {
    this.directory = directory;
    this.records = directory.records();
    this.clock = clock;
    this.random = random;
  }

  /// @param clientToken a second call with it answers as the first
  /// @return the id
  /// @throws DirectoryRefusedException LIMIT_EXCEEDED; INVALID_PARAMETER: the token was used for
  ///   another rule
  public String create(
      Change change,
      OrganizationId organization,
      MobileDeviceRule.Text text,
      AccessEffect effect,
      MobileDeviceRule.Conditions conditions,
      Optional<String> clientToken) {
    Instant now = clock.instant();
    String id = new UUID(random.nextLong(), random.nextLong()).toString();
    var rule = new MobileDeviceRule(id, text, effect, conditions, now, now);
    return records.change(
        change,
        organization,
        edit -> {
          var present = stored(edit.all(Kind.MOBILE_DEVICE_ACCESS_RULE));
          Optional<String> first = repeated(present, rule, clientToken);
          if (first.isPresent()) return first.get();
          if (present.size() >= RULES_MAX) {
            throw new DirectoryRefusedException(
                DirectoryRefusal.LIMIT_EXCEEDED,
                "The organization has " + RULES_MAX + " mobile device access rules already.");
          }
          edit.put(Kind.MOBILE_DEVICE_ACCESS_RULE, id, rule.encode(clientToken));
          edit.answers(Map.of("mobileDeviceAccessRuleId", id));
          return id;
        });
  }

  private static Optional<String> repeated(
      Map<String, MobileDeviceRule.Stored> present,
      MobileDeviceRule rule,
      Optional<String> clientToken) {
    if (clientToken.isEmpty()) return Optional.empty();
    for (MobileDeviceRule.Stored each : present.values()) {
      if (!each.clientToken().equals(clientToken)) continue;
      MobileDeviceRule first = each.rule();
      if (first.text().equals(rule.text())
          && first.effect() == rule.effect()
          && first.conditions().equals(rule.conditions())) {
        return Optional.of(first.id());
      }
      throw new DirectoryRefusedException(
          DirectoryRefusal.INVALID_PARAMETER, "The client token was used for another request.");
    }
    return Optional.empty();
  }

  /// Replaces everything but id and creation date.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND
  public void update(
      Change change,
      OrganizationId organization,
      String id,
      MobileDeviceRule.Text text,
      AccessEffect effect,
      MobileDeviceRule.Conditions conditions) {
    Instant now = clock.instant();
    records.change(
        change,
        organization,
        edit -> {
          var present = stored(edit.all(Kind.MOBILE_DEVICE_ACCESS_RULE)).get(id);
          if (present == null) {
            throw new DirectoryRefusedException(
                DirectoryRefusal.ENTITY_NOT_FOUND, "The mobile device access rule was not found.");
          }
          Instant created = present.rule().created();
          edit.put(
              Kind.MOBILE_DEVICE_ACCESS_RULE,
              id,
              new MobileDeviceRule(id, text, effect, conditions, created, now)
                  .encode(present.clientToken()));
          return true;
        });
  }

  /// Harmless if there is none.
  public void delete(Change change, OrganizationId organization, String id) {
    records.change(
        change,
        organization,
        edit -> {
          if (id.equals(MobileDeviceRule.DEFAULT_ID)) {
            edit.put(Kind.MOBILE_DEVICE_ACCESS_RULE, id, MobileDeviceRule.deleted());
          } else {
            edit.delete(Kind.MOBILE_DEVICE_ACCESS_RULE, id);
          }
          return true;
        });
  }

  public List<MobileDeviceRule> list(OrganizationId organization) {
    return stored(records.all(organization, Kind.MOBILE_DEVICE_ACCESS_RULE)).values().stream()
        .map(MobileDeviceRule.Stored::rule)
        .toList();
  }

  /// What the rules say, without overrides.
  public Decision effect(OrganizationId organization, MobileDevice device) {
    List<MobileDeviceRule> allowing = new ArrayList<>();
    List<MobileDeviceRule> denying = new ArrayList<>();
    for (MobileDeviceRule rule : list(organization)) {
      if (!rule.matches(device)) continue;
      switch (rule.effect()) {
        case ALLOW -> allowing.add(rule);
        case DENY -> denying.add(rule);
      }
    }
    boolean allowed = denying.isEmpty() && !allowing.isEmpty();
    return new Decision(
        allowed ? AccessEffect.ALLOW : AccessEffect.DENY,
        Optional.empty(),
        denying.isEmpty() ? allowing : denying);
  }

  /// Whether this device of this user may synchronize.
  public Decision decide(
      OrganizationId organization, EntityId user, String deviceId, MobileDevice device) {
    Optional<MobileDeviceOverride> override = find(organization, user, deviceId);
    return override.isPresent()
        ? new Decision(override.get().effect(), override, List.of())
        : effect(organization, device);
  }

  /// Replaces an override for the same user and device; its creation date stays.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (deleted), LIMIT_EXCEEDED
  public void putOverride(
      Change change,
      OrganizationId organization,
      String user,
      String deviceId,
      AccessEffect effect,
      Optional<String> description) {
    User owner = directory.users().describe(organization, user);
    if (owner.state() == EntityState.DELETED) {
      throw new DirectoryRefusedException(DirectoryRefusal.ENTITY_STATE, "The user is deleted.");
    }
    Instant now = clock.instant();
    String id = MobileDeviceOverride.id(owner.id(), deviceId);
    records.change(
        change,
        organization,
        edit -> {
          Optional<MobileDeviceOverride> present =
              edit.find(Kind.MOBILE_DEVICE_ACCESS_OVERRIDE, id)
                  .map(value -> MobileDeviceOverride.decode(id, value));
          if (present.isEmpty()
              && records.all(organization, Kind.MOBILE_DEVICE_ACCESS_OVERRIDE).size()
                  >= OVERRIDES_MAX) {
            throw new DirectoryRefusedException(
                DirectoryRefusal.LIMIT_EXCEEDED,
                "The organization has " + OVERRIDES_MAX + " overrides already.");
          }
          Instant created = present.map(MobileDeviceOverride::created).orElse(now);
          edit.put(
              Kind.MOBILE_DEVICE_ACCESS_OVERRIDE,
              id,
              new MobileDeviceOverride(owner.id(), deviceId, effect, description, created, now)
                  .encode());
          return true;
        });
  }

  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND (the user), RESOURCE_NOT_FOUND
  public MobileDeviceOverride loadOverride(
      OrganizationId organization, String user, String deviceId) {
    User owner = directory.users().describe(organization, user);
    return find(organization, owner.id(), deviceId)
        .orElseThrow(() ->
            new DirectoryRefusedException(
                DirectoryRefusal.RESOURCE_NOT_FOUND,
                "The mobile device access override was not found."));
  }

  private Optional<MobileDeviceOverride> find(
      OrganizationId organization, EntityId user, String deviceId) {
    String id = MobileDeviceOverride.id(user, deviceId);
    return records
        .find(organization, Kind.MOBILE_DEVICE_ACCESS_OVERRIDE, id)
        .map(value -> MobileDeviceOverride.decode(id, value));
  }

  /// Harmless if there is none.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND (the user)
  public void deleteOverride(
      Change change, OrganizationId organization, String user, String deviceId) {
    User owner = directory.users().describe(organization, user);
    String id = MobileDeviceOverride.id(owner.id(), deviceId);
    records.change(
        change, organization, edit -> edit.delete(Kind.MOBILE_DEVICE_ACCESS_OVERRIDE, id));
  }

  /// In the order of users and devices.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND (the user)
  public Listing<MobileDeviceOverride> listOverrides(
      OrganizationId organization,
      Optional<String> user,
      Optional<String> deviceId,
      Listing.PageRequest page) {
    Optional<EntityId> owner =
        user.map(name -> directory.users().describe(organization, name).id());
    var all = records.all(organization, Kind.MOBILE_DEVICE_ACCESS_OVERRIDE);
    return RecordPages.of(
        all,
        page,
        (id, value) ->
            Optional.of(MobileDeviceOverride.decode(id, value))
                .filter(found -> owner.isEmpty() || owner.get().equals(found.user()))
                .filter(found -> deviceId.isEmpty() || deviceId.get().equals(found.device())));
  }

  private static Map<String, MobileDeviceRule.Stored> stored(SortedMap<String, byte[]> records) {
    var rules = new TreeMap<String, MobileDeviceRule.Stored>();
    if (!records.containsKey(MobileDeviceRule.DEFAULT_ID)) {
      rules.put(
          MobileDeviceRule.DEFAULT_ID,
          new MobileDeviceRule.Stored(MobileDeviceRule.standard(), Optional.empty()));
    }
    records.forEach(
        (id, value) -> MobileDeviceRule.decode(id, value).ifPresent(rule -> rules.put(id, rule)));
    return rules;
  }
}
