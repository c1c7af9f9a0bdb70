package org.mailstead.migration.cutover;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mailstead.migration.directory.Inventory;
import org.mailstead.migration.plan.MailboxEntry;

/// Everybody by every address; who gets what is sent to a group.
final class DirectoryCheckTest {
  private static Inventory.User user(String name, String... aliases) {
    return new Inventory.User(
        name, name, "", "", name + "@firm.example", "USER", List.of(aliases), 1, 1, List.of());
  }

  private static Inventory.Group group(String name, String... members) {
    return new Inventory.Group(
        name, name + "@firm.example", false, List.of(), List.of(members), List.of());
  }

  private static Inventory inventory(List<Inventory.User> users, List<Inventory.Group> groups) {
    return new Inventory(
        "2026-01-01T00:00:00Z",
        "firm",
        List.of("firm.example"),
        users,
        groups,
        List.of(),
        List.of());
  }

  private static List<String> noGo(Inventory wanted, Inventory there) {
    return new DirectoryCheck(there)
        .check(wanted).stream()
            .filter(each -> each.level() == Finding.Level.NO_GO)
            .map(Finding::text)
            .toList();
  }

  @Test
  void whatIsMissingOrSomebodyElsesIsNamed() {
    Inventory wanted =
        inventory(
            List.of(user("anna", "Info@Firm.Example", "sales@firm.example"), user("ben")),
            List.of(group("team", "anna@firm.example", "ben@firm.example"), group("list")));
    Inventory there =
        inventory(
            List.of(user("anna", "info@firm.example"), user("carl", "sales@firm.example")),
            List.of(group("team", "info@firm.example")));
    assertThat(noGo(wanted, there))
        .containsExactly(
            "user anna: the alias sales@firm.example belongs to carl@firm.example",
            "user ben: nobody at the target has ben@firm.example",
            "group team: ben@firm.example is no member: would get nothing",
            "group list: nobody at the target has list@firm.example");
    assertThat(noGo(wanted, wanted)).isEmpty();
  }

  @Test
  void aUserWhereAGroupShouldBeIsNoGroup() {
    Inventory wanted = inventory(List.of(), List.of(group("team", "x@elsewhere.example")));
    assertThat(noGo(wanted, inventory(List.of(user("team")), List.of())))
        .containsExactly("group team: team@firm.example is no group at the target");
  }

  @Test
  void mailForAGroupIsLookedForInTheMailboxesOfItsMembersThroughGroupsInIt() {
    // Each of two groups is in the other: that must end.
    Inventory all =
        inventory(
            List.of(user("anna", "info@firm.example"), user("ben"), user("carl")),
            List.of(
                group("outer", "inner@firm.example", "anna@firm.example"),
                group("inner", "ben@firm.example", "outer@firm.example", "x@elsewhere.example")));
    MailboxEntry anna =
        new MailboxEntry("anna", "anna@new.example", Optional.empty(), Optional.empty());
    MailboxEntry ben =
        new MailboxEntry("Ben@Firm.Example", "b", Optional.empty(), Optional.empty());
    assertThat(Addresses.of(Optional.of(all), List.of(anna, ben)))
        .containsExactly(
            new Addresses("anna@firm.example", List.of(anna)),
            new Addresses("info@firm.example", List.of(anna)),
            new Addresses("ben@firm.example", List.of(ben)),
            new Addresses("carl@firm.example", List.of()),
            new Addresses("outer@firm.example", List.of(ben, anna)),
            new Addresses("inner@firm.example", List.of(ben, anna)));
    assertThat(Addresses.of(Optional.empty(), List.of(anna, ben)))
        .containsExactly(new Addresses("anna@new.example", List.of(anna)));
  }

  @Test
  void addressesOfDomainsThatStayAreNotAskedFor() {
    Inventory.User anna =
        new Inventory.User(
            "anna",
            "",
            "",
            "",
            "anna@firm.awsapps.com",
            "USER",
            List.of("anna@firm.example", "a@firm.example", "a@other.example"),
            1,
            1,
            List.of());
    Inventory all =
        inventory(
            List.of(anna, user("ben", "ben@firm.awsapps.com")),
            List.of(group("team", "Anna@firm.awsapps.com", "ben@firm.example")));
    Inventory moved = SwitchedAddresses.of(all, java.util.Set.of("firm.example"));
    assertThat(moved.users().getFirst().email()).isEqualTo("anna@firm.example");
    assertThat(moved.users().getFirst().aliases()).containsExactly("a@firm.example");
    assertThat(moved.users().get(1).aliases()).isEmpty();
    assertThat(moved.groups().getFirst().members())
        .containsExactly("anna@firm.example", "ben@firm.example");
    assertThat(SwitchedAddresses.of(all, java.util.Set.of("x.example")).users())
        .allMatch(each -> each.email().isEmpty());
  }

  @Test
  void headersAreReadLoosely() {
    String message =
        "From: \"A, B\" <A@Firm.Example>\r\nTo: x@firm.example,\r\n y@firm.example\r\n\r\nTo: z@firm.example\r\n";
    assertThat(HeaderText.addresses(message, "To"))
        .containsExactly("x@firm.example", "y@firm.example");
    assertThat(HeaderText.addresses(message, "from")).containsExactly("a@firm.example");
    String report = "\r\nFinal-Recipient: RFC822; Gone@firm.example\r\nAction: %s\r\n";
    assertThat(HeaderText.failedRecipients(report.formatted("failed")))
        .containsExactly("gone@firm.example");
    assertThat(HeaderText.failedRecipients(report.formatted("delayed"))).isEmpty();
  }
}
