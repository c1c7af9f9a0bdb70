package org.mailstead.formats.sieve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailstead.base.MalformedException;

/// Scripts that are refused, and runs that end: with the place and the reason.
class SieveErrorsTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          keep | line 1, column 5: after "keep" a semicolon or a block was expected
          keep; frobnicate; | line 1, column 7: unknown command "frobnicate"
          require 'regex'; | line 1, column 9: the extension "regex" is not supported
          keep; require 'copy'; | line 1, column 7: "require" comes before all other commands
          fileinto 'A'; | line 1, column 1: "fileinto" needs require "fileinto"
          require 'fileinto'; fileinto :copy 'A'; | line 1, column 30: :copy needs require "copy"
          require 'fileinto'; fileinto 7; | line 1, column 30: "fileinto" expects a string: a mailbox
          require 'fileinto'; fileinto 'A' 'B'; | line 1, column 34: "fileinto" has an argument too many
          require 'fileinto'; fileinto :nonsense 'A'; | line 1, column 30: "fileinto" has no tag :nonsense
          redirect 'nobody'; | line 1, column 10: "nobody" is no address: not an address: no @ in it
          if true { keep; | line 1, column 9: a block without an end
          if true keep; | line 1, column 4: "true" takes no tests
          else { keep; } | line 1, column 1: "else" without "if"
          if frob { keep; } | line 1, column 4: unknown test "frob"
          if not (true, false) { keep; } | line 1, column 4: "not" takes one test
          if header 'a' { keep; } | line 1, column 4: "header" expects a string: keys
          if header :is :contains 'a' 'b' { keep; } | line 1, column 15: :contains comes too often in "header"
          if header :comparator 'i;nothing' 'a' 'b' { keep; } | line 1, column 11: unknown comparator "i;nothing"
          if header :value 'gt' 'a' 'b' { keep; } | line 1, column 11: :value needs require "relational"
          require 'relational'; if header :value 'xx' 'a' 'b' { keep; } | line 1, column 33: a relation is one of gt, ge, lt, le, eq, ne
          require 'comparator-i;ascii-numeric'; if header :contains :comparator 'i;ascii-numeric' 'a' '1' {} | line 1, column 49: i;ascii-numeric knows no parts of strings
          if address 'subject' 'x' { keep; } | line 1, column 12: "address" does not look into the field subject
          require 'envelope'; if envelope 'auth' 'x' { keep; } | line 1, column 33: the envelope has the parts "from" and "to"
          require 'variables'; set '1' 'x'; | line 1, column 26: "1" is no name for a variable
          require 'variables'; set :lower :upper 'a' 'x'; | line 1, column 33: :upper comes too often in "set"
          require 'date'; if currentdate 'dae' 'x' { keep; } | line 1, column 32: unknown part of a date "dae"
          if size :over 99999999999999 { keep; } | line 1, column 15: the number is too large
          if size :over 5X { keep; } | line 1, column 15: a number ends with a digit, K, M or G
          redirect 'a@b | line 1, column 10: a string without an end
          /* never | line 1, column 1: a comment without an end
          keep; % | line 1, column 7: unexpected character '%'
          discard { keep; } | line 1, column 1: "discard" takes no block
          """)
  void refused(String script, String error) {
    assertThatThrownBy(() -> SieveScript.parse(script.replace('\'', '"')))
        .isInstanceOf(MalformedException.class)
        .hasMessage(error);
  }

  @Test
  void theLineIsThatOfTheError() {
    assertThatThrownBy(() -> SieveScript.parse("keep;\n# x\n\"a\nb\";\n"))
        .hasMessageStartingWith("line 3, column 1: ");
    assertThatThrownBy(
            () -> SieveScript.parse("require \"reject\";\r\nreject text:\r\nA\r\nB\r\n.\r\n x"))
        .hasMessageStartingWith("line 6, column 3: ");
  }

  private static void assertRefused(String script, String part) {
    assertThatThrownBy(() -> SieveScript.parse(script))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(part);
  }

  @Test
  void limitsOfScripts() {
    assertRefused("#" + "x".repeat(SieveLimits.SCRIPT_BYTES_MAX), "longer than 65536 octets");
    assertRefused("#" + "é".repeat(SieveLimits.SCRIPT_BYTES_MAX / 2), "longer than");
    String nested = "if true {".repeat(40) + "}".repeat(40);
    assertRefused(nested, "levels inside each other");
    assertRefused("if " + "not ".repeat(40) + "true {}", "levels inside each other");
    assertRefused("if anyof(" + "anyof(".repeat(40) + "true" + ")".repeat(41) + "{}", "levels");
    assertRefused("keep;".repeat(SieveLimits.NODES_MAX + 1), "commands and tests");
    assertRefused(
        "redirect \"" + "x".repeat(SieveLimits.STRING_CHARS_MAX + 1) + "\";", "a string is longer");
    assertRefused(
        "if exists [" + "\"a\",".repeat(SieveLimits.LIST_MAX) + "\"a\"] {}", "more than 1000");
    assertRefused("redirect \"a\0b@c\";", "NUL");
  }

  private static String run(String script) {
    return new Running().actions(script, "Subject: " + "a".repeat(10_000) + "\n\nx\n");
  }

  @Test
  void limitsOfRuns() {
    var redirects = new StringBuilder();
    for (int i = 0; i < 6; i++) redirects.append("redirect \"a").append(i).append("@b.c\";\n");
    assertThat(run(redirects.toString()))
        .isEqualTo("failed: line 6: more than 5 addresses to redirect or forward to");
    var files = new StringBuilder("require \"fileinto\";");
    for (int i = 0; i < 33; i++) files.append("fileinto \"").append(i).append("\";");
    assertThat(run(files.toString())).isEqualTo("failed: line 1: more than 32 actions");
    var variables = new StringBuilder("require \"variables\";");
    for (int i = 0; i < 257; i++) variables.append("set \"v").append(i).append("\" \"x\";");
    assertThat(run(variables.toString())).isEqualTo("failed: line 1: more than 256 variables");
  }

  @Test
  void stringsThatDoubleAreCutOrEndTheRun() {
    String doubling = "set \"a\" \"${a}${a}\";".repeat(60);
    String script = "require [\"variables\",\"fileinto\"]; set \"a\" \"x\";" + doubling;
    assertThat(run(script + "set :length \"n\" \"${a}\"; fileinto \"${n}\";"))
        .isEqualTo("fileinto 8192");
    assertThat(run(script + "fileinto \"${a}${a}${a}${a}${a}\";")).contains("grows over");
  }

  @Test
  void aPatternOfStarsEndsSoon() {
    long begin = System.nanoTime();
    String stars = "a*".repeat(5_000) + "b";
    String result =
        run("if header :matches \"subject\" [" + ("\"" + stars + "\",").repeat(5) + "\"x\"] {}");
    assertThat(result).isIn("keep", "failed: line 1: the script needs too much time");
    String body = "if header :contains \"subject\" \"" + "a".repeat(5_000) + "b\" {}\n";
    assertThat(run(body.repeat(10))).contains("too much time");
    assertThat(System.nanoTime() - begin).isLessThan(5_000_000_000L);
  }
}
