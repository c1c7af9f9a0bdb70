package org.mailstead.mailflow;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Dates as RFC 5322 §3.3 has them.
final class DateText {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss xx", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private DateText() {}

  static String of(Instant time) {
    return FORMAT.format(time);
  }
}
