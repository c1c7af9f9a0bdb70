package org.mailstead.migration.directory;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mailstead.workmail.client.WorkMailClient;
import org.mailstead.workmail.wire.ApiException;
import tools.jackson.databind.JsonNode;

/// Reads an organization through the WorkMail API: Amazon's or ours. What the service does not
/// answer is a problem in the inventory, not its end.
public final class InventoryTaker {
  private final DirectoryClient client;
  private final Map<String, String> names = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  public InventoryTaker(WorkMailClient client, String organizationId) {
    this.client = new DirectoryClient(client, organizationId, Thread::sleep);
  }

  public Inventory take(Instant at) throws IOException {
    JsonNode organization = client.call("DescribeOrganization");
    List<JsonNode> users = present(client.list("ListUsers", "Users"));
    List<JsonNode> groups = present(client.list("ListGroups", "Groups"));
    List<JsonNode> resources = present(tryList("ListResources", "Resources"));
    List<String> domains = new ArrayList<>();
    for (JsonNode domain : tryList("ListMailDomains", "MailDomains")) {
      domains.add(domain.path("DomainName").asString(""));
    }
    for (List<JsonNode> kind : List.of(users, groups, resources)) {
      for (JsonNode each : kind) {
        String email = each.path("Email").asString("");
        names.put(
            each.path("Id").asString(""), email.isEmpty() ? each.path("Name").asString("") : email);
      }
    }
    List<Inventory.User> people = new ArrayList<>();
    for (JsonNode user : users) people.add(user(user));
    List<Inventory.Group> lists = new ArrayList<>();
    for (JsonNode group : groups) lists.add(group(group));
    List<Inventory.Resource> rooms = new ArrayList<>();
    for (JsonNode resource : resources) rooms.add(resource(resource));
    return new Inventory(
        at.toString(),
        organization.path("Alias").asString(""),
        domains,
        people,
        lists,
        rooms,
        List.copyOf(problems));
  }

  private static List<JsonNode> present(List<JsonNode> entities) {
    return entities.stream()
        .filter(e -> !e.path("State").asString("").equals("DELETED"))
        .filter(e -> !e.path("UserRole").asString("").equals("SYSTEM_USER"))
        .toList();
  }

  private List<JsonNode> tryList(String operation, String name, String... members)
      throws IOException {
    try {
      return client.list(operation, name, members);
    } catch (ApiException e) {
      // An entity without a mailbox has no aliases and no permissions: nothing is missing.
      if (!e.code().equals("EntityStateException")) problem(operation, e, members);
      return List.of();
    }
  }

  private void problem(String operation, ApiException e, String... members) {
    problems.add("%s %s: %s".formatted(operation, String.join(" ", members), e.getMessage()));
  }

  private JsonNode describe(String operation, String member, String id) throws IOException {
    try {
      return client.call(operation, member, id);
    } catch (ApiException e) {
      if (!e.code().equals("EntityStateException")) problem(operation, e, member, id);
      return client.input();
    }
  }

  private Inventory.User user(JsonNode user) throws IOException {
    String id = user.path("Id").asString("");
    JsonNode more = describe("DescribeUser", "UserId", id);
    String email = user.path("Email").asString("");
    JsonNode mailbox =
        email.isEmpty() ? client.input() : describe("GetMailboxDetails", "UserId", id);
    return new Inventory.User(
        user.path("Name").asString(""),
        user.path("DisplayName").asString(""),
        more.path("FirstName").asString(""),
        more.path("LastName").asString(""),
        email,
        user.path("UserRole").asString("USER"),
        email.isEmpty() ? List.of() : aliases(id, email),
        mailbox.path("MailboxSize").asDouble(-1),
        mailbox.path("MailboxQuota").asLong(-1),
        email.isEmpty() ? List.of() : permissions(id));
  }

  private List<String> aliases(String id, String email) throws IOException {
    List<String> aliases = new ArrayList<>();
    for (JsonNode alias : tryList("ListAliases", "Aliases", "EntityId", id)) {
      if (!alias.asString("").equalsIgnoreCase(email)) aliases.add(alias.asString(""));
    }
    return aliases;
  }

  private List<Inventory.Permission> permissions(String id) throws IOException {
    List<Inventory.Permission> permissions = new ArrayList<>();
    for (JsonNode each : tryList("ListMailboxPermissions", "Permissions", "EntityId", id)) {
      List<String> values = new ArrayList<>();
      each.path("PermissionValues").forEach(value -> values.add(value.asString("")));
      permissions.add(new Inventory.Permission(name(each.path("GranteeId").asString("")), values));
    }
    return permissions;
  }

  private String name(String id) {
    return names.getOrDefault(id, id);
  }

  private Inventory.Group group(JsonNode group) throws IOException {
    String id = group.path("Id").asString("");
    String email = group.path("Email").asString("");
    List<String> members = new ArrayList<>();
    for (JsonNode member : tryList("ListGroupMembers", "Members", "GroupId", id)) {
      members.add(name(member.path("Id").asString("")));
    }
    return new Inventory.Group(
        group.path("Name").asString(""),
        email,
        describe("DescribeGroup", "GroupId", id)
            .path("HiddenFromGlobalAddressList")
            .asBoolean(false),
        email.isEmpty() ? List.of() : aliases(id, email),
        members,
        email.isEmpty() ? List.of() : permissions(id));
  }

  private Inventory.Resource resource(JsonNode resource) throws IOException {
    String id = resource.path("Id").asString("");
    String email = resource.path("Email").asString("");
    List<String> delegates = new ArrayList<>();
    for (JsonNode each : tryList("ListResourceDelegates", "Delegates", "ResourceId", id)) {
      delegates.add(name(each.path("Id").asString("")));
    }
    return new Inventory.Resource(
        resource.path("Name").asString(""),
        resource.path("Type").asString("ROOM"),
        email,
        resource.path("Description").asString(""),
        email.isEmpty() ? List.of() : aliases(id, email),
        delegates);
  }
}
