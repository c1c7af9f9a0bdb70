package org.mailstead.formats.sieve;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mailstead.base.MalformedException;
import org.mailstead.formats.mime.MessageScanner;

/// A Jazzer target, and a small generator of its own that always runs: a script is refused with its
/// place, or its run ends; nothing else is thrown.
class SieveFuzzTest {
  private static final List<String> WORDS =
      List.of(
          "require",
          "if",
          "elsif",
          "else",
          "stop",
          "keep",
          "discard",
          "fileinto",
          "redirect",
          "reject",
          "vacation",
          "set",
          "addflag",
          "header",
          "address",
          "envelope",
          "exists",
          "size",
          "body",
          "string",
          "date",
          "currentdate",
          "duplicate",
          "hasflag",
          "allof",
          "anyof",
          "not",
          "true",
          ":is",
          ":contains",
          ":matches",
          ":count",
          ":value",
          ":comparator",
          ":index",
          ":last",
          ":copy",
          ":create",
          ":flags",
          ":days",
          ":raw",
          ":over",
          "\"from\"",
          "\"fileinto\"",
          "\"variables\"",
          "\"${1}${a}\"",
          "\"a@b.c\"",
          "\"*a?*\"",
          "\"ge\"",
          "\"i;ascii-numeric\"",
          "[\"a\",\"b\"]",
          "7",
          "1K",
          "{",
          "}",
          "(",
          ")",
          ",",
          ";",
          "[",
          "]",
          "text:\nx\n.\n",
          "#c\n",
          "/*c*/");

  @FuzzTest
  void scriptsAreRefusedOrRun(byte[] octets) {
    check(new String(octets, StandardCharsets.UTF_8));
  }

  @Test
  void wordsInAnyOrder() {
    var random = new Random(20261121);
    String require =
        "require [\"fileinto\",\"reject\",\"vacation\",\"variables\",\"imap4flags\",\"envelope\","
            + "\"body\",\"relational\",\"date\",\"index\",\"duplicate\",\"copy\",\"mailbox\"];";
    int run = 0;
    for (int i = 0; i < 30_000; i++) {
      var script = new StringBuilder(random.nextInt(4) == 0 ? "" : require);
      int count = 1 + random.nextInt(14);
      for (int w = 0; w < count; w++) {
        script.append(' ').append(WORDS.get(random.nextInt(WORDS.size())));
      }
      if (random.nextBoolean()) script.append(';');
      if (check(script.toString())) run++;
    }
    assertThat(run).as("scripts that were right").isPositive();
  }

  private static boolean check(String script) {
    SieveScript parsed;
    try {
      parsed = SieveScript.parse(script);
    } catch (MalformedException e) {
      assertThat(e).hasMessageMatching("(?s)line \\d+, column \\d+: .+");
      return false;
    }
    ByteBuffer message =
        ByteBuffer.wrap(
            "From: a@b.c\r\nSubject: x\r\n\r\ntext\r\n".getBytes(StandardCharsets.UTF_8));
    var seen = new MimeSieveMessage(message, MessageScanner.scan(message), message.limit());
    assertThat(parsed.run(seen, new Running())).isNotNull();
    return true;
  }
}
