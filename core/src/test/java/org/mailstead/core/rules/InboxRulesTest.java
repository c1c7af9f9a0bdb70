package org.mailstead.core.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.mailbox.Filing;
import org.mailstead.core.mailbox.Flags;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.NewMessage;
import org.mailstead.core.rules.InboxRule.Actions;
import org.mailstead.core.rules.InboxRule.Conditions;
import org.mailstead.core.rules.InboxRule.Importance;
import org.mailstead.formats.sieve.SieveLimits;
import org.mailstead.formats.sieve.SieveScript;

/// Rules, scripts and the out-of-office state of one mailbox, as they are kept.
class InboxRulesTest {
  private final CoreFixture core = new CoreFixture();
  private final Mailbox mailbox = core.mailbox(core.anna());

  @AfterEach
  void closeAndCheck() {
    core.close();
  }

  private static InboxRule rule(String name, Actions actions) {
    return new InboxRule(name, true, Conditions.NONE, Conditions.NONE, actions);
  }

  private static Actions stop() {
    return new Actions(
        Optional.empty(), List.of(), false, false, List.of(), List.of(), false, false, false, true);
  }

  private static InboxRule everything() {
    var conditions =
        new Conditions(
            List.of("Ärger \"quoted\" \\ ${1}", "b@example.org"),
            List.of("to"),
            List.of("cc"),
            List.of("both"),
            List.of("subject"),
            List.of("body"),
            List.of("either"),
            Optional.of(Importance.NORMAL),
            true,
            true,
            true,
            Optional.of(10L),
            Optional.of(1L << 30));
    var actions =
        new Actions(
            Optional.of("Work/Late \"x\""),
            List.of("A", "B"),
            false,
            false,
            List.of(EmailAddress.parse("f@example.org")),
            List.of(EmailAddress.parse("r@example.org")),
            true,
            true,
            true,
            true);
    return new InboxRule("Everything\u2014at once", true, conditions, conditions, actions);
  }

  @Test
  void rulesComeBackAsTheyWerePutAndAreSieve() {
    var off = new InboxRule("off", false, Conditions.NONE, Conditions.NONE, stop());
    List<InboxRule> rules = List.of(everything(), off);
    new InboxRules(mailbox).put(rules);
    assertThat(new InboxRules(mailbox).list()).isEqualTo(rules);
    String script = RuleText.write(rules);
    assertThat(SieveScript.parse(script).maySend()).isTrue();
    assertThat(script)
        .contains("fileinto :create \"Work/Late \\\"x\\\"\";", "addflag \"\\\\Seen\";");
    core.reopen();
    assertThat(new InboxRules(core.mailbox(core.anna())).list()).isEqualTo(rules);
    new InboxRules(core.mailbox(core.anna())).put(List.of());
    assertThat(DeliveryScripts.load(core.mailbox(core.anna()))).isEmpty();
  }

  private void assertRefused(Refusal refusal, String part, InboxRule... rules) {
    assertThatThrownBy(() -> new InboxRules(mailbox).put(List.of(rules)))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.refusal()).isEqualTo(refusal);
              assertThat(e).hasMessageContaining(part);
            });
  }

  @Test
  void wrongRulesAreRefusedByName() {
    assertRefused(Refusal.INVALID, "no action", rule("idle", nothing()));
    assertRefused(Refusal.INVALID, "two rules", rule("a", stop()), rule("a", stop()));
    assertRefused(Refusal.INVALID, "name", rule(" ", stop()));
    var both =
        new Actions(
            Optional.of("A"),
            List.of(),
            true,
            false,
            List.of(),
            List.of(),
            false,
            false,
            false,
            false);
    assertRefused(Refusal.INVALID, "exclude each other", rule("b", both));
    List<EmailAddress> six = new ArrayList<>();
    for (int i = 0; i < 6; i++) six.add(new EmailAddress("a" + i, "example.org"));
    var many =
        new Actions(
            Optional.empty(), List.of(), false, false, six, List.of(), false, false, false, false);
    assertRefused(Refusal.INVALID, "more than 5 addresses", rule("c", many));
    InboxRule[] hundred = new InboxRule[RuleLimits.RULES_MAX + 1];
    for (int i = 0; i < hundred.length; i++) hundred[i] = rule("r" + i, stop());
    assertRefused(Refusal.LIMIT_REACHED, "100 rules", hundred);
    var long_ = new ArrayList<String>();
    for (int i = 0; i < 50; i++) long_.add("x".repeat(250) + i);
    InboxRule[] huge = new InboxRule[20];
    for (int i = 0; i < huge.length; i++) {
      var conditions =
          new Conditions(
              long_,
              long_,
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              Optional.empty(),
              false,
              false,
              false,
              Optional.empty(),
              Optional.empty());
      huge[i] = new InboxRule("r" + i, true, conditions, Conditions.NONE, stop());
    }
    assertRefused(Refusal.LIMIT_REACHED, "too long", huge);
    assertThat(new InboxRules(mailbox).list()).isEmpty();
  }

  private static Actions nothing() {
    return new Actions(
        Optional.empty(),
        List.of(),
        false,
        false,
        List.of(),
        List.of(),
        false,
        false,
        false,
        false);
  }

  @Test
  void theOutOfOfficeStateComesBack() {
    var rules = new InboxRules(mailbox);
    assertThat(rules.outOfOffice()).isEqualTo(OutOfOffice.OFF);
    var away =
        new OutOfOffice(
            true,
            Optional.of(Instant.parse("2026-12-01T00:00:00Z")),
            Optional.of(Instant.parse("2026-12-24T12:00:00Z")),
            Optional.of("Away"),
            Optional.of("Back \"soon\".\r\n${1}"),
            Optional.empty());
    rules.putOutOfOffice(away, "h1");
    assertThat(rules.outOfOffice()).isEqualTo(away);
    var wrong =
        new OutOfOffice(
            true,
            away.until(),
            away.from(),
            Optional.empty(),
            away.internalText(),
            Optional.empty());
    assertThatThrownBy(() -> rules.putOutOfOffice(wrong, "h2"))
        .hasMessageContaining("ends before it begins");
    assertThatThrownBy(() ->
            rules.putOutOfOffice(
                new OutOfOffice(
                    true,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()),
                "h3"))
        .hasMessageContaining("needs a text");
    rules.putOutOfOffice(OutOfOffice.OFF, "h4");
    assertThat(rules.outOfOffice()).isEqualTo(OutOfOffice.OFF);
  }

  @Test
  void scriptsAreNamedActivatedRenamedAndDeleted() {
    var scripts = new MailboxScripts(mailbox);
    String text = "# " + "x".repeat(50_000) + "\r\nkeep;\r\n";
    scripts.put("one", text);
    scripts.put("two", "discard;");
    assertThat(scripts.find("one")).contains(text);
    assertThat(DeliveryScripts.load(mailbox)).isEmpty();
    scripts.activate(Optional.of("one"));
    assertThat(scripts.list())
        .containsExactly(
            new MailboxScripts.Listed("one", true), new MailboxScripts.Listed("two", false));
    assertThatThrownBy(() -> scripts.delete("one")).hasMessageContaining("active");
    assertThatThrownBy(() -> scripts.rename("one", "two")).hasMessageContaining("already");
    scripts.rename("one", "three");
    assertThat(scripts.list()).contains(new MailboxScripts.Listed("three", true));
    // A shorter one leaves nothing of the longer behind.
    scripts.put("three", "keep;");
    assertThat(scripts.find("three")).contains("keep;");
    assertThat(DeliveryScripts.load(mailbox)).isPresent();
    scripts.activate(Optional.empty());
    scripts.delete("three");
    scripts.delete("two");
    assertThat(scripts.list()).isEmpty();
    assertThatThrownBy(() -> scripts.activate(Optional.of("none")))
        .hasMessageContaining("no such script");
  }

  @Test
  void limitsOfScripts() {
    var scripts = new MailboxScripts(mailbox);
    assertThatThrownBy(() -> scripts.put("bad", "frob;"))
        .isInstanceOf(MalformedException.class)
        .hasMessage("line 1, column 1: unknown command \"frob\"");
    assertThatThrownBy(() -> scripts.put("a\nb", "keep;")).hasMessageContaining("control");
    assertThatThrownBy(() -> scripts.put("x".repeat(129), "keep;")).hasMessageContaining("128");
    assertThatThrownBy(() -> scripts.checkSpace("x", SieveLimits.SCRIPT_BYTES_MAX + 1))
        .hasMessageContaining("octets");
    for (int i = 0; i < RuleLimits.SCRIPTS_MAX; i++) scripts.put("s" + i, "keep;");
    assertThatThrownBy(() -> scripts.put("more", "keep;"))
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.LIMIT_REACHED));
    scripts.put("s1", "discard;");
  }

  @Test
  @DisplayName("one delivery into several folders is one email, each place with its own flags")
  void severalPlaces() {
    Folder work = mailbox.createFolder(List.of("Work"), Optional.empty());
    NewMessage message =
        new NewMessage(
            Content.of("Subject: x\r\n\r\nbody\r\n".getBytes(StandardCharsets.UTF_8)),
            0,
            Set.of(),
            core.clock().instant());
    List<Filing> places =
        List.of(
            new Filing(mailbox.inbox(), 0, Set.of()),
            new Filing(work.id(), Flags.SEEN, Set.of("$Important")));
    assertThat(mailbox.deliver(places, message, "d1")).isPresent();
    assertThat(mailbox.deliver(places, message, "d1")).isEmpty();
    FolderView first = mailbox.view(mailbox.inbox());
    FolderView second = mailbox.view(work.id());
    assertThat(first.count()).isEqualTo(1);
    assertThat(second.count()).isEqualTo(1);
    assertThat(second.email(1)).isEqualTo(first.email(1));
    assertThat(first.flags(1)).isZero();
    assertThat(second.flags(1)).isEqualTo(Flags.SEEN);
    assertThat(second.keywordNames()).containsExactly("$Important");
  }

  @Test
  void whatIsRememberedStopsOthersForItsTimeOnly() {
    Instant now = core.clock().instant();
    Instant until = now.plusSeconds(60);
    assertThat(mailbox.memory().note("x", "d1", now, until)).isTrue();
    assertThat(mailbox.memory().note("x", "d1", now, until)).isTrue();
    assertThat(mailbox.memory().note("x", "d2", now, until)).isFalse();
    assertThat(mailbox.memory().isKnown("x", "d1", now)).isFalse();
    assertThat(mailbox.memory().isKnown("x", "d2", now)).isTrue();
    assertThat(mailbox.memory().isKnown("x", "d2", until)).isFalse();
    assertThat(mailbox.memory().note("x", "d2", until, until.plusSeconds(9))).isTrue();
    core.clock().advance(java.time.Duration.ofDays(1));
    core.mailboxes().purge();
    assertThat(mailbox.memory().note("x", "d3", now, until)).isTrue();
  }
}
