package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.store.PartitionId;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.Operation;
import tools.jackson.databind.node.ObjectNode;

/// ORG-1: two organizations of two accounts; every operation of the models is called by one with
/// what belongs to the other, and gets nothing and changes nothing.
final class IsolationTest {
  private final ModelInputs inputs = new ModelInputs();
  private ApiFixture api;
  private Planted victim;
  private Planted thief;

  @BeforeEach
  void start() throws Exception {
    api = new ApiFixture();
    victim = new Planted(api, inputs, "victim");
    thief = new Planted(api, inputs, "thief");
  }

  @AfterEach
  void stop() {
    thief.close();
    victim.close();
    api.close();
  }

  @Test
  @DisplayName("ORG-1: an organization of another account is not found by any operation")
  void theOtherOrganizationIsNotFound() throws Exception {
    Map<String, Long> before = versions();
    List<String> wrong = new ArrayList<>();
    int tried = 0;
    for (Operation operation : Operation.values()) {
      String name = operation.wireName();
      if (!inputs.members(name).contains("OrganizationId")) continue;
      for (int i = 0; i < 2; i++) {
        tried++;
        ObjectNode input = inputs.valid(name, victim.values(0), i, i == 1);
        input.put("OrganizationId", victim.organization);
        try {
          wrong.add(name + " answered " + thief.client.call(name, input));
        } catch (ApiException e) {
          if (!e.text().equals("The organization was not found."))
            wrong.add(name + ": " + e.text());
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(tried).isGreaterThan(200);
    assertThat(changed(before)).isEmpty();
  }

  @Test
  @DisplayName("ORG-1: ids, names and addresses of another organization are nothing in one's own")
  void theOtherIdsAreNothing() throws Exception {
    Map<String, Long> before = versions();
    List<String> wrong = new ArrayList<>();
    List<String> touched = new ArrayList<>();
    for (Operation operation : Operation.values()) {
      String name = operation.wireName();
      for (String member : inputs.members(name)) {
        if (member.equals("OrganizationId") || member.equals("ClientToken")) continue;
        for (String theirs : theirs(name, member)) {
          touched.add(name + "." + member);
          Map<String, String> values = new HashMap<>(thief.values(0));
          values.put(member, theirs);
          ObjectNode input = inputs.valid(name, values, 0, false);
          input.put(member, theirs);
          if (inputs.members(name).contains("OrganizationId")) {
            input.put("OrganizationId", thief.organization);
          }
          try {
            String answer = thief.client.call(name, input).toString().replace(theirs, "");
            for (String secret : victim.secrets()) {
              if (answer.contains(secret)) wrong.add(name + "." + member + " told " + answer);
            }
          } catch (ApiException e) {
            if (e.status() >= 500 && e.status() != 501) wrong.add(name + ": " + e.code());
            for (String secret : victim.secrets()) {
              // A text may repeat what the caller said, and the domain of an address.
              String domain = theirs.substring(theirs.indexOf('@') + 1);
              if (e.text().replace(theirs, "").replace(domain, "").contains(secret)) {
                wrong.add(name + "." + member + " said " + e.text());
              }
            }
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(Set.copyOf(touched)).hasSizeGreaterThan(100);
    assertThat(changed(before)).isEmpty();
    // What the victim has is still whole.
    for (String user : victim.ids("WorkMailIdentifier")) {
      assertThat(
              api.directory
                  .registrations()
                  .find(new org.mailstead.base.OrganizationId(victim.organization), user))
          .isPresent();
    }
  }

  /// What of the victim's could be put into a member.
  private Set<String> theirs(String operation, String member) {
    String shape = inputs.shapeOf(operation, member, false).orElseThrow();
    return switch (shape) {
      case "EntityIdentifier", "WorkMailIdentifier" ->
          Set.of(
              victim.known.get(0).get("UserId"),
              victim.known.get(0).get("GroupId"),
              "victim-user1",
              "victim-user1@victim.mail.test");
      case "EmailAddress" -> Set.of("victim-user1@victim.mail.test", "x@victim0.example");
      case "DomainName", "WorkMailDomainName" -> Set.of("victim.mail.test", "victim0.example");
      case "AmazonResourceName" -> Set.of(victim.known.get(0).get("ResourceARN"));
      case "AccessKeyId" -> Set.of(victim.key.key().id());
      case "AdministratorName" -> Set.of("victim-administrator0");
      case "AdministratorGroupName" -> Set.of("victim-administrators0");
      case "AccessPolicyName" -> Set.of("victim-policy0");
      case "AccessControlRuleName" -> Set.of("victim-thing0");
      default -> victim.ids.getOrDefault(shape, Set.of());
    };
  }

  /// Versions of every partition that is not the thief's own, nor audit.
  private Map<String, Long> versions() {
    api.settle();
    String directory = directoryOf(thief);
    Map<String, Long> versions = new TreeMap<>();
    Optional<PartitionId> after = Optional.empty();
    while (true) {
      List<PartitionId> page = api.core.store().partitions("", after, 500);
      for (PartitionId partition : page) {
        String name = partition.value();
        boolean own =
            name.contains(thief.organization)
                || name.contains(thief.account.value())
                || name.startsWith("directory/" + directory + "/");
        if (!own && !name.startsWith("audit/")) {
          versions.put(name, api.core.store().version(partition));
        }
      }
      if (page.size() < 500) return versions;
      after = Optional.of(page.getLast());
    }
  }

  private String directoryOf(Planted planted) {
    return api.directory
        .organizations()
        .load(new org.mailstead.base.OrganizationId(planted.organization))
        .directory()
        .value();
  }

  /// What was there before and is different now. Names that the thief has claimed for itself may
  /// go.
  private List<String> changed(Map<String, Long> before) {
    Map<String, Long> now = versions();
    Set<String> ownClaims = Set.copyOf(thiefsMailboxes());
    List<String> changed = new ArrayList<>();
    before.forEach((name, version) -> {
      boolean own = ownClaims.contains(name);
      if (!own && !version.equals(now.get(name))) changed.add(name);
    });
    return changed;
  }

  private List<String> thiefsMailboxes() {
    List<String> names = new ArrayList<>();
    for (String user : thief.ids("WorkMailIdentifier")) names.add("mailbox/" + user);
    return names;
  }
}
