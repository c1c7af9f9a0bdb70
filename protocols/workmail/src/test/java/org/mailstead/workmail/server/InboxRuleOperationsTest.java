package org.mailstead.workmail.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// USR-9: inbox rules and out-of-office replies by operations.
final class InboxRuleOperationsTest {
  private ApiFixture api;
  private String o;

  @BeforeEach
  void start() throws Exception {
    api = new ApiFixture();
    o = api.organization("tour");
    api.enabledUser(o, "amy", "tour.mail.test");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private JsonNode call(String operation, String more) throws Exception {
    return api.call(operation, input(more));
  }

  private void refused(String operation, String more) throws Exception {
    api.refused(operation, input(more), "InvalidParameterException");
  }

  private String input(String more) {
    return "{'OrganizationId':'" + o + "','UserId':'amy'" + more + "}";
  }

  @Test
  void rulesComeBackAsTheyWerePut() throws Exception {
    assertThat(call("ListInboxRules", "").path("Rules").size()).isZero();
    String rules =
        "[{'Name':'Newsletters','Enabled':true,'Conditions':{'From':['news@'],'SentOnlyToMe':true,"
            + "'LargerThanBytes':1000,'Importance':'HIGH'},'Exceptions':{'Subject':['urgent']},"
            + "'Actions':{'MoveTo':'Lists/News','MarkAsRead':true,'StopProcessing':true}},"
            + "{'Name':'Copy','Enabled':false,"
            + "'Actions':{'RedirectTo':['b@far.example'],'ForwardTo':['c@far.example']}}]";
    call("PutInboxRules", ",'Rules':" + rules);
    assertThat(call("ListInboxRules", "").path("Rules").toString().replace('"', '\''))
        .contains("'From':['news@']", "'MoveTo':'Lists/News'", "'RedirectTo':['b@far.example']")
        .contains("'LargerThanBytes':1000", "'Importance':'HIGH'", "'Enabled':false");
    api.settle();
    assertThat(api.audit(o).toString()).contains("PutInboxRules");
    refused("PutInboxRules", ",'Rules':[{'Name':'idle','Actions':{}}]");
    call("PutInboxRules", ",'Rules':[]");
    assertThat(call("ListInboxRules", "").path("Rules").size()).isZero();
  }

  @Test
  @DisplayName("CLI-7: the out-of-office state")
  void outOfOffice() throws Exception {
    assertThat(call("GetOutOfOffice", "").path("Enabled").asBoolean()).isFalse();
    call(
        "PutOutOfOffice",
        ",'Enabled':true,'StartTime':1800000000,'EndTime':1800100000,'InternalText':'In',"
            + "'ExternalText':'Out'");
    JsonNode found = call("GetOutOfOffice", "");
    assertThat(found.path("Enabled").asBoolean()).isTrue();
    assertThat(found.path("InternalText").asString()).isEqualTo("In");
    assertThat(found.path("EndTime").asLong()).isEqualTo(1800100000L);
    refused("PutOutOfOffice", ",'Enabled':true");
  }
}
