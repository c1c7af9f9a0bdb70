package org.mailstead.formats.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// RFC 5322 §3.4 and §4.4, the examples of its appendix A, and what occurs instead.
class AddressParserTest {
  /// Written as `name <@route:local|host>` with `;` between; a group as `{name` and `}`.
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "john@example.org ~ <john|example.org>",
        "John Doe <jdoe@machine.example> ~ John Doe <jdoe|machine.example>",
        "\"Joe Q. Public\" <john.q.public@example.com> ~ Joe Q. Public <john.q.public|example.com>",
        "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test> ~ Mary Smith <mary|x.test>; <jdoe|example.org>; Who? <one|y.test>",
        "<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net> ~ <boss|nil.test>; Giant; \"Big\" Box <sysservices|example.net>",
        "A Group:Ed Jones <joe@where.test>,joe@where.test,John <jdoe@one.test>; ~ {A Group; Ed Jones <joe|where.test>; <joe|where.test>; John <jdoe|one.test>; }",
        "Undisclosed recipients:; ~ {Undisclosed recipients; }",
        "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)> ~ Pete <pete|silly.test>",
        "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ; ~ {Hidden recipients; }",
        "Joe <@node.test,@other.test:joe@where.test> ~ Joe <@node.test,@other.test:joe|where.test>",
        "jdoe@test   . example ~ <jdoe|test.example>",
        "Joe Q. Public <john.q.public@example.com> ~ Joe Q. Public <john.q.public|example.com>",
        "jo@example.org (Jo Doe) ~ Jo Doe <jo|example.org>",
        "(Jo Doe) jo@example.org ~ Jo Doe <jo|example.org>",
        "jo @ example . org ~ <jo|example.org>",
        "\"a b\"@example.org ~ <a b|example.org>",
        "\"a@b\"@example.org ~ <a@b|example.org>",
        "x@[192.0.2.1] ~ <x|[192.0.2.1]>",
        "root ~ <root|>",
        "two words ~ two words <|>",
        "Dan Plough dan@field.example ~ Dan Plough <dan|field.example>",
        "<> ~ <|>",
        "a@b.example; c@d.example ~ <a|b.example>; <c|d.example>",
        ",,a@b.example,, ~ <a|b.example>",
        "<a@b.example ~ <a|b.example>",
        "A <a@b.example, c@d.example> ~ A <a|b.example>; <c|d.example>",
        "=?utf-8?Q?Doe,_J?= <j@d.example> ~ =?utf-8?Q?Doe,_J?= <j|d.example>",
        "\"unclosed <a@b.example> ~ <unclosed <a@b.example>|>",
        "a@b@c.example ~ <a@b|c.example>",
        "'quoted' <q@b.example> ~ 'quoted' <q|b.example>",
        "A: b@c.example, d@e.example ~ {A; <b|c.example>; <d|e.example>; }",
        "<mailto:a@b.example> ~ <mailto:a|b.example>"
      })
  void listsAreRead(String raw, String expected) {
    assertThat(shown(AddressParser.parse(raw))).isEqualTo(expected);
  }

  private static String shown(List<MimeAddress> addresses) {
    return addresses.stream().map(AddressParserTest::shown).collect(Collectors.joining("; "));
  }

  private static String shown(MimeAddress address) {
    if (address.host().isEmpty()) return address.local().map(name -> "{" + name).orElse("}");
    String name = address.name().map(text -> text + " ").orElse("");
    String route = address.route().map(text -> text + ":").orElse("");
    return name + "<" + route + address.local().orElse("?") + "|" + address.host().get() + ">";
  }

  @Test
  void whiteSpaceAloneIsAnEmptyList() {
    assertThat(AddressParser.parse("")).isEmpty();
    assertThat(AddressParser.parse(" \r\n\t")).isEmpty();
    assertThat(AddressParser.parse("(only a comment)")).isEmpty();
  }

  @Test
  void namesKeepTheirOctets() {
    assertThat(AddressParser.parse("J\u00f6rg <j@b.example>").getFirst().name())
        .isEqualTo(Optional.of("J\u00f6rg"));
  }

  @Test
  void openWordsAndBracketsAreReadInTime() {
    AddressParser.parse("=?a?Q?".repeat(100_000));
    AddressParser.parse("(".repeat(500_000));
    AddressParser.parse("<\"".repeat(200_000));
    assertThat(AddressParser.parse("<".repeat(200_000))).hasSize(1);
  }
}
