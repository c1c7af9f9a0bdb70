package org.mailstead.formats.sieve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Dovecot's Pigeonhole and our interpreter do the same with the same scripts and messages.
///
/// Left out, where they differ: a pattern that begins with `?` (Pigeonhole 0.5.19 finds `?ne*` in
/// values without any `ne`), words that HTML tags divide (it puts a space there), and several
/// spaces at a fold (ours are one, as everywhere in the `mime` package).
class PigeonholeTest {
  private static final String REQUIRE =
      "require [\"fileinto\",\"copy\",\"envelope\",\"body\",\"subaddress\",\"relational\","
          + "\"variables\",\"date\",\"index\",\"imap4flags\",\"encoded-character\","
          + "\"comparator-i;ascii-numeric\"];\n";

  private static final List<String> TESTS =
      List.of(
          "header :contains 'subject' 'LIST'",
          "header :is 'subject' 'one two'",
          "header :matches 'subject' '* two'",
          "header :matches 'subject' 'o?e*'",
          "header :matches 'subject' '*Caf??*'",
          "header :matches 'subject' '*Caf? *'",
          "header :comparator 'i;octet' :contains 'subject' 'LIST'",
          "header :is 'x-empty' ''",
          "header :contains 'x-none' ''",
          "header :count 'ge' 'received' '2'",
          "header :value 'gt' :comparator 'i;ascii-numeric' 'x-score' '9'",
          "header :value 'lt' 'x-score' '9'",
          "header :index 2 :contains 'received' 'second'",
          "header :index 1 :last :contains 'received' 'second'",
          "address :domain 'from' 'example.com'",
          "address :localpart :contains 'from' 'anna'",
          "address :user 'from' 'anna'",
          "address :detail 'from' 'work'",
          "address :all :is ['to','cc'] 'bert@example.org'",
          "address :count 'eq' ['to','cc'] '3'",
          "envelope 'from' 'sender@example.net'",
          "envelope :domain 'to' 'example.org'",
          "exists ['from','x-score']",
          "size :over 300",
          "body :text :contains 'hello'",
          "body :raw :contains '<b>'",
          "body :content 'text/html' :contains '<b>wor'",
          "date :zone '+0000' 'date' 'hour' '08'",
          "date :originalzone 'date' 'date' '2026-11-23'",
          "string :matches '${unicode:e9}x' '??x'");

  private static final List<String> SCRIPTS =
      List.of(
          "keep;",
          "discard;",
          "stop; discard;",
          "fileinto \"a\"; fileinto \"a\"; keep;",
          "fileinto :copy \"a\";",
          "redirect \"a@b.example\"; redirect \"c@d.example\";",
          "addflag \"\\\\Seen\"; fileinto :copy \"a\"; addflag \"$x\";",
          "setflag [\"a\",\"b c\"]; removeflag \"B\"; keep;",
          "keep :flags \"\\\\Flagged\";",
          "set :upperfirst :lower \"v\" \"HeLLo\"; fileinto \"${v}\";",
          "if header :matches \"subject\" \"* *\" { fileinto \"${1}|${2}\"; }",
          "set \"a\" \"x*?\"; set :quotewildcard \"b\" \"${a}\"; fileinto \"${b}\";",
          "set :length \"n\" \"abc\"; if string :value \"eq\" :comparator \"i;ascii-numeric\""
              + " \"${n}\" \"03\" { discard; } else { stop; }",
          "if not anyof (false, header :is \"subject\" \"one two\") { fileinto \"other\"; }");

  private static final List<String> MESSAGES =
      List.of(
          "From: Anna <anna+work@Example.com>\nTo: me@example.org\nSubject: one two\n"
              + "Date: Mon, 23 Nov 2026 09:05:07 +0100\n\nHello world\n",
          "Received: from first; Tue, 24 Nov 2026 23:30:00 -0800\n"
              + "Received: from second; Tue, 24 Nov 2026 23:29:00 -0800\n"
              + "From: anna@example.com\nTo: me@example.org, Bert <bert@example.org>\n"
              + "Cc: c@example.net\nSubject: [list] =?utf-8?q?Caf=C3=A9?= x\nX-Empty:\nX-Score: 10\n"
              + "Content-Type: text/html; charset=utf-8\n\n<p>Hello <b>wor</b>ld</p>\n",
          "From: x@y.example\nSubject:   folded\n subject\nX-Score: abc\n\n\n");

  @TempDir Path folder;

  @Test
  void bothDoTheSame() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/sieve-test")), "sieve-test is not installed");
    // It gives root up: whoever it becomes must be able to read.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    boolean root = System.getProperty("user.name").equals("root");
    Files.writeString(
        folder.resolve("dovecot.conf"),
        (root ? "mail_uid = nobody\nmail_gid = nogroup\n" : "")
            + "first_valid_uid = 0\nfirst_valid_gid = 0\nmail_location = maildir:"
            + folder.resolve("mail")
            + "\n");
    assumeTrue(
        theirs("keep;", MESSAGES.getFirst()).equals(Set.of("store INBOX []")),
        "sieve-test does not run here");
    List<String> differences = new ArrayList<>();
    List<String> scripts = new ArrayList<>(SCRIPTS);
    for (String test : TESTS) {
      scripts.add("if " + test.replace('\'', '"') + " { fileinto \"yes\"; }");
    }
    for (String script : scripts) {
      for (String message : MESSAGES) {
        Set<String> theirs = theirs(script, message);
        Set<String> ours = ours(script, message);
        if (!ours.equals(theirs)) {
          differences.add(script + "\n  ours   " + ours + "\n  theirs " + theirs + "\n" + message);
        }
      }
    }
    assertThat(differences).isEmpty();
  }

  private static Set<String> ours(String script, String message) {
    var running = new Running();
    Set<String> done = new TreeSet<>();
    switch (running.run(REQUIRE + script, message)) {
      case SieveOutcome.Failed(String text) -> done.add("failed " + text);
      case SieveOutcome.Done outcome -> {
        for (SieveAction action : outcome.actions()) {
          switch (action) {
            case SieveAction.Keep(var flags) -> done.add("store INBOX " + lower(flags));
            case SieveAction.FileInto(var mailbox, var _, var _, var flags) ->
                done.add("store " + mailbox + " " + lower(flags));
            case SieveAction.Redirect(var address) -> done.add("redirect " + address);
            case SieveAction.Forward _,
                SieveAction.Reject _,
                SieveAction.Vacation _,
                SieveAction.NoteDuplicate _ ->
                done.add(action.toString());
          }
        }
      }
    }
    return done;
  }

  private static Set<String> lower(Set<String> flags) {
    Set<String> lower = new TreeSet<>();
    flags.forEach(flag -> lower.add(flag.toLowerCase(Locale.ROOT)));
    return lower;
  }

  private static final Pattern STORED =
      Pattern.compile(
          " \\* store message in folder: (.*)|.*add IMAP flags: (.*)|"
              + " \\* redirect message to: <(.*)>");

  private Set<String> theirs(String script, String message) throws Exception {
    Path file = Files.writeString(folder.resolve("s.sieve"), REQUIRE + script + "\n");
    Path mail =
        Files.writeString(
            folder.resolve("m.eml"), message.replace("\n", "\r\n"), StandardCharsets.UTF_8);
    Process process =
        new ProcessBuilder(
                "/usr/bin/sieve-test",
                "-c",
                folder.resolve("dovecot.conf").toString(),
                "-f",
                "sender@example.net",
                "-r",
                "me+list@example.org",
                "-a",
                "me+list@example.org",
                file.toString(),
                mail.toString())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(20, TimeUnit.SECONDS)) throw new IOException("sieve-test hangs");
    Files.deleteIfExists(folder.resolve("s.svbin"));
    if (!output.contains("final result: success")) return Set.of("failed " + output);
    Set<String> done = new TreeSet<>();
    String stored = "";
    Set<String> flags = new TreeSet<>();
    for (String line : output.lines().toList()) {
      Matcher found = STORED.matcher(line);
      if (!found.matches()) continue;
      if (found.group(2) != null) {
        flags.addAll(List.of(found.group(2).toLowerCase(Locale.ROOT).split(" ")));
        continue;
      }
      if (!stored.isEmpty()) done.add("store " + stored + " " + flags);
      stored = "";
      flags = new TreeSet<>();
      if (found.group(1) != null) stored = found.group(1);
      else done.add("redirect " + found.group(3));
    }
    if (!stored.isEmpty()) done.add("store " + stored + " " + flags);
    return done;
  }
}
