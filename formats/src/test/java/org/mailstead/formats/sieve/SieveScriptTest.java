package org.mailstead.formats.sieve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What scripts do with one message, by extension.
class SieveScriptTest {
  private static final String MAIL =
      """
      Received: from a by b; Tue, 24 Nov 2026 23:30:00 -0800
      Received: from c by d; Wed, 25 Nov 2026 00:00:00 +0000
      From: "Anna Ä" <anna+work@Example.com>
      To: me@example.org, Bert <bert@example.org>
      Cc: team@example.net
      Subject: [list] =?utf-8?q?Caf=C3=A9?= at 7 *now*
      Date: Mon, 23 Nov 2026 09:05:07 +0100
      Message-ID: <m1@example.com>
      X-Spam-Score: 7
      X-Empty:
      Content-Type: multipart/mixed; boundary=b

      preamble
      --b
      Content-Type: text/html; charset=utf-8
      Content-Transfer-Encoding: quoted-printable

      <p>Hello <b>wor</b>ld</p>=20
      --b
      Content-Type: application/pdf
      Content-Disposition: attachment; filename=x.pdf
      Content-Transfer-Encoding: base64

      SGVsbG8=
      --b--
      """;

  private final Running running = new Running();

  private String run(String script) {
    return running.actions(script, MAIL);
  }

  /// A test as a script that files where it holds.
  private boolean holds(String test) {
    String require =
        "require [\"fileinto\",\"envelope\",\"body\",\"subaddress\",\"relational\",\"variables\","
            + "\"date\",\"index\",\"imap4flags\",\"mailbox\",\"special-use\",\"duplicate\","
            + "\"comparator-i;ascii-numeric\",\"comparator-i;unicode-casemap\","
            + "\"encoded-character\",\"vnd.mailstead.rules\"];";
    String actions = run(require + "if " + test.replace('\'', '"') + " { fileinto \"Work\"; }");
    assertThat(actions).doesNotStartWith("failed");
    return actions.contains("fileinto Work");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          true | true
          not true | false
          allof (true, false) | false
          anyof (false, true) | true
          header 'subject' '[list] Café at 7 *now*' | true
          header :contains 'Subject' 'LIST' | true
          header :contains 'Subject' 'CAFÉ' | false
          header :comparator 'i;unicode-casemap' :contains 'Subject' 'CAFÉ' | true
          header :comparator 'i;octet' :contains 'Subject' 'LIST' | false
          header :matches 'subject' '[list] *' | true
          header :matches 'subject' '*\\\\*now\\\\*' | true
          header :matches 'subject' '*\\\\?now*' | false
          header :matches 'subject' '*Caf?? at*' | true
          header :matches 'subject' '*Caf? at*' | false
          header :comparator 'i;unicode-casemap' :matches 'subject' '*Caf?? at*' | true
          header :matches 'subject' '' | false
          header :matches 'x-empty' '' | true
          header :matches 'x-empty' '*' | true
          header :is 'x-none' '' | false
          header :contains ['x-none', 'subject'] ['nothing', 'at 7'] | true
          header :value 'ge' :comparator 'i;ascii-numeric' 'x-spam-score' '5' | true
          header :value 'gt' :comparator 'i;ascii-numeric' 'x-spam-score' '10' | false
          header :value 'gt' 'x-spam-score' '10' | true
          header :comparator 'i;ascii-numeric' 'x-spam-score' '007' | true
          header :count 'eq' 'received' '2' | true
          header :index 2 :contains 'received' 'from c' | true
          header :index 1 :last :contains 'received' 'from c' | true
          header :index 3 :contains 'received' 'from' | false
          address :domain 'from' 'example.com' | true
          address :localpart 'from' 'ANNA+work' | true
          address :user 'from' 'anna' | true
          address :detail 'from' 'work' | true
          address :detail 'to' '' | false
          address :all ['to','cc'] 'bert@example.org' | true
          address :count 'eq' ['to','cc'] '3' | true
          address :index 1 :domain 'to' 'example.org' | true
          envelope 'from' 'sender@example.net' | true
          envelope :detail 'to' 'list' | true
          envelope :domain 'to' 'example.net' | false
          exists ['from','date'] | true
          exists ['from','x-none'] | false
          size :over 100 | true
          size :over 1M | false
          size :under 1K | true
          body :contains 'hello world' | true
          body :contains '<b>' | false
          body :raw :contains 'preamble' | true
          body :raw :contains '=20' | true
          body :content 'text' :contains '<b>wor</b>' | true
          body :content 'application/pdf' :is 'Hello' | true
          body :content 'text/plain' :contains 'hello' | false
          string :is '${x}' '' | true
          string :count 'eq' ['a', '', 'b'] '2' | true
          date 'date' 'hour' '09' | true
          date :zone '+0000' 'date' 'hour' '08' | true
          date :originalzone 'date' 'zone' '+0100' | true
          date :index 1 :originalzone 'received' 'weekday' '2' | true
          date :zone '+0000' 'received' 'date' '2026-11-25' | true
          date 'date' 'iso8601' '2026-11-23T09:05:07+01:00' | true
          date 'date' 'std11' 'Mon, 23 Nov 2026 09:05:07 +0100' | true
          date 'date' 'julian' '61367' | true
          date 'x-none' 'year' '2026' | false
          currentdate 'weekday' '1' | true
          currentdate :value 'ge' 'date' '2026-11-23' | true
          currentdate :zone '+0000' 'time' '11:00:00' | true
          mailboxexists ['Work','INBOX'] | true
          mailboxexists 'Nowhere' | false
          specialuse_exists '\\\\Junk' | true
          specialuse_exists 'Work' '\\\\Junk' | false
          header :contains 'subject' '${hex:5b 6C}ist${unicode:5D}' | true
          hasattachment | true
          addressedtome :to | true
          addressedtome :only | false
          """)
  void tests(String test, boolean expected) {
    assertThat(holds(test.replace("\\\\", "\\\\"))).isEqualTo(expected);
  }

  @Test
  void withoutAnythingTheMessageIsKept() {
    assertThat(run("")).isEqualTo("keep");
    assertThat(run("discard;")).isEmpty();
    assertThat(run("discard; keep;")).isEqualTo("keep");
    assertThat(run("stop; discard;")).isEqualTo("keep");
  }

  @Test
  void filingReplacesKeepingUnlessCopied() {
    assertThat(run("require \"fileinto\"; fileinto \"A\"; fileinto \"A\"; fileinto \"B\";"))
        .isEqualTo("fileinto A; fileinto B");
    assertThat(run("require [\"fileinto\",\"copy\"]; fileinto :copy \"A\";"))
        .isEqualTo("fileinto A; keep");
    assertThat(run("require [\"fileinto\",\"mailbox\"]; fileinto :create \"A\"; keep;"))
        .isEqualTo("fileinto A create; keep");
    assertThat(
            run(
                "require [\"fileinto\",\"special-use\"];"
                    + " fileinto :specialuse \"\\\\Junk\" \"X\";"))
        .isEqualTo("fileinto X use \\Junk");
    assertThat(run("redirect \"a@example.org\"; redirect \"a@example.org\";"))
        .isEqualTo("redirect a@example.org");
    assertThat(run("require \"copy\"; redirect :copy \"a@example.org\";"))
        .isEqualTo("redirect a@example.org; keep");
    assertThat(run("require \"vnd.mailstead.rules\"; forward \"a@example.org\";"))
        .isEqualTo("forward a@example.org; keep");
  }

  @Test
  void branches() {
    String script =
        """
        # a comment
        if header :is "subject" "x" { discard; }
        elsif size :over 10M { redirect "a@example.org"; }
        else { /* another
          comment */ keep; }
        """;
    assertThat(run(script)).isEqualTo("keep");
  }

  @Test
  @DisplayName("RFC 5232: flags of the internal variable, of named ones, of an action")
  void flags() {
    String require = "require [\"imap4flags\",\"fileinto\",\"variables\",\"copy\"];";
    assertThat(
            run(require + "addflag \"\\\\Seen\"; addflag [\"\\\\seen\", \"$Label \\\\Flagged\"];"))
        .isEqualTo("keep [\\Seen, $Label, \\Flagged]");
    assertThat(
            run(
                require
                    + "setflag \"a b\"; removeflag \"A\"; fileinto :copy \"X\";"
                    + " setflag \"c\";"))
        .isEqualTo("fileinto X [b]; keep [c]");
    assertThat(run(require + "addflag \"v\" [\"x\",\"y\"]; keep :flags \"${v} z\";"))
        .isEqualTo("keep [x, y, z]");
    assertThat(run(require + "addflag \"v\" \"x\"; if hasflag \"v\" \"X\" { discard; }")).isEmpty();
    assertThat(run(require + "addflag \"\\\\Unknown bad{flag\";")).isEqualTo("keep");
  }

  @Test
  @DisplayName("RFC 5229: variables, modifiers, match variables")
  void variables() {
    String require = "require [\"variables\",\"fileinto\"];";
    assertThat(
            run(
                require
                    + "set \"a\" \"JuMBlEd\"; set :lower :upperfirst \"b\" \"${A}\";"
                    + " fileinto \"${b}/${c}${\";"))
        .isEqualTo("fileinto Jumbled/${");
    assertThat(
            run(
                require
                    + "set :quotewildcard \"a\" \"Rock*\\\\\"; set :length \"n\" \"${a}é\";"
                    + " fileinto \"${a}${n}\";"))
        .isEqualTo("fileinto Rock\\*\\\\9");
    assertThat(
            run(
                require
                    + "if header :matches \"subject\" \"[*] * at ? *\""
                    + " { fileinto \"${1}|${2}|${3}|${4}|${5}\"; }"))
        .isEqualTo("fileinto list|Café|7|*now*|");
    // The shortest match, from the left.
    assertThat(
            run(
                require
                    + "set \"x\" \"a-b-c\"; if string :matches \"${x}\" \"*-*\""
                    + " { fileinto \"${0}=${1}+${2}\"; }"))
        .isEqualTo("fileinto a-b-c=a+b-c");
    // Without require they are text.
    assertThat(run("require \"fileinto\"; fileinto \"${1}\";")).isEqualTo("fileinto ${1}");
  }

  @Test
  @DisplayName("RFC 5429: reject goes with nothing else")
  void reject() {
    String require = "require [\"reject\",\"ereject\",\"fileinto\",\"vacation\"];";
    assertThat(run(require + "reject text:\nNo.\n..x\n.\n;")).isEqualTo("reject No.\r\n.x\r\n");
    assertThat(run(require + "ereject \"No\";")).isEqualTo("ereject No");
    assertThat(run(require + "fileinto \"A\";\nreject \"No\";"))
        .isEqualTo("failed: line 2: reject does not go together with other actions");
    assertThat(run(require + "reject \"No\"; vacation \"Away\";")).startsWith("failed: line 1");
    assertThat(run(require + "reject \"No\"; keep;")).startsWith("failed");
  }

  @Test
  @DisplayName("RFC 5230, RFC 6131: vacation and its period")
  void vacation() {
    String require = "require [\"vacation\",\"vacation-seconds\"];";
    assertThat(run(require + "vacation \"Away\";")).isEqualTo("vacation 604800 Away; keep");
    assertThat(run(require + "vacation :days 0 :subject \"S\" \"Away\";"))
        .isEqualTo("vacation 86400 S: Away; keep");
    assertThat(run(require + "vacation :seconds 5 \"Away\"; discard;"))
        .isEqualTo("vacation 60 Away");
    assertThat(run(require + "vacation :days 1000000 \"Away\";")).startsWith("vacation 7776000 ");
    assertThat(run(require + "vacation \"Away\"; vacation \"Again\";"))
        .isEqualTo("failed: line 1: vacation comes twice");
  }

  @Test
  @DisplayName("RFC 7352: duplicates are noted, and found by the next one")
  void duplicates() {
    String script = "require \"duplicate\"; if duplicate :handle \"h\" :seconds 60 { discard; }";
    assertThat(run(script)).isEqualTo("note h/<m1@example.com> 60; keep");
    running.seen.add("h/<m1@example.com>");
    assertThat(run(script)).isEmpty();
    assertThat(run(script.replace(":seconds 60", ":last")))
        .isEqualTo("note h/<m1@example.com> 604800 last");
    assertThat(run("require \"duplicate\"; if duplicate :header \"X-None\" { discard; }"))
        .isEqualTo("keep");
  }

  @Test
  @DisplayName("RFC 5228 §5.4: the null reverse path is the empty string")
  void nullReversePath() {
    running.from = Optional.empty();
    assertThat(run("require \"envelope\"; if envelope \"from\" \"\" { discard; }")).isEmpty();
  }

  @Test
  void whatAnEarlierScriptFlaggedIsFlaggedStill() {
    SieveOutcome outcome =
        SieveScript.parse("require \"imap4flags\"; addflag \"b\";")
            .run(Running.message(MAIL), running, java.util.Set.of("\\Seen"));
    assertThat(((SieveOutcome.Done) outcome).flags()).containsExactly("\\Seen", "b");
  }
}
