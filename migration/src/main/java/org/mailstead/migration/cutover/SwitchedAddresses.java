package org.mailstead.migration.cutover;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.mailstead.migration.directory.Inventory;

/// An inventory without the addresses that are not switched over: those of the old service's test
/// domain stay where they are, and of others nobody asked. Whose main address is one of them is
/// known by the first alias that moves.
final class SwitchedAddresses {
  private final Set<String> domains;
  private final Map<String, String> renamed = new HashMap<>();

  private SwitchedAddresses(Set<String> domains) {
    this.domains = domains;
  }

  /// @param domains in lower case
  static Inventory of(Inventory inventory, Set<String> domains) {
    return new SwitchedAddresses(domains).reduced(inventory);
  }

  private Inventory reduced(Inventory all) {
    List<Inventory.User> users = new ArrayList<>();
    for (Inventory.User u : all.users()) {
      List<String> kept = kept(u.email(), u.aliases());
      users.add(
          new Inventory.User(
              u.name(),
              u.displayName(),
              u.firstName(),
              u.lastName(),
              main(kept),
              u.role(),
              others(kept),
              u.sizeMegabytes(),
              u.quotaMegabytes(),
              u.permissions()));
    }
    List<Inventory.Resource> resources = new ArrayList<>();
    for (Inventory.Resource r : all.resources()) {
      List<String> kept = kept(r.email(), r.aliases());
      resources.add(
          new Inventory.Resource(
              r.name(), r.type(), main(kept), r.description(), others(kept), r.delegates()));
    }
    List<List<String>> ofGroups = new ArrayList<>();
    for (Inventory.Group g : all.groups()) ofGroups.add(kept(g.email(), g.aliases()));
    List<Inventory.Group> groups = new ArrayList<>();
    for (int i = 0; i < ofGroups.size(); i++) {
      Inventory.Group g = all.groups().get(i);
      groups.add(
          new Inventory.Group(
              g.name(),
              main(ofGroups.get(i)),
              g.hidden(),
              others(ofGroups.get(i)),
              g.members().stream()
                  .map(member -> renamed.getOrDefault(key(member), member))
                  .toList(),
              g.permissions()));
    }
    return new Inventory(
        all.at(), all.organization(), all.domains(), users, groups, resources, all.problems());
  }

  private List<String> kept(String email, List<String> aliases) {
    List<String> kept = new ArrayList<>();
    if (isSwitched(email)) kept.add(email);
    for (String alias : aliases) if (isSwitched(alias)) kept.add(alias);
    if (!kept.isEmpty()) renamed.put(key(email), kept.getFirst());
    return kept;
  }

  private boolean isSwitched(String address) {
    return domains.contains(key(HeaderText.domain(address)));
  }

  private static String key(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  private static String main(List<String> kept) {
    return kept.isEmpty() ? "" : kept.getFirst();
  }

  private static List<String> others(List<String> kept) {
    return kept.isEmpty() ? List.of() : List.copyOf(kept.subList(1, kept.size()));
  }
}
