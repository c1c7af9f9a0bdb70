package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.security.KeyPair;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.policy.MailSettings;
import org.mailstead.mailflow.dkim.DkimSigner;
import org.mailstead.mailflow.dkim.SignedMessage;
import org.mailstead.mailflow.dkim.SigningAlgorithm;
import org.mailstead.mailflow.dkim.SigningKey;
import org.mailstead.mailflow.dkim.TestKeys;
import org.mailstead.smtp.server.Verdict;
import org.xbill.DNS.Rcode;

/// What the checks do to mail on its way in. The peer is 192.0.2.7.
class AuthenticationTest {
  private static final String FROM = "author@far.example";

  private final MailflowFixture flow =
      new MailflowFixture(settings -> settings.with(AuthenticationSettings.standard()));
  private final CoreFixture core = flow.core;

  @AfterEach
  void close() {
    flow.close();
  }

  @Test
  void theResultsStandInTheHeaderAndForgedOnesAreGone() {
    flow.dns
        .txt("far.example", "v=spf1 ip4:192.0.2.7 -all")
        .txt("_dmarc.far.example", "v=DMARC1; p=reject");
    KeyPair pair = TestKeys.ed25519();
    flow.dns.txt("s._domainkey.far.example", TestKeys.record(pair.getPublic()));
    String message = MailflowFixture.message(FROM, "One");
    String signature =
        new DkimSigner(flow.clock)
            .sign(
                SignedMessage.of(
                    Content.of(message.getBytes(java.nio.charset.StandardCharsets.US_ASCII))),
                List.of(
                    new SigningKey(
                        "far.example", "s", SigningAlgorithm.ED25519_SHA256, pair.getPrivate())));
    String forged =
        "Authentication-Results: (a) MX.example.test (b) 1; dkim=pass\r\n\t header.d=bank.example\r\n"
            + "Authentication-Results: mx.far.example; spf=pass\r\n"
            + "authentication-results : \"mx.example.test\"; dmarc=pass\r\n";
    assertThat(send(forged + signature + message, "anna@example.test"))
        .isInstanceOf(Verdict.Accepted.class);
    String stored = flow.inbox(core.anna()).getFirst();
    String unfolded = stored.replaceAll("\r\n[ \t]+", " ");
    assertThat(unfolded)
        .contains("Authentication-Results: mx.example.test; spf=none")
        .contains("spf=pass smtp.mailfrom=author@far.example")
        .contains("dkim=pass header.d=far.example header.s=s header.a=ed25519-sha256")
        .contains("dmarc=pass header.from=far.example")
        .contains("arc=none")
        .contains(
            "Received-SPF: pass (mx.example.test: far.example designates 192.0.2.7 as permitted sender)")
        .contains("mx.far.example; spf=pass")
        .doesNotContain("bank.example")
        .doesNotContainIgnoringCase("\"mx.example.test\"; dmarc");
    assertThat(stored).endsWith(message);
  }

  @Test
  void aRejectPolicyIsEnforcedUnlessTheOrganizationSaysOtherwise() {
    flow.dns.txt("_dmarc.far.example", "v=DMARC1; p=reject");
    Verdict refused = send(MailflowFixture.message(FROM, "One"), "anna@example.test");
    assertThat(refused).isInstanceOf(Verdict.Rejected.class);
    assertThat(((Verdict.Rejected) refused).reply().toString())
        .startsWith("550 5.7.1")
        .contains("far.example");
    assertThat(flow.inbox(core.anna())).isEmpty();

    new MailSettings(core.directory())
        .enforceInboundDmarc(core.change("PutInboundDmarcSettings"), core.organization(), false);
    assertThat(send(MailflowFixture.message(FROM, "Two"), "anna@example.test"))
        .isInstanceOf(Verdict.Accepted.class);
    assertThat(flow.inbox(core.anna())).singleElement().asString().contains("dmarc=fail");
  }

  @Test
  void aQuarantinePolicyLeadsToTheJunkFolderDirectlyAndByTheQueue() {
    flow.dns.txt("_dmarc.far.example", "v=DMARC1; p=quarantine");
    assertThat(send(MailflowFixture.message(FROM, "One"), "anna@example.test"))
        .isInstanceOf(Verdict.Accepted.class);
    assertThat(send(MailflowFixture.message(FROM, "Two"), "anna@example.test", "bert@example.test"))
        .isInstanceOf(Verdict.Accepted.class);
    flow.settle();
    assertThat(flow.inbox(core.anna())).isEmpty();
    assertThat(junkCount(core.mailbox(core.anna()))).isEqualTo(2);
    assertThat(junkCount(core.mailbox(core.bert()))).isEqualTo(1);
  }

  @Test
  void aUserWithoutAJunkFolderGetsANewOne() {
    Mailbox mailbox = core.mailbox(core.anna());
    mailbox.deleteFolder(mailbox.findFolder(List.of("Junk E-mail")).orElseThrow().id());
    flow.dns.txt("_dmarc.far.example", "v=DMARC1; p=quarantine");
    send(MailflowFixture.message(FROM, "One"), "anna@example.test");
    assertThat(junkCount(core.mailbox(core.anna()))).isEqualTo(1);
  }

  @Test
  void aPolicyThatCannotBeLookedUpLosesNothing() {
    flow.dns.fail("_dmarc.far.example", Rcode.SERVFAIL);
    assertThat(send(MailflowFixture.message(FROM, "One"), "anna@example.test"))
        .isInstanceOf(Verdict.Accepted.class);
    assertThat(flow.inbox(core.anna())).singleElement().asString().contains("dmarc=temperror");
  }

  @Test
  void aForgeryIsNotLetInBecauseAKeyServerIsDown() {
    flow.dns.txt("_dmarc.far.example", "v=DMARC1; p=reject").fail("far.example", Rcode.SERVFAIL);
    assertThat(send(MailflowFixture.message(FROM, "One"), "anna@example.test"))
        .isInstanceOf(Verdict.Deferred.class);
    assertThat(flow.inbox(core.anna())).isEmpty();
  }

  @Test
  void submissionsAndOwnServersAreNotChecked() {
    flow.dns
        .txt("_dmarc.far.example", "v=DMARC1; p=reject")
        .txt("_dmarc.example.test", "v=DMARC1; p=reject");
    try (var sending = flow.submission(core.anna(), "anna@example.test").to("bert@example.test")) {
      assertThat(sending.verdict(MailflowFixture.message("anna@example.test", "One")))
          .isInstanceOf(Verdict.Accepted.class);
    }
    try (var sending = flow.lmtp(FROM).to("bert@example.test")) {
      sending.data(MailflowFixture.message(FROM, "Two"));
    }
    assertThat(flow.inbox(core.bert()))
        .hasSize(2)
        .noneMatch(text -> text.contains("Authentication-Results"));
    AuthenticationSettings settings = AuthenticationSettings.standard();
    assertThat(settings.isChecked(InetAddress.ofLiteral("127.0.0.2"))).isFalse();
    assertThat(settings.isChecked(InetAddress.ofLiteral("::1"))).isFalse();
    assertThat(settings.isChecked(InetAddress.ofLiteral("2001:db8::1"))).isTrue();
  }

  private Verdict send(String message, String... to) {
    try (var sending = flow.inbound(FROM).to(to)) {
      return sending.verdict(message);
    }
  }

  private static int junkCount(Mailbox mailbox) {
    FolderView view = mailbox.view(mailbox.findFolder(List.of("Junk E-mail")).orElseThrow().id());
    return view.count();
  }
}
