package org.mailstead.formats.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// RFC 2047, RFC 6532 and what occurs instead.
class HeaderTextTest {
  /// The examples of RFC 2047 §8, and broken ones.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "=?ISO-8859-1?Q?a?= | a",
        "=?ISO-8859-1?Q?a?= b | a b",
        "=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?= | ab",
        "=?ISO-8859-1?Q?a?=    =?ISO-8859-1?Q?b?= | ab",
        "=?ISO-8859-1?Q?a_b?= | a b",
        "=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?= | a b",
        "=?US-ASCII*EN?Q?Keith_Moore?= | Keith Moore",
        "=?utf-8?b?w6Q=?= | ä",
        "=?UTF-8?B?w6Q?= | ä",
        "=?utf-8?Q?=C3=a4?= | ä",
        "=?utf-8?Q?=C3?= =?utf-8?Q?=A4?= | ä",
        "=?utf-8?B?ww==?= =?utf-8?B?pA==?= | ä",
        "=?utf-8?Q?=C3?==?utf-8?Q?=A4?= | ä",
        "=?utf-8?q?a b?=x | a bx",
        "x=?utf-8?q?y?= | xy",
        "=?utf-8?Q?open | =?utf-8?Q?open",
        "=?utf-8?X?bad?= | =?utf-8?X?bad?=",
        "=??Q?bad?= | =??Q?bad?=",
        "=?utf-8?Q?100=_=G1?= | 100= =G1",
        "=?x-unheard-of?Q?=C3=A4?= | ä",
        "=?iso-8859-1?Q?=80?= | €",
        "=?utf-8?Q?=E4?= | ä",
        "=?us-ascii?Q?=C3=A4?= | ä",
        "=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?= | 日本",
        "=?gb2312?B?yNWxvg==?= | 日本",
        "=?utf-7?Q?Gr+APwA3w-?= | Grüß",
        "plain = text ? =? | plain = text ? =?"
      })
  void encodedWordsAreRead(String raw, String expected) {
    assertThat(HeaderText.decode(raw)).isEqualTo(expected);
  }

  @Test
  void rawOctetsAreUtf8OrWindows1252OrWhatTheCallerSays() {
    assertThat(HeaderText.decode("Gr\u00c3\u00bc\u00c3\u009fe")).isEqualTo("Grüße");
    assertThat(HeaderText.decode("Gr\u00fc\u00dfe \u0080")).isEqualTo("Grüße €");
    assertThat(HeaderText.decode("\u00c4\u00e4", Charset.forName("KOI8-R"))).isEqualTo("дД");
    assertThat(HeaderText.decode("Gr\u00fc =?utf-8?Q?=C3=9F?=")).isEqualTo("Grü ß");
  }

  @Test
  void foldingGoesAndTextThatIsUnicodeStays() {
    assertThat(HeaderText.decode("a\r\n b")).isEqualTo("a b");
    assertThat(HeaderText.decode("=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=")).isEqualTo("ab");
    assertThat(HeaderText.decode("日本")).isEqualTo("日本");
    assertThat(HeaderText.decode("=?utf-8?Q?a=0D=0AX:_y?=")).isEqualTo("a X: y");
  }

  @Test
  void theCorpusReadsAsWritten() {
    assertThat(subject("legacy-split-encoded-words")).isEqualTo("Zwölf Säcke und mehr");
    assertThat(subject("legacy-koi8-r")).isEqualTo("Двенадцать мешков овса");
    assertThat(subject("legacy-iso-2022-jp")).isEqualTo("麦の袋");
    assertThat(subject("legacy-shift-jis")).isEqualTo("麦の袋①");
    assertThat(subject("legacy-ks-c-5601")).isEqualTo("귀리 열두 자루 똠");
    assertThat(subject("legacy-gb2312")).isEqualTo("燕麦十二袋镕");
    assertThat(subject("legacy-utf-7")).isEqualTo("Zwölf Säcke + Mühle");
    assertThat(subject("legacy-iso-8859-8-i")).isEqualTo("שיבולת שועל");
    assertThat(subject("legacy-8bit-headers-latin1")).isEqualTo("Säcke");
    assertThat(subject("legacy-8bit-headers-utf8")).isEqualTo("Zwölf Säcke 燕麦");
  }

  private static String subject(String name) {
    return HeaderText.decode(
        Corpus.sample(name).structure().envelope().orElseThrow().subject().orElseThrow());
  }

  @Test
  void veryLongRunsOfOpenWordsAreReadInTime() {
    String raw = "=?".repeat(30_000);
    assertThat(HeaderText.decode(raw)).isEqualTo(raw);
    String words = "=?utf-8?Q?a?= ".repeat(5_000);
    assertThat(HeaderText.decode(words)).hasSize(5_001);
  }
}
