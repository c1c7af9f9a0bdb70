package org.mailstead.formats.sieve;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;

/// Parts of a date as strings.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5260#section-4.2 RFC 5260 §4.2
final class DateParts {
  private static final LocalDate MODIFIED_JULIAN_ZERO = LocalDate.of(1858, 11, 17);
  private static final DateTimeFormatter STANDARD =
      DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss xx", Locale.ROOT);

  private DateParts() {}

  static Optional<String> part(OffsetDateTime date, String part) {
    return switch (part.toLowerCase(Locale.ROOT)) {
      case "year" -> Optional.of(String.format("%04d", date.getYear()));
      case "month" -> Optional.of(two(date.getMonthValue()));
      case "day" -> Optional.of(two(date.getDayOfMonth()));
      case "date" -> Optional.of(date.toLocalDate().toString());
      case "julian" ->
          Optional.of(
              Long.toString(ChronoUnit.DAYS.between(MODIFIED_JULIAN_ZERO, date.toLocalDate())));
      case "hour" -> Optional.of(two(date.getHour()));
      case "minute" -> Optional.of(two(date.getMinute()));
      case "second" -> Optional.of(two(date.getSecond()));
      case "time" ->
          Optional.of(
              two(date.getHour()) + ":" + two(date.getMinute()) + ":" + two(date.getSecond()));
      case "iso8601" ->
          Optional.of(
              DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(date.truncatedTo(ChronoUnit.SECONDS)));
      case "std11" -> Optional.of(STANDARD.format(date));
      case "zone" -> Optional.of(DateTimeFormatter.ofPattern("xx", Locale.ROOT).format(date));
      case "weekday" -> Optional.of(Integer.toString(date.getDayOfWeek().getValue() % 7));
      default -> Optional.empty();
    };
  }

  /// @param text `+hhmm`
  static Optional<ZoneOffset> zone(String text) {
    if (!text.matches("[+-]\\d{4}")) return Optional.empty();
    try {
      return Optional.of(ZoneOffset.of(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static String two(int number) {
    return number < 10 ? "0" + number : Integer.toString(number);
  }
}
