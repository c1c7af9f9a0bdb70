package org.mailstead.migration.directory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.mailstead.workmail.client.WorkMailClient;
import org.mailstead.workmail.wire.ApiException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Makes what an inventory has in another organization, through the WorkMail API. What is there
/// stays as it is, so that it can be run again; what is refused is told and the rest goes on.
/// Domains must be registered before: whose they are is proven elsewhere.
public final class DirectoryApply {
  /// @param passwords of users that were made, by name: shown nowhere else
  /// @param problems what could not be made
  public record Outcome(
      int madeCount, int presentCount, Map<String, String> passwords, List<String> problems) {}

  private final DirectoryClient client;
  private final Supplier<String> newPassword;
  private final Map<String, String> ids = new HashMap<>();
  private final Map<String, String> passwords = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();
  private int madeCount;
  private int presentCount;

  /// @param newPassword a random password that the policy takes, another one each time
  public DirectoryApply(
      WorkMailClient client, String organizationId, Supplier<String> newPassword) {
    this.client = new DirectoryClient(client, organizationId, Thread::sleep);
    this.newPassword = newPassword;
  }

  public Outcome apply(Inventory inventory) throws IOException {
    learn("ListUsers", "Users");
    learn("ListGroups", "Groups");
    try {
      learn("ListResources", "Resources");
    } catch (ApiException e) {
      if (!inventory.resources().isEmpty()) problems.add("resources: " + e.getMessage());
    }
    for (Inventory.User user : inventory.users()) make(user);
    for (Inventory.Group group : inventory.groups()) make(group);
    for (Inventory.Resource resource : inventory.resources()) make(resource);
    for (Inventory.Group group : inventory.groups()) {
      for (String member : group.members()) {
        link(
            group.name(),
            "AssociateMemberToGroup",
            "GroupId",
            key(group.name()),
            "MemberId",
            key(member));
      }
      permissions(group.name(), group.permissions());
    }
    for (Inventory.User user : inventory.users()) permissions(user.name(), user.permissions());
    for (Inventory.Resource resource : inventory.resources()) {
      for (String delegate : resource.delegates()) {
        link(
            resource.name(),
            "AssociateDelegateToResource",
            "ResourceId",
            key(resource.name()),
            "EntityId",
            key(delegate));
      }
    }
    return new Outcome(madeCount, presentCount, passwords, List.copyOf(problems));
  }

  private void learn(String operation, String list) throws IOException {
    for (JsonNode each : client.list(operation, list)) {
      if (each.path("State").asString("").equals("DELETED")) continue;
      String id = each.path("Id").asString("");
      ids.put(key(each.path("Name").asString("")), id);
      String email = each.path("Email").asString("");
      if (!email.isEmpty()) ids.put(key(email), id);
    }
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  @FunctionalInterface
  private interface Making {
    String id() throws IOException;
  }

  private void entity(String name, String email, List<String> aliases, Making making)
      throws IOException {
    String id = ids.get(key(name));
    if (id == null) {
      try {
        id = making.id();
        ids.put(key(name), id);
        madeCount++;
      } catch (ApiException e) {
        problems.add(name + ": " + e.getMessage());
        return;
      }
    } else {
      presentCount++;
    }
    if (email.isEmpty()) return;
    if (!ids.containsKey(key(email))) {
      if (!attempt(name, "RegisterToWorkMail", "EntityId", id, "Email", email)) return;
      ids.put(key(email), id);
    }
    List<String> there = new ArrayList<>();
    for (JsonNode alias : client.list("ListAliases", "Aliases", "EntityId", id)) {
      there.add(key(alias.asString("")));
    }
    for (String alias : aliases) {
      if (!there.contains(key(alias))) attempt(name, "CreateAlias", "EntityId", id, "Alias", alias);
    }
  }

  private boolean attempt(String name, String operation, String... members) throws IOException {
    try {
      JsonNode answer = client.call(operation, members);
      madeCount++;
      return answer.isObject();
    } catch (ApiException e) {
      problems.add("%s: %s: %s".formatted(name, operation, e.getMessage()));
      return false;
    }
  }

  private void make(Inventory.User user) throws IOException {
    entity(
        user.name(),
        user.email(),
        user.aliases(),
        () -> {
          String password = newPassword.get();
          ObjectNode input = client.input();
          input.put("Name", user.name());
          input.put("DisplayName", user.displayName().isEmpty() ? user.name() : user.displayName());
          input.put("Password", password);
          if (!user.firstName().isEmpty()) input.put("FirstName", user.firstName());
          if (!user.lastName().isEmpty()) input.put("LastName", user.lastName());
          String id = client.call("CreateUser", input).path("UserId").asString("");
          passwords.put(user.name(), password);
          return id;
        });
  }

  private void make(Inventory.Group group) throws IOException {
    entity(
        group.name(),
        group.email(),
        group.aliases(),
        () -> {
          ObjectNode input = client.input();
          input.put("Name", group.name());
          if (group.hidden()) input.put("HiddenFromGlobalAddressList", true);
          return client.call("CreateGroup", input).path("GroupId").asString("");
        });
  }

  private void make(Inventory.Resource resource) throws IOException {
    entity(
        resource.name(),
        resource.email(),
        resource.aliases(),
        () -> {
          ObjectNode input = client.input();
          input.put("Name", resource.name());
          input.put("Type", resource.type());
          if (!resource.description().isEmpty()) input.put("Description", resource.description());
          return client.call("CreateResource", input).path("ResourceId").asString("");
        });
  }

  private void permissions(String name, List<Inventory.Permission> permissions) throws IOException {
    for (Inventory.Permission permission : permissions) {
      String entity = ids.get(key(name));
      String grantee = ids.get(key(permission.grantee()));
      if (entity == null || grantee == null) {
        problems.add(
            "%s: %s is not there to be given rights".formatted(name, permission.grantee()));
        continue;
      }
      ObjectNode input = client.input();
      input.put("EntityId", entity);
      input.put("GranteeId", grantee);
      ArrayNode values = input.putArray("PermissionValues");
      permission.values().forEach(values::add);
      try {
        JsonNode answer = client.call("PutMailboxPermissions", input);
        if (answer.isObject()) madeCount++;
      } catch (ApiException e) {
        problems.add("%s: PutMailboxPermissions: %s".formatted(name, e.getMessage()));
      }
    }
  }

  private void link(
      String name, String operation, String first, String from, String second, String to)
      throws IOException {
    String a = ids.get(from);
    String b = ids.get(to);
    if (a == null || b == null) {
      problems.add("%s: %s is not there".formatted(name, a == null ? from : to));
      return;
    }
    attempt(name, operation, first, a, second, b);
  }
}
