package org.mailstead.formats.sieve;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a script has required so far.
final class Capabilities {
  /// RFC 5228 §2.4.2.4.
  private static final Pattern ENCODED =
      Pattern.compile("\\$\\{(hex|unicode):([0-9A-Fa-f\\s]*)\\}", Pattern.CASE_INSENSITIVE);

  private final Set<Capability> required = EnumSet.noneOf(Capability.class);

  void require(String word, Place place) {
    Capability found =
        Capability.find(word)
            .orElseThrow(
                () -> place.malformed("the extension \"" + shown(word) + "\" is not supported"));
    required.add(found);
  }

  boolean has(Capability capability) {
    return required.contains(capability);
  }

  void need(Capability capability, String what, Place place) {
    if (!has(capability)) {
      throw place.malformed(what + " needs require \"" + capability.word() + "\"");
    }
  }

  private static String shown(String word) {
    String clean = word.replaceAll("[^ -~]", "?");
    return clean.length() > 60 ? clean.substring(0, 60) + "..." : clean;
  }

  String decode(String text, Place place) {
    if (!has(Capability.ENCODED_CHARACTER) || !text.contains("${")) return text;
    Matcher matcher = ENCODED.matcher(text);
    var out = new StringBuilder();
    while (matcher.find()) {
      String digits = matcher.group(2).strip();
      boolean hex = matcher.group(1).toLowerCase(Locale.ROOT).equals("hex");
      String decoded =
          digits.isEmpty()
              ? matcher.group()
              : hex ? octets(digits, matcher.group(), place) : points(digits, place);
      matcher.appendReplacement(out, Matcher.quoteReplacement(decoded));
    }
    matcher.appendTail(out);
    return out.toString();
  }

  private static String octets(String digits, String whole, Place place) {
    String[] pairs = digits.split("\\s+");
    byte[] octets = new byte[pairs.length];
    for (int i = 0; i < pairs.length; i++) {
      // What is not of the form stands for itself.
      if (pairs[i].length() > 2) return whole;
      octets[i] = (byte) Integer.parseInt(pairs[i], 16);
      if (octets[i] == 0) throw place.malformed("an encoded NUL");
    }
    return new String(octets, java.nio.charset.StandardCharsets.UTF_8);
  }

  private static String points(String digits, Place place) {
    var out = new StringBuilder();
    for (String each : digits.split("\\s+")) {
      String short_ = each.replaceFirst("^0+(?=.)", "");
      int point = short_.length() > 6 ? -1 : Integer.parseInt(short_, 16);
      if (point <= 0 || point > Character.MAX_CODE_POINT || (point >= 0xD800 && point <= 0xDFFF)) {
        throw place.malformed("an encoded character that is none in Unicode");
      }
      out.appendCodePoint(point);
    }
    return out.toString();
  }
}
