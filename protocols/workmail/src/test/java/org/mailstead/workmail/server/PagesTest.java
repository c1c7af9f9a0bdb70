package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mailstead.workmail.server.ApiFixture.text;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@DisplayName("API-1: lists in pages")
final class PagesTest {
  private ApiFixture api;
  private String o;

  @BeforeEach
  void start() throws Exception {
    api = new ApiFixture();
    o = api.organization("tour");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void pagesOfEveryListJoinToTheWhole() throws Exception {
    String amy = api.enabledUser(o, "amy", "tour.mail.test");
    String team = api.group(o, "team");
    for (int i = 0; i < 5; i++) {
      String user = api.user(o, "user" + i);
      String group = api.group(o, "group" + i);
      call("AssociateMemberToGroup", ",'GroupId':'" + team + "','MemberId':'" + user + "'");
      call("AssociateMemberToGroup", ",'GroupId':'" + group + "','MemberId':'" + amy + "'");
      call("CreateAlias", ",'EntityId':'" + amy + "','Alias':'a" + i + "@tour.mail.test'");
      call("RegisterMailDomain", ",'DomainName':'d" + i + ".example'");
      call(
          "PutMailboxPermissions",
          ",'EntityId':'amy','GranteeId':'" + group + "','PermissionValues':['SEND_AS']");
      api.organization("more" + i);
    }
    assertThat(pages("ListAliases", ",'EntityId':'" + amy + "'", "Aliases")).hasSize(5);
    assertThat(pages("ListGroupMembers", ",'GroupId':'team'", "Members")).hasSize(5);
    assertThat(pages("ListGroupsForEntity", ",'EntityId':'amy'", "Groups")).hasSize(5);
    assertThat(pages("ListMailboxPermissions", ",'EntityId':'amy'", "Permissions")).hasSize(5);
    assertThat(pages("ListMailDomains", "", "MailDomains")).hasSize(6);
    assertThat(pages("ListUsers", "", "Users")).hasSizeGreaterThanOrEqualTo(6);
    assertThat(pages("ListGroups", "", "Groups")).hasSizeGreaterThanOrEqualTo(6);
    assertThat(pages("ListUsers", ",'Filters':{'DisplayNamePrefix':'user'}", "Users")).hasSize(5);
    List<String> organizations = new ArrayList<>();
    String token = "";
    do {
      JsonNode page = api.call("ListOrganizations", "{'MaxResults':2" + token + "}");
      page.path("OrganizationSummaries").forEach(s -> organizations.add(text(s, "Alias")));
      token = page.has("NextToken") ? ",'NextToken':'" + text(page, "NextToken") + "'" : "";
    } while (!token.isEmpty());
    assertThat(organizations).hasSize(6).doesNotHaveDuplicates();
  }

  @Test
  void aTokenCannotBeAlteredOrUsedForAnotherRequest() throws Exception {
    for (int i = 0; i < 3; i++) {
      api.user(o, "user" + i);
      api.group(o, "group" + i);
    }
    String token = text(call("ListUsers", ",'MaxResults':1"), "NextToken");
    assertThat(token).hasSizeLessThanOrEqualTo(PageTokens.TOKEN_LENGTH_MAX).doesNotContain("user");
    assertThat(call("ListUsers", ",'MaxResults':2,'NextToken':'" + token + "'").has("Users"))
        .isTrue();
    for (int i = 0; i < token.length() - 1; i++) {
      char other = token.charAt(i) == 'A' ? 'B' : 'A';
      refused("ListUsers", token.substring(0, i) + other + token.substring(i + 1), "");
    }
    refused("ListUsers", token.substring(0, token.length() - 4), "");
    refused("ListUsers", "", "ValidationException");
    refused("ListUsers", "x".repeat(1025), "ValidationException");
    refused("ListGroups", token, "");
    api.refused(
        "ListUsers",
        "{'OrganizationId':'" + o + "','Filters':{'State':'ENABLED'},'NextToken':'" + token + "'}",
        "InvalidParameterException");
    String other = api.organization("other");
    api.refused(
        "ListUsers",
        "{'OrganizationId':'" + other + "','NextToken':'" + token + "'}",
        "InvalidParameterException");
  }

  private void refused(String operation, String token, String code) throws Exception {
    api.refused(
        operation,
        "{'OrganizationId':'" + o + "','NextToken':'" + token + "'}",
        code.isEmpty() ? "InvalidParameterException" : code);
  }

  private List<JsonNode> pages(String operation, String rest, String key) throws Exception {
    List<JsonNode> items = new ArrayList<>();
    String token = "";
    int pages = 0;
    do {
      JsonNode page = call(operation, rest + ",'MaxResults':2" + token);
      assertThat(page.path(key).size()).isLessThanOrEqualTo(2);
      page.path(key).forEach(items::add);
      token = page.has("NextToken") ? ",'NextToken':'" + text(page, "NextToken") + "'" : "";
      pages++;
    } while (!token.isEmpty());
    assertThat(pages).as(operation).isGreaterThan(2);
    assertThat(items).doesNotHaveDuplicates();
    return items;
  }

  private JsonNode call(String operation, String rest) throws Exception {
    return api.call(operation, "{'OrganizationId':'" + o + "'" + rest + "}");
  }
}
