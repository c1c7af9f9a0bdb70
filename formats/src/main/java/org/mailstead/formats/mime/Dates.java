package org.mailstead.formats.mime;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Dates of header fields: RFC 5322 §3.3, the obsolete forms of §4.3, and what occurs in practice:
/// C's asctime, ISO 8601, dashes between day, month and year, AM and PM, dots in the time, zone
/// names.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5322 RFC 5322 §3.3
public final class Dates {
  /// Longer values are no dates.
  private static final int LENGTH_MAX = 200;

  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

  private Dates() {}

  /// The moment with its offset; UTC where the zone is absent, `-0000` or unknown (RFC 5322 §4.3).
  public static Optional<OffsetDateTime> parse(String raw) {
    if (raw.length() > LENGTH_MAX) return Optional.empty();
    String text = StructuredValue.withoutComments(raw).strip();
    if (text.isEmpty()) return Optional.empty();
    // RFC 5322 §4.3 obs-hour: white space around the colons.
    if (text.contains(" :") || text.contains(": ")) text = text.replaceAll("\\s*:\\s*", ":");
    try {
      if (Character.isDigit(text.charAt(0)) && text.length() > 10 && text.charAt(4) == '-') {
        return Optional.of(iso(text));
      }
      return new Fields(text).toDate();
    } catch (DateTimeException | NumberFormatException _) {
      return Optional.empty();
    }
  }

  private static OffsetDateTime iso(String text) throws DateTimeParseException {
    String normal = text.replaceFirst("^(\\d{4}-\\d\\d-\\d\\d)[ tT]+", "$1T").replace(" ", "");
    if (normal.matches(".*[+-]\\d{4}")) {
      int minutes = normal.length() - 2;
      normal = normal.substring(0, minutes) + ":" + normal.substring(minutes);
    }
    boolean zoned = normal.matches(".*T.*([zZ]|[+-]\\d\\d:\\d\\d)");
    return OffsetDateTime.parse(zoned ? normal : normal + "Z");
  }

  /// The fields of a date in whatever order they come: a name is a month, a weekday or a zone; a
  /// number with colons is the time; the first plain number is the day unless it has four digits.
  private static final class Fields {
    private int day = -1;
    private int month = -1;
    private int year = -1;
    private int hour;
    private int minute;
    private int second;
    private boolean timeSeen;
    private ZoneOffset offset = ZoneOffset.UTC;

    Fields(String text) {
      for (String token : tokens(text)) take(token);
    }

    /// Words and numbers; a sign begins a word only after the time, before it is a separator.
    private static List<String> tokens(String text) {
      var tokens = new ArrayList<String>(8);
      int at = 0;
      boolean time = false;
      while (at < text.length()) {
        char c = text.charAt(at);
        boolean sign = time && (c == '+' || c == '-');
        if (!Character.isLetterOrDigit(c) && !sign) {
          at++;
          continue;
        }
        int start = at++;
        boolean digits = sign || Character.isDigit(c);
        while (at < text.length()) {
          char next = text.charAt(at);
          if (digits ? !Character.isDigit(next) && next != ':' : !Character.isLetter(next)) {
            boolean dotted =
                digits
                    && !sign
                    && next == '.'
                    && at + 1 < text.length()
                    && tokens.size() >= 3
                    && Character.isDigit(text.charAt(at + 1));
            if (!dotted) break;
          }
          at++;
        }
        String token = text.substring(start, at);
        time |= !sign && digits && (token.indexOf(':') > 0 || token.indexOf('.') > 0);
        tokens.add(token);
      }
      return tokens;
    }

    private void take(String token) {
      char first = token.charAt(0);
      if (first == '+' || first == '-') {
        offset = offset(token);
      } else if (Character.isDigit(first)) {
        if (token.indexOf(':') > 0 || token.indexOf('.') > 0) time(token);
        else number(token);
      } else {
        name(token.toLowerCase(Locale.ROOT));
      }
    }

    private void number(String token) {
      int number = Integer.parseInt(token);
      if (day < 0 && token.length() <= 2) day = number;
      else if (year < 0) year = fullYear(number, token.length());
    }

    private void time(String token) {
      if (timeSeen) return;
      timeSeen = true;
      String[] parts = token.split("[:.]");
      hour = Integer.parseInt(parts[0]);
      minute = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
      // A leap second is shown as the second before it.
      second = parts.length > 2 ? Math.min(Integer.parseInt(parts[2]), 59) : 0;
    }

    private void name(String name) {
      if (name.equals("pm") && hour < 12) {
        hour += 12;
      } else if (name.equals("am") && hour == 12) {
        hour = 0;
      } else if (timeSeen && zoneHours(name) != 0) {
        offset = ZoneOffset.ofHours(zoneHours(name));
      } else if (month < 0 && name.length() >= 3) {
        int found = MONTHS.indexOf(name.substring(0, 3));
        if (found >= 0) month = found + 1;
      }
    }

    Optional<OffsetDateTime> toDate() {
      if (day < 0 || month < 0 || year < 0) return Optional.empty();
      return Optional.of(OffsetDateTime.of(year, month, day, hour, minute, second, 0, offset));
    }

    /// RFC 5322 §4.3: two digits up to 49 are 20xx, other two and all three digits are from 1900.
    private static int fullYear(int number, int digits) {
      if (digits == 2) return number < 50 ? 2000 + number : 1900 + number;
      return digits == 3 ? 1900 + number : number;
    }

    private static ZoneOffset offset(String token) {
      String digits = token.substring(1).replace(":", "");
      if (digits.isEmpty() || digits.length() > 4) return ZoneOffset.UTC;
      int number = Integer.parseInt(digits);
      int hours = digits.length() <= 2 ? number : number / 100;
      int minutes = digits.length() <= 2 ? 0 : number % 100;
      if (hours > 18 || minutes > 59 || (hours == 18 && minutes > 0)) return ZoneOffset.UTC;
      int sign = token.charAt(0) == '-' ? -1 : 1;
      return ZoneOffset.ofTotalSeconds(sign * (hours * 3600 + minutes * 60));
    }

    /// RFC 5322 §4.3; military letters mean nothing reliable and are UTC.
    private static int zoneHours(String name) {
      return switch (name) {
        case "est" -> -5;
        case "edt" -> -4;
        case "cst" -> -6;
        case "cdt" -> -5;
        case "mst" -> -7;
        case "mdt" -> -6;
        case "pst" -> -8;
        case "pdt" -> -7;
        case "cet", "met", "bst" -> 1;
        case "cest", "mest", "eet" -> 2;
        case "eest", "msk" -> 3;
        case "jst", "kst" -> 9;
        default -> 0;
      };
    }
  }
}
