package org.mailstead.migration.cutover;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mailstead.migration.directory.Inventory;
import org.mailstead.migration.plan.MailboxEntry;

/// Every address that must work after the switch, and in whose mailboxes its mail must be found.
///
/// @param address what people write to
/// @param mailboxes of the plan; empty for an address whose mailbox nobody can look into
record Addresses(String address, List<MailboxEntry> mailboxes) {
  /// Of the inventory; without one, those of the plan's targets.
  static List<Addresses> of(Optional<Inventory> inventory, List<MailboxEntry> plan) {
    if (inventory.isEmpty()) {
      return plan.stream()
          .filter(each -> each.target().contains("@"))
          .map(each -> new Addresses(each.target(), List.of(each)))
          .toList();
    }
    return new Expansion(inventory.get(), plan).all();
  }

  /// Who gets what is sent to a group, through the groups in it.
  private static final class Expansion {
    private final Inventory inventory;
    private final Map<String, MailboxEntry> planned = new HashMap<>();
    private final Map<String, Inventory.User> users = new HashMap<>();
    private final Map<String, Inventory.Group> groups = new HashMap<>();

    Expansion(Inventory inventory, List<MailboxEntry> plan) {
      this.inventory = inventory;
      for (MailboxEntry each : plan) {
        planned.put(key(each.source()), each);
        planned.put(key(each.target()), each);
      }
      for (Inventory.User user : inventory.users()) {
        for (String name : names(user)) users.put(key(name), user);
      }
      for (Inventory.Group group : inventory.groups()) {
        for (String alias : group.aliases()) groups.put(key(alias), group);
        groups.put(key(group.name()), group);
        if (!group.email().isEmpty()) groups.put(key(group.email()), group);
      }
    }

    private static String key(String name) {
      return name.toLowerCase(Locale.ROOT);
    }

    private static List<String> names(Inventory.User user) {
      List<String> names = new ArrayList<>(user.aliases());
      names.add(user.name());
      if (!user.email().isEmpty()) names.add(user.email());
      return names;
    }

    List<Addresses> all() {
      List<Addresses> all = new ArrayList<>();
      for (Inventory.User user : inventory.users()) {
        if (user.email().isEmpty()) continue;
        List<MailboxEntry> own = mailbox(user).map(List::of).orElse(List.of());
        all.add(new Addresses(user.email(), own));
        for (String alias : user.aliases()) all.add(new Addresses(alias, own));
      }
      for (Inventory.Group group : inventory.groups()) {
        if (group.email().isEmpty()) continue;
        Set<MailboxEntry> members = new LinkedHashSet<>();
        expand(group, members, new HashSet<>());
        all.add(new Addresses(group.email(), List.copyOf(members)));
        for (String alias : group.aliases()) all.add(new Addresses(alias, List.copyOf(members)));
      }
      for (Inventory.Resource resource : inventory.resources()) {
        if (resource.email().isEmpty()) continue;
        all.add(new Addresses(resource.email(), List.of()));
        for (String alias : resource.aliases()) all.add(new Addresses(alias, List.of()));
      }
      return all;
    }

    private Optional<MailboxEntry> mailbox(Inventory.User user) {
      return names(user).stream()
          .map(name -> Optional.ofNullable(planned.get(key(name))))
          .flatMap(Optional::stream)
          .findFirst();
    }

    private void expand(
        Inventory.Group group, Set<MailboxEntry> members, Set<Inventory.Group> seen) {
      if (!seen.add(group)) return;
      for (String member : group.members()) {
        Inventory.Group inner = groups.get(key(member));
        if (inner != null) {
          expand(inner, members, seen);
          continue;
        }
        Inventory.User user = users.get(key(member));
        if (user != null) mailbox(user).ifPresent(members::add);
      }
    }
  }
}
