package org.mailstead.migration.cutover;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.mailstead.migration.directory.Inventory;

/// Whether everybody of an inventory is reachable at the target by every address: a forgotten alias
/// is mail that bounces, a forgotten member is told nothing, and neither says so.
final class DirectoryCheck {
  private static final String ABOUT = "directory";

  private final Inventory there;
  private final Map<String, String> owners = new HashMap<>();
  private final Map<String, Inventory.Group> groups = new HashMap<>();

  DirectoryCheck(Inventory there) {
    this.there = there;
    for (Inventory.User user : there.users()) own(user.email(), user.aliases(), user.email());
    for (Inventory.Resource each : there.resources())
      own(each.email(), each.aliases(), each.email());
    for (Inventory.Group group : there.groups()) {
      own(group.email(), group.aliases(), group.email());
      groups.put(key(group.email()), group);
    }
  }

  private static String key(String address) {
    return address.toLowerCase(Locale.ROOT);
  }

  private void own(String email, List<String> aliases, String owner) {
    if (email.isEmpty()) return;
    owners.put(key(email), key(owner));
    for (String alias : aliases) owners.put(key(alias), key(owner));
  }

  /// Whether somebody at the target has this address.
  boolean isKnown(String address) {
    return owners.containsKey(key(address));
  }

  List<Finding> check(Inventory wanted) {
    List<Finding> findings = new ArrayList<>();
    there.problems().forEach(text -> findings.add(Finding.warning(ABOUT, "the target: " + text)));
    int people = 0;
    int aliases = 0;
    for (Inventory.User user : wanted.users()) {
      if (user.email().isEmpty()) continue;
      people++;
      aliases += user.aliases().size();
      addresses("user " + user.name(), user.email(), user.aliases(), findings);
    }
    for (Inventory.Resource resource : wanted.resources()) {
      if (resource.email().isEmpty()) continue;
      aliases += resource.aliases().size();
      addresses("resource " + resource.name(), resource.email(), resource.aliases(), findings);
    }
    int lists = 0;
    for (Inventory.Group group : wanted.groups()) {
      if (group.email().isEmpty()) continue;
      lists++;
      aliases += group.aliases().size();
      String what = "group " + group.name();
      addresses(what, group.email(), group.aliases(), findings);
      members(what, group, findings);
    }
    if (findings.stream().noneMatch(each -> each.level() == Finding.Level.NO_GO)) {
      findings.add(
          Finding.ok(
              ABOUT,
              "%d users, %d groups, %d resources and %d aliases of the inventory are at the target"
                  .formatted(people, lists, wanted.resources().size(), aliases)));
    }
    return findings;
  }

  private void addresses(String what, String email, List<String> aliases, List<Finding> findings) {
    String owner = owners.get(key(email));
    if (owner == null) {
      findings.add(
          Finding.noGo(
              ABOUT,
              "%s: nobody at the target has %s".formatted(what, email),
              "mailstead migrate apply-directory makes what is missing."));
    }
    for (String alias : aliases) {
      String has = owners.get(key(alias));
      if (has == null) {
        findings.add(
            Finding.noGo(
                ABOUT,
                "%s: the alias %s is missing: its mail would bounce".formatted(what, alias)));
      } else if (owner != null && !has.equals(owner)) {
        findings.add(
            Finding.noGo(ABOUT, "%s: the alias %s belongs to %s".formatted(what, alias, has)));
      }
    }
  }

  private void members(String what, Inventory.Group wanted, List<Finding> findings) {
    String owner = owners.get(key(wanted.email()));
    if (owner == null) return;
    Inventory.Group found = groups.get(owner);
    if (found == null) {
      findings.add(
          Finding.noGo(ABOUT, "%s: %s is no group at the target".formatted(what, wanted.email())));
      return;
    }
    Set<String> has = new HashSet<>();
    for (String member : found.members()) has.add(owners.getOrDefault(key(member), key(member)));
    Set<String> expected = new HashSet<>();
    for (String member : wanted.members()) {
      String person = owners.getOrDefault(key(member), key(member));
      expected.add(person);
      if (!has.contains(person)) {
        findings.add(
            Finding.noGo(ABOUT, "%s: %s is no member: would get nothing".formatted(what, member)));
      }
    }
    for (String member : found.members()) {
      if (!expected.contains(owners.getOrDefault(key(member), key(member)))) {
        findings.add(
            Finding.warning(
                ABOUT, "%s: %s is a member at the target only".formatted(what, member)));
      }
    }
  }
}
