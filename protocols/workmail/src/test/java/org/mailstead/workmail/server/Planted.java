package org.mailstead.workmail.server;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.AccessKey;
import org.mailstead.core.directory.AccountId;
import org.mailstead.core.mobile.DeviceDetails;
import org.mailstead.core.mobile.MobileDevices;
import org.mailstead.workmail.client.WorkMailClient;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.Operation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// An account with an organization that has several of everything that the operations which are
/// built can make: by hand what must fit together, the rest by calling every operation that makes
/// or sets something with inputs from the model. Operations that are built later plant by
/// themselves.
final class Planted implements AutoCloseable {
  static final int COUNT = 3;

  /// Operations that would take away what was planted, or are called with inputs of their own.
  private static final Set<String> LEFT_OUT =
      Set.of("CreateOrganization", "CreateUser", "CreateGroup", "StartMailboxExportJob");

  final ApiFixture api;
  final AccountId account;
  final AccessKey.WithSecret key;
  final WorkMailClient client;
  final String organization;
  final String alias;

  /// Values by the name of the member that takes them, for each number.
  final List<Map<String, String>> known = new ArrayList<>();

  /// Ids that answers told, by the shape of the member that told them.
  final Map<String, Set<String>> ids = new TreeMap<>();

  /// Operations that planted something.
  final Set<String> planting = new HashSet<>();

  private final ModelInputs inputs;

  Planted(ApiFixture api, ModelInputs inputs, String alias) throws IOException {
    this.api = api;
    this.inputs = inputs;
    this.alias = alias;
    account = api.directory.accounts().createAccount();
    key = api.key(account);
    client = api.client(key);
    organization =
        ApiFixture.text(
            api.call(client, "CreateOrganization", "{'Alias':'" + alias + "'}"), "OrganizationId");
    entities();
    everythingElse();
    exports();
    api.settle();
  }

  private void entities() throws IOException {
    String domain = alias + ".mail.test";
    var devices = new MobileDevices(api.directory, api.core.clock());
    List<String> users = new ArrayList<>();
    List<String> groups = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      users.add(made("CreateUser", "UserId", alias + "-user" + i, domain));
      groups.add(made("CreateGroup", "GroupId", alias + "-group" + i, domain));
      devices.connect(
          new OrganizationId(organization),
          new EntityId(users.getFirst()),
          "DEVICE" + i,
          DeviceDetails.NONE);
    }
    // Disabled ones, whose mailboxes are kept.
    for (int i = 0; i < COUNT; i++) {
      String id = made("CreateUser", "UserId", alias + "-gone" + i, domain);
      call("DeregisterFromWorkMail", "'EntityId':'" + id + "'");
    }
    for (int i = 0; i < COUNT; i++) {
      Map<String, String> values = new HashMap<>();
      values.put("OrganizationId", organization);
      for (String member : List.of("EntityId", "UserId", "MemberId", "UserIds", "TargetUsers")) {
        values.put(member, users.getFirst());
      }
      values.put("MemberId", users.get(i));
      values.put("GranteeId", users.get((i + 1) % COUNT));
      values.put("TargetUser", users.getFirst());
      values.put("GroupId", groups.getFirst());
      values.put("Name", alias + "-thing" + i);
      values.put("DomainName", alias + i + ".example");
      values.put("Email", alias + "-user0@" + domain);
      values.put("Alias", alias + "-alias" + i + "@" + domain);
      values.put("DeviceId", "DEVICE" + i);
      values.put("AdministratorName", alias + "-administrator0");
      values.put("GroupName", alias + "-administrators0");
      values.put("PolicyName", alias + "-policy" + i);
      values.put(
          "ResourceARN", "arn:aws:workmail:eu-west-1:" + account + ":organization/" + organization);
      values.put("Key", alias + "-tag" + i);
      values.put("Query", alias);
      values.put("AccessKeyId", key.key().id());
      known.add(values);
    }
    for (String user : users) ids("WorkMailIdentifier").add(user);
    for (String group : groups) ids("WorkMailIdentifier").add(group);
    for (int i = 0; i < COUNT; i++) {
      call(
          "AssociateMemberToGroup",
          "'GroupId':'" + groups.get(0) + "','MemberId':'" + users.get(i) + "'");
      call(
          "AssociateMemberToGroup",
          "'GroupId':'" + groups.get(i) + "','MemberId':'" + users.get(0) + "'");
    }
  }

  private String made(String operation, String id, String name, String domain) throws IOException {
    String rest =
        operation.equals("CreateUser")
            ? ",'DisplayName':'" + name + "','Password':'Correct-horse-9'"
            : "";
    String made = ApiFixture.text(call(operation, "'Name':'" + name + "'" + rest), id);
    call("RegisterToWorkMail", "'EntityId':'" + made + "','Email':'" + name + "@" + domain + "'");
    return made;
  }

  private void everythingElse() throws IOException {
    for (int i = 0; i < COUNT; i++) {
      for (Operation operation : making()) {
        String name = operation.wireName();
        Map<String, String> values = new HashMap<>(known.get(i));
        if (!name.startsWith("Create")) values.putAll(latest());
        if (name.equals("CreateAdministrator"))
          values.put("AdministratorName", alias + "-administrator" + i);
        if (name.equals("CreateAdministratorGroup"))
          values.put("GroupName", alias + "-administrators" + i);
        for (boolean optional : new boolean[] {true, false}) {
          ObjectNode input = inputs.valid(name, values, i, optional);
          try {
            harvest(operation, client.call(name, input));
            planting.add(name);
            break;
          } catch (ApiException e) {
            // The domain did not like this combination: the next one, or nothing is planted.
          }
        }
      }
    }
  }

  private void exports() throws IOException {
    for (int i = 0; i < COUNT; i++) {
      ObjectNode answer =
          call(
              "StartMailboxExportJob",
              "'ClientToken':'%1$s-%2$d','EntityId':'%1$s-user%2$d','S3BucketName':'export-folder','S3Prefix':'%1$s/%2$d','RoleArn':'arn:aws:iam::123456789012:role/export','KmsKeyArn':'arn:aws:kms:eu-west-1:123456789012:key/k'"
                  .formatted(alias, i));
      harvest(Operation.find("StartMailboxExportJob").orElseThrow(), answer);
    }
    Awaitility.await().until(api.exports::isIdle);
  }

  /// In an order in which later ones find what they need.
  private static List<Operation> making() {
    List<Operation> making = new ArrayList<>();
    for (String word : List.of("Create", "Register", "Put", "Set", "Associate", "Tag", "Start")) {
      for (Operation operation : Operation.values()) {
        String name = operation.wireName();
        if (name.startsWith(word)
            && !name.equals("RegisterToWorkMail")
            && !LEFT_OUT.contains(name)) {
          making.add(operation);
        }
      }
    }
    return making;
  }

  private void harvest(Operation operation, ObjectNode answer) {
    for (Map.Entry<String, JsonNode> member : answer.properties()) {
      if (!member.getKey().endsWith("Id") || !member.getValue().isString()) continue;
      inputs
          .shapeOf(operation.wireName(), member.getKey(), true)
          .ifPresent(shape -> ids(shape).add(member.getValue().stringValue()));
    }
  }

  Set<String> ids(String shape) {
    return ids.computeIfAbsent(shape, _ -> new HashSet<>());
  }

  /// Members named like the shape of an id take the newest one.
  private Map<String, String> latest() {
    Map<String, String> latest = new HashMap<>();
    ids.forEach((shape, values) -> {
      if (!shape.equals("WorkMailIdentifier")) values.forEach(value -> latest.put(shape, value));
    });
    return latest;
  }

  /// An input of this account's own: every member that this account has a value for has it.
  Map<String, String> values(int number) {
    Map<String, String> values = new HashMap<>(known.get(number));
    values.putAll(latest());
    Optional.ofNullable(latest().get("MailboxExportJobId"))
        .ifPresent(id -> values.put("JobId", id));
    Optional.ofNullable(latest().get("ShortString")).ifPresent(id -> values.put("Id", id));
    return values;
  }

  /// Everything that would tell a stranger of this organization.
  Set<String> secrets() {
    Set<String> secrets = new HashSet<>();
    ids.values().forEach(secrets::addAll);
    secrets.add(organization);
    secrets.add(alias + "-");
    secrets.add(alias + ".mail.test");
    return secrets;
  }

  ObjectNode call(String operation, String rest) throws IOException {
    return api.call(client, operation, "{'OrganizationId':'" + organization + "'," + rest + "}");
  }

  @Override
  public void close() {
    client.close();
  }
}
