package org.mailstead.imap.wire;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import org.mailstead.base.MalformedException;

/// `date` and `date-time` of the grammar.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9051 RFC 9051 §9
public final class ImapDates {
  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
  private static final byte[] MONTH_NAMES =
      "JanFebMarAprMayJunJulAugSepOctNovDec".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  /// Length of a `date-time` with its quotes.
  public static final int DATE_TIME_BYTES = 28;

  private ImapDates() {}

  /// `1-Feb-1994` or `01-Feb-1994`.
  public static LocalDate parseDate(String text) {
    String[] parts = text.split("-", -1);
    if (parts.length != 3) throw new MalformedException("not a date");
    try {
      return LocalDate.of(digits(parts[2], 4, 4), month(parts[1]), digits(parts[0].strip(), 1, 2));
    } catch (DateTimeException e) {
      throw new MalformedException("no such date");
    }
  }

  /// `17-Jul-1996 02:44:25 -0700`, the day perhaps with a leading space.
  public static Instant parseDateTime(String text) {
    String[] parts = text.strip().split(" ", -1);
    if (parts.length != 3) throw new MalformedException("not a date-time");
    LocalDate date = parseDate(parts[0]);
    String[] time = parts[1].split(":", -1);
    String zone = parts[2];
    if (time.length != 3 || zone.length() != 5) throw new MalformedException("not a date-time");
    int sign =
        switch (zone.charAt(0)) {
          case '+' -> 1;
          case '-' -> -1;
          default -> throw new MalformedException("not a zone");
        };
    try {
      int second = Math.min(59, digits(time[2], 2, 2));
      LocalTime clock = LocalTime.of(digits(time[0], 2, 2), digits(time[1], 2, 2), second);
      int hours = digits(zone.substring(1, 3), 2, 2);
      int minutes = digits(zone.substring(3), 2, 2);
      if (hours > 23 || minutes > 59) throw new MalformedException("no such zone");
      long local = date.toEpochDay() * 86_400L + clock.toSecondOfDay();
      return Instant.ofEpochSecond(local - sign * (hours * 3600L + minutes * 60L));
    } catch (DateTimeException e) {
      throw new MalformedException("no such time");
    }
  }

  /// Writes `"17-Jul-1996 02:44:25 +0000"` without allocating.
  static int writeDateTime(long epochSeconds, byte[] target, int offset) {
    long days = Math.floorDiv(epochSeconds, 86_400L);
    int seconds = (int) Math.floorMod(epochSeconds, 86_400L);
    // Days to civil date, after Howard Hinnant's public-domain algorithm.
    long z = days + 719_468;
    long era = Math.floorDiv(z, 146_097L);
    int dayOfEra = (int) (z - era * 146_097);
    int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
    int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int shifted = (5 * dayOfYear + 2) / 153;
    int day = dayOfYear - (153 * shifted + 2) / 5 + 1;
    int month = shifted < 10 ? shifted + 2 : shifted - 10;
    int year = Math.clamp(yearOfEra + era * 400 + (month <= 1 ? 1 : 0), 0, 9999);
    int at = offset;
    target[at++] = '"';
    target[at++] = day < 10 ? (byte) ' ' : (byte) ('0' + day / 10);
    target[at++] = (byte) ('0' + day % 10);
    target[at++] = '-';
    for (int i = 0; i < 3; i++) target[at++] = MONTH_NAMES[month * 3 + i];
    target[at++] = '-';
    at = two(year / 100, target, at);
    at = two(year % 100, target, at);
    target[at++] = ' ';
    at = two(seconds / 3600, target, at);
    target[at++] = ':';
    at = two(seconds / 60 % 60, target, at);
    target[at++] = ':';
    at = two(seconds % 60, target, at);
    target[at++] = ' ';
    target[at++] = '+';
    for (int i = 0; i < 4; i++) target[at++] = '0';
    target[at++] = '"';
    return at;
  }

  /// The date-time with its quotes.
  public static String format(Instant instant) {
    byte[] bytes = new byte[DATE_TIME_BYTES];
    writeDateTime(instant.getEpochSecond(), bytes, 0);
    return new String(bytes, java.nio.charset.StandardCharsets.US_ASCII);
  }

  /// `1-Feb-1994`.
  public static String format(LocalDate date) {
    String month = MONTHS.get(date.getMonthValue() - 1);
    return date.getDayOfMonth()
        + "-"
        + Character.toUpperCase(month.charAt(0))
        + month.substring(1)
        + "-"
        + String.format(Locale.ROOT, "%04d", date.getYear());
  }

  /// Midnight of the date in UTC, as INTERNALDATE is compared.
  public static long startSeconds(LocalDate date) {
    return date.atStartOfDay().toEpochSecond(ZoneOffset.UTC);
  }

  private static int two(int value, byte[] target, int at) {
    target[at] = (byte) ('0' + value / 10);
    target[at + 1] = (byte) ('0' + value % 10);
    return at + 2;
  }

  private static int month(String name) {
    int index = MONTHS.indexOf(name.toLowerCase(Locale.ROOT));
    if (index < 0) throw new MalformedException("no such month");
    return index + 1;
  }

  private static int digits(String text, int min, int max) {
    if (text.length() < min || text.length() > max) throw new MalformedException("not a date");
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') throw new MalformedException("not a date");
      value = value * 10 + c - '0';
    }
    return value;
  }
}
