package org.mailstead.formats.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailstead.formats.mime.MimePart.Parameter;

/// Base subjects, folding, charsets, parameters, header fields.
class SmallTextsTest {
  /// RFC 5256 §2.1.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = true,
      value = {
        "hello | hello | false",
        "Re: hello | hello | true",
        "RE: FW: Fwd:  hello | hello | true",
        "re[2]: hello | hello | true",
        "Re [list] : hello | hello | true",
        "[list] hello | hello | false",
        "[list] Re: [list] hello (fwd) (FWD) | hello | true",
        "[fwd: Re: hello] | hello | true",
        "[only] | [only] | false",
        "Re: [only] | [only] | true",
        "regarding oats | regarding oats | false",
        "Re:Re:Re: a  b | a b | true",
        "hello (fwd | hello (fwd | false",
        "[a [b] Re: c | [a [b] Re: c | false"
      })
  void baseSubjects(String subject, String expected, boolean marked) {
    assertThat(BaseSubject.of(subject)).isEqualTo(new BaseSubject(expected, marked));
  }

  @Test
  void baseSubjectOfNothingIsEmpty() {
    assertThat(BaseSubject.of("Re: ")).isEqualTo(new BaseSubject("", true));
    assertThat(BaseSubject.of("")).isEqualTo(new BaseSubject("", false));
    assertThat(BaseSubject.of("[a]".repeat(100_000)).text().length())
        .isLessThanOrEqualTo(MimeLimits.BASE_SUBJECT_CHARACTERS_MAX);
  }

  @ParameterizedTest
  @CsvSource({
    "Grüße,grusse",
    "GRÜSSE,grusse",
    "naïve Café,naive cafe",
    "ΣΊΣΥΦΟΣ,σισυφοσ",
    "Σίσυφος,σισυφοσ",
    "ﬁne,fine",
    "①,1",
    "ＡＢＣ,abc",
    "İstanbul,istanbul",
    "Ёлка,елка",
    "가나다,가나다",
    "がぎ,がぎ",
    "plain,plain",
    "PLAIN 7,plain 7"
  })
  void foldingBringsKinTogether(String text, String expected) {
    assertThat(SearchText.fold(text)).isEqualTo(expected);
    assertThat(SearchText.fold(expected)).isEqualTo(expected);
  }

  /// A search for a part of a word finds it: folding a part gives a part of the folded whole.
  @Test
  void foldingAPartGivesAPartOfTheWhole() {
    String text = "Größe naïve ΣΊΣΥΦΟΣ 日本語 가나다 Straße Привет";
    String whole = SearchText.fold(text);
    for (int from = 0; from < text.length(); from++) {
      for (int to = from + 1; to <= text.length(); to++) {
        assertThat(whole).contains(SearchText.fold(text.substring(from, to)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "UTF-8,UTF-8",
    "utf8,UTF-8",
    "iso-8859-8-i,ISO-8859-8",
    "ks_c_5601-1987,x-windows-949",
    "x-sjis,windows-31j",
    "cp932,windows-31j",
    "gb2312,GB18030",
    "GBK,GB18030",
    "unicode-1-1-utf-7,X-Mailstead-UTF-7",
    "utf-7,X-Mailstead-UTF-7",
    "us-ascii,US-ASCII",
    "iso-8859-1,windows-1252",
    "\"koi8-r\",KOI8-R",
    "windows-1251,windows-1251",
    "big5,Big5-HKSCS",
    "EUC-KR,x-windows-949",
    "macintosh,x-MacRoman",
    "tis-620,x-windows-874",
    "iso-2022-jp,x-windows-iso2022jp",
    "iso-2022-kr,ISO-2022-KR",
    "utf-16le,UTF-16LE",
    "iso_8859-15,ISO-8859-15",
    "utf-8*en,UTF-8"
  })
  void charsetsAreFoundByTheNamesInMail(String name, String expected) {
    assertThat(Charsets.find(name).map(Charset::name)).contains(expected);
  }

  @Test
  void unknownCharsetsAreNotFoundAndTheirTextIsGuessed() {
    for (String name : List.of("", "x-millers-own", "none", " ", "a".repeat(10_000), "\u0000?")) {
      assertThat(Charsets.find(name)).isEmpty();
      assertThat(Charsets.decode("ä".getBytes(StandardCharsets.UTF_8), name)).isEqualTo("ä");
      assertThat(Charsets.decode(new byte[] {(byte) 0xe4}, name)).isEqualTo("ä");
    }
  }

  @Test
  void mislabelledOctetsAreGuessed() {
    byte[] utf8 = "Größe".getBytes(StandardCharsets.UTF_8);
    byte[] latin1 = "Größe".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(Charsets.decode(utf8, "us-ascii")).isEqualTo("Größe");
    assertThat(Charsets.decode(latin1, "us-ascii")).isEqualTo("Größe");
    assertThat(Charsets.decode(latin1, "utf-8")).isEqualTo("Größe");
    byte[] cut = Arrays.copyOf("日本語".getBytes(StandardCharsets.UTF_8), 8);
    assertThat(Charsets.decode(cut, "utf-8")).startsWith("日本");
  }

  @Test
  void utf7IsRead() {
    Charset utf7 = Charsets.find("utf-7").orElseThrow();
    assertThat(decode(utf7, "A+ImIDkQ.")).isEqualTo("A≢Α.");
    assertThat(decode(utf7, "Hi Mom +Jjo-!")).isEqualTo("Hi Mom ☺!");
    assertThat(decode(utf7, "+ZeVnLIqe-")).isEqualTo("日本語");
    assertThat(decode(utf7, "1 +- 1")).isEqualTo("1 + 1");
    assertThat(decode(utf7, "+2D3eTw-")).isEqualTo("\uD83D\uDE4F");
  }

  private static String decode(Charset charset, String octets) {
    return new String(Corpus.octets(octets), charset);
  }

  /// RFC 2231 and RFC 2047 words where they are not allowed.
  @Test
  void fileNamesAreReadInAllTheirForms() {
    MimePart part = Corpus.sample("legacy-rfc2231-names").structure();
    assertThat(part.children().stream().map(ParameterText::filename))
        .containsExactly(
            Optional.of("Mühle.txt"), Optional.of("Mühle.txt"), Optional.of("a-b.txt"));
    assertThat(ParameterText.find(part.children().getFirst().parameters(), "name"))
        .contains("Zwölf Säcke.txt");
    assertThat(ParameterText.find(List.of(new Parameter("name", "M\u00fchle")), "name"))
        .contains("Mühle");
    assertThat(ParameterText.find(List.of(new Parameter("name*", "no-charset%20%zz%")), "name"))
        .contains("no-charset %zz%");
    assertThat(ParameterText.find(List.of(), "name")).isEmpty();
  }

  @Test
  void headerFieldsAreFoundInAnyCaseAndUnfolded() {
    ByteBuffer message =
        ByteBuffer.wrap(
            Corpus.octets(
                "From x\r\nA: one\r\n two\r\nnonsense\r\nb : three\r\na:four\r\n\r\nA: body\r\n"));
    HeaderFields fields = HeaderFields.of(message, MessageScanner.scan(message));
    assertThat(fields.find("a")).contains("one two");
    assertThat(fields.findAll("A")).containsExactly("one two", "four");
    assertThat(fields.find("B")).contains("three");
    assertThat(fields.find("nonsense")).isEmpty();
    assertThat(fields).extracting(HeaderFields.Field::name).containsExactly("A", "b", "a");
    HeaderFields.Field first = fields.iterator().next();
    assertThat(new String(fields.raw(first), StandardCharsets.US_ASCII))
        .isEqualTo("A: one\r\n two\r\n");
    assertThat(first.start()).isEqualTo(8);
  }
}
