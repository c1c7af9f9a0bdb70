package org.mailstead.formats.mime;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Charsets by the names that occur in mail, and text of octets whose charset is said, wrongly said
/// or not said.
///
/// Where a label is used in practice for a superset, the superset is found: ISO-8859-1 means
/// windows-1252, GB2312 means GB18030, Shift_JIS means windows-31j, KS_C_5601-1987 means
/// windows-949.
public final class Charsets {
  private static final int NAME_LENGTH_MAX = 60;

  private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

  /// Labels that say nothing: the octets are looked at.
  private static final Set<String> UNKNOWN =
      Set.of(
          "us-ascii",
          "ascii",
          "ansi_x3.4-1968",
          "iso-646",
          "iso646-us",
          "646",
          "unknown-8bit",
          "x-unknown",
          "unknown",
          "8bit",
          "7bit",
          "binary",
          "default",
          "none",
          "default_charset",
          "x-user-defined",
          "user-defined",
          "default-charset",
          "ansi");

  private static final Map<String, String> ALIASES = aliases();

  private Charsets() {}

  /// The charset to decode with; empty for a name that is unknown here.
  public static Optional<Charset> find(String name) {
    String key = key(name);
    if (key.equals("utf-8")) return Optional.of(StandardCharsets.UTF_8);
    if (key.isEmpty() || key.length() > NAME_LENGTH_MAX) return Optional.empty();
    if (key.equals("us-ascii") || key.equals("ascii"))
      return Optional.of(StandardCharsets.US_ASCII);
    String alias = ALIASES.get(key);
    if (alias != null && alias.equals("utf-7")) return Optional.of(Utf7.CHARSET);
    return forName(alias == null ? key : alias).or(() -> forName(key.replace('_', '-')));
  }

  /// Text of octets. Never fails: what does not fit the label is guessed as UTF-8 if it is valid,
  /// else as windows-1252.
  ///
  /// @param label a charset's name; empty for none
  public static String decode(byte[] octets, String label) {
    return decode(octets, label, WINDOWS_1252);
  }

  static String decode(byte[] octets, String label, Charset eightBit) {
    if (isAscii(octets) && !isStateful(label)) {
      return new String(octets, StandardCharsets.ISO_8859_1);
    }
    String key = key(label);
    if (key.isEmpty() || UNKNOWN.contains(key)) return guess(octets, eightBit);
    Optional<Charset> charset = find(key);
    if (charset.isEmpty()) return guess(octets, eightBit);
    if (charset.get().equals(StandardCharsets.UTF_8)) return utf8(octets, eightBit);
    String text = new String(octets, charset.get());
    // A single-byte label on what is plainly UTF-8 is common; the reverse reading is garbage.
    if (text.indexOf('\uFFFD') >= 0) {
      Optional<String> strict = strictUtf8(octets);
      if (strict.isPresent()) return strict.get();
    }
    return text;
  }

  /// UTF-8 if it is valid, else the other charset.
  static String guess(byte[] octets, Charset eightBit) {
    return strictUtf8(octets).orElseGet(() -> new String(octets, eightBit));
  }

  /// Octets that are said to be UTF-8. A few broken sequences among good ones stay UTF-8, so that a
  /// cut text keeps its rest; octets without any good sequence are something else.
  private static String utf8(byte[] octets, Charset eightBit) {
    String text = new String(octets, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') < 0) return text;
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 127 && text.charAt(i) != '\uFFFD') return text;
    }
    return eightBit.equals(StandardCharsets.UTF_8) ? text : new String(octets, eightBit);
  }

  private static Optional<String> strictUtf8(byte[] octets) {
    try {
      CharBuffer text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(octets));
      return Optional.of(text.toString());
    } catch (CharacterCodingException _) {
      return Optional.empty();
    }
  }

  static boolean isAscii(byte[] octets) {
    int or = 0;
    for (byte octet : octets) or |= octet;
    return or >= 0;
  }

  /// Charsets whose octets below 128 are not always ASCII: ISO-2022, HZ, UTF-7, UTF-16.
  private static boolean isStateful(String label) {
    if (label.isEmpty()) return false;
    String key = key(label);
    if (key.startsWith("utf-8") || key.startsWith("iso-8859") || key.startsWith("windows-")) {
      return false;
    }
    if (key.startsWith("us-ascii")) return false;
    return key.startsWith("iso-2022")
        || key.startsWith("csiso2022")
        || key.startsWith("hz")
        || key.contains("utf")
        || key.contains("ucs")
        || key.contains("10646")
        || key.contains("ebcdic")
        || key.contains("jis7")
        || key.startsWith("ibm")
        || key.startsWith("cp")
        || ALIASES.containsKey(key);
  }

  private static Optional<Charset> forName(String name) {
    try {
      return Charset.isSupported(name) ? Optional.of(Charset.forName(name)) : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static String key(String name) {
    if (name.equals("utf-8") || name.equals("UTF-8")) return "utf-8";
    String key = name.strip();
    int star = key.indexOf('*');
    if (star >= 0) key = key.substring(0, star);
    key = key.replace("\"", "").replace("'", "").strip();
    if (key.length() > NAME_LENGTH_MAX) return "";
    return key.toLowerCase(Locale.ROOT);
  }

  private static Map<String, String> aliases() {
    var map = new HashMap<String, String>();
    String[][] table = {
      {"utf-8", "utf8", "utf_8", "unicode-1-1-utf-8", "utf-8-sig", "x-utf-8", "utf8mb4", "unicode"},
      {"utf-7", "utf7", "unicode-1-1-utf-7", "unicode-2-0-utf-7", "csunicode11utf7", "x-utf-7"},
      {
        "windows-1252",
        "iso-8859-1",
        "iso8859-1",
        "iso_8859-1",
        "iso_8859-1:1987",
        "latin1",
        "latin-1",
        "l1",
        "8859-1",
        "iso-8859-1-windows-3.1-latin-1",
        "x-ansi",
        "cp-1252",
        "cp1252",
        "iso-8859-1-windows-3.0-latin-1",
        "iso 8859-1",
        "windows1252",
        "win-1252"
      },
      {"ISO-8859-2", "iso 8859-2", "latin2"},
      {"windows-1250", "cp-1250", "x-cp1250", "win-1250"},
      {"windows-1251", "cp-1251", "x-cp1251", "win-1251", "win1251", "windows1251"},
      {"windows-1254", "iso-8859-9", "latin5", "iso_8859-9"},
      {"ISO-8859-8", "iso-8859-8-i", "iso-8859-8-e", "logical", "visual", "iso8859-8-i"},
      {"ISO-8859-6", "iso-8859-6-i", "iso-8859-6-e"},
      {"x-windows-874", "tis-620", "tis620", "iso-8859-11", "windows-874"},
      {
        "x-windows-949",
        "ks_c_5601-1987",
        "ks_c_5601-1989",
        "ks_c_5601",
        "ksc5601",
        "ksc_5601",
        "ks-c-5601-1987",
        "korean",
        "euc-kr",
        "euc_kr",
        "cp949",
        "windows-949",
        "uhc",
        "iso-ir-149",
        "cseuckr",
        "ks_c-5601-1987"
      },
      {
        "windows-31j",
        "shift_jis",
        "shift-jis",
        "x-sjis",
        "sjis",
        "ms_kanji",
        "csshiftjis",
        "cp932",
        "ms932",
        "windows-932",
        "x-ms-cp932",
        "shift_jis-2004"
      },
      {
        "GB18030",
        "gb2312",
        "gb_2312-80",
        "gbk",
        "x-gbk",
        "cp936",
        "ms936",
        "windows-936",
        "euc-cn",
        "chinese",
        "gb2312-80",
        "csgb2312",
        "gb-2312",
        "gb_2312",
        "x-gb",
        "cn-gb",
        "hz-gb"
      },
      {
        "Big5-HKSCS",
        "big5",
        "big-5",
        "x-x-big5",
        "cn-big5",
        "csbig5",
        "big5_hkscs",
        "cp950",
        "windows-950"
      },
      {"EUC-JP", "x-euc-jp", "x-euc", "x-eucjp", "eucjp", "euc_jp"},
      {
        "x-windows-iso2022jp",
        "iso-2022-jp",
        "csiso2022jp",
        "iso-2022-jp-1",
        "iso-2022-jp-ms",
        "cp50220",
        "cp50221",
        "jis"
      },
      {"x-MacRoman", "macintosh", "mac", "x-mac-roman", "macroman", "csmacintosh", "x-macintosh"},
      {"x-MacCyrillic", "x-mac-cyrillic", "mac-cyrillic", "x-mac-ukrainian"},
      {"x-MacCentralEurope", "x-mac-ce", "x-mac-centraleurroman"},
      {"x-MacGreek", "x-mac-greek"},
      {"x-MacTurkish", "x-mac-turkish"},
      {"KOI8-U", "koi8-ru"},
      {"KOI8-R", "koi8", "koi", "koi8r", "koi-8-r"},
      {"IBM866", "cp-866", "dos-866", "866", "x-cp866"},
      {"IBM850", "cp-850", "dos-850"},
      {"UTF-16", "utf16", "ucs-2", "iso-10646-ucs-2", "csunicode"},
      {"UTF-16LE", "utf16le", "unicodelittle"},
      {"UTF-16BE", "utf16be", "unicodebig"},
      {"UTF-32", "utf32", "ucs-4", "iso-10646-ucs-4"},
    };
    for (String[] row : table) {
      map.put(row[0].toLowerCase(Locale.ROOT), row[0]);
      for (int i = 1; i < row.length; i++) map.put(row[i], row[0]);
    }
    return Map.copyOf(map);
  }
}
