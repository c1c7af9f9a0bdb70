package org.mailstead.mailflow.srs;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.core.CoreFixture;
import org.mailstead.mailflow.srs.SenderRewriting.Returned;

class SenderRewritingTest {
  private final CoreFixture core = new CoreFixture();

  @AfterEach
  void closeAndCheck() {
    core.close();
  }

  private SenderRewriting srs() {
    return new SenderRewriting(core.directory(), core.keys(), core.clock(), new SecureRandom());
  }

  private EmailAddress rewrite(String sender) {
    return srs().rewrite(core.organization(), EmailAddress.parse(sender)).orElseThrow();
  }

  private Returned original(EmailAddress address) {
    return srs().original(address);
  }

  @Test
  void anAddressComesBackForThreeWeeksInAnyCase() {
    EmailAddress rewritten = rewrite("Jo=Doe+x@far.example");
    var expected =
        new Returned.Original(core.organization(), EmailAddress.parse("Jo=Doe+x@far.example"));
    assertThat(original(rewritten)).isEqualTo(expected);
    EmailAddress lower =
        new EmailAddress(rewritten.local().toLowerCase(Locale.ROOT), rewritten.domain());
    assertThat(original(lower)).isEqualTo(expected);
    core.clock().advance(Duration.ofDays(21));
    assertThat(original(rewritten)).isEqualTo(expected);
    core.clock().advance(Duration.ofDays(2));
    assertThat(original(rewritten)).isInstanceOf(Returned.Refused.class);
  }

  @Test
  void aChangedAddressIsRefusedAndOthersAreLeftAlone() {
    EmailAddress rewritten = rewrite("jo@far.example");
    for (String changed :
        new String[] {
          rewritten.local().replace("jo", "ko"),
          rewritten.local().replace("far", "fax"),
          "SRS0=",
          "SRS0=x",
          "SRS0=aaaaaaaa=aa=far.example=jo",
          "SRS1=aaaaaaaa=far.example==x"
        }) {
      Returned found = original(new EmailAddress(changed, rewritten.domain()));
      if (changed.length() > 5) assertThat(found).isInstanceOf(Returned.Refused.class);
      else assertThat(found).isInstanceOf(Returned.NotRewritten.class);
    }
    assertThat(original(EmailAddress.parse("anna@example.test")))
        .isInstanceOf(Returned.NotRewritten.class);
    assertThat(original(new EmailAddress(rewritten.local(), "elsewhere.example")))
        .isInstanceOf(Returned.NotRewritten.class);
  }

  @Test
  void aChainIsAsLongAsTwo() {
    EmailAddress first = rewrite("SRS0=hhhh=tt=origin.example=jo@first.example");
    assertThat(first.local())
        .startsWith("SRS1=")
        .endsWith("=first.example==hhhh=tt=origin.example=jo");
    EmailAddress second = rewrite(first.local() + "@second.example");
    assertThat(second.local()).hasSameSizeAs(first.local());
    assertThat(original(second))
        .isEqualTo(
            new Returned.Original(
                core.organization(),
                EmailAddress.parse("SRS0=hhhh=tt=origin.example=jo@first.example")));
  }

  @Test
  void whatWouldBeTooLongIsNotRewritten() {
    String local = "x".repeat(60);
    assertThat(srs().rewrite(core.organization(), EmailAddress.parse(local + "@far.example")))
        .isEmpty();
  }
}
