package org.mailstead.migration.files;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.mailstead.migration.item.ItemSummary;

/// What we write in front of a message in an mbox: a line of our own that makes the message come
/// back to the octet, and the fields by which mail programs keep flags.
///
/// `X-Mailstead-Item: <id> octets=<length> crc=<CRC-32C> lines=<crlf|raw> after=<offset>
/// received=<time>`
///
/// @param id the item's
/// @param octets of the message as it was given
/// @param crc CRC-32C of them
/// @param raw whether its line ends stand as they were; otherwise each LF here is a CRLF there
/// @param after octets of the file that were durable when this was written
/// @param received [ItemSummary#NO_DATE] if there is none
record MboxStamp(String id, long octets, int crc, boolean raw, long after, Instant received) {
  static final String FIELD = "X-Mailstead-Item: ";

  /// Short lists of keywords can be exchanged in place.
  private static final int KEYWORDS_WIDTH = 60;

  /// Fields that follow ours, in this order.
  static final List<String> FLAG_FIELDS =
      List.of("Status: ", "X-Status: ", "X-Mozilla-Status: ", "X-Keywords: ");

  private static final DateTimeFormatter ASCTIME =
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /// The `From ` line and ours.
  byte[] head() {
    StringBuilder line = new StringBuilder("From MAILER-DAEMON ");
    line.append(ASCTIME.format(received)).append('\n').append(FIELD).append(id);
    line.append(" octets=").append(octets).append(" crc=").append("%08x".formatted(crc));
    line.append(" lines=").append(raw ? "raw" : "crlf").append(" after=").append(after);
    if (!received.equals(ItemSummary.NO_DATE)) line.append(" received=").append(received);
    return line.append('\n').toString().getBytes(StandardCharsets.US_ASCII);
  }

  /// Empty: not our line, or damaged.
  static Optional<MboxStamp> parse(String line) {
    if (!line.startsWith(FIELD)) return Optional.empty();
    String[] words = line.substring(FIELD.length()).strip().split(" ", -1);
    Map<String, String> values = new HashMap<>();
    for (int i = 1; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      if (equals > 0) values.put(words[i].substring(0, equals), words[i].substring(equals + 1));
    }
    try {
      String received = values.getOrDefault("received", "");
      return Optional.of(
          new MboxStamp(
              words[0],
              Long.parseLong(values.getOrDefault("octets", "")),
              Integer.parseUnsignedInt(values.getOrDefault("crc", ""), 16),
              values.getOrDefault("lines", "").equals("raw"),
              Long.parseLong(values.getOrDefault("after", "")),
              received.isEmpty() ? ItemSummary.NO_DATE : Instant.parse(received)));
    } catch (NumberFormatException | DateTimeException e) {
      return Optional.empty();
    }
  }

  /// The fields for flags, of fixed width as far as that goes: as mutt and UW-IMAP (Status,
  /// X-Status), Thunderbird (X-Mozilla-Status) and Dovecot (X-Keywords) write them.
  static byte[] flagFields(Set<String> flags) {
    StringBuilder status = new StringBuilder();
    if (flags.contains("\\Seen")) status.append('R');
    // Old: no program shows it as just arrived.
    status.append('O');
    StringBuilder more = new StringBuilder();
    int mozilla = flags.contains("\\Seen") ? 0x0001 : 0;
    if (flags.contains("\\Answered")) {
      more.append('A');
      mozilla |= 0x0002;
    }
    if (flags.contains("\\Flagged")) {
      more.append('F');
      mozilla |= 0x0004;
    }
    if (flags.contains("\\Draft")) more.append('T');
    // Not Mozilla's 0x0008: what has it is dropped by the next compaction.
    if (flags.contains("\\Deleted")) more.append('D');
    if (flags.contains("$Forwarded")) mozilla |= 0x1000;
    TreeSet<String> keywords = new TreeSet<>();
    for (String flag : flags) if (isKeyword(flag)) keywords.add(flag);
    String words = String.join(" ", keywords);
    int width = KEYWORDS_WIDTH;
    while (width < words.getBytes(StandardCharsets.UTF_8).length) width += KEYWORDS_WIDTH;
    int padding = width - words.getBytes(StandardCharsets.UTF_8).length;
    return (FLAG_FIELDS.get(0)
            + padded(status, 2)
            + FLAG_FIELDS.get(1)
            + padded(more, 4)
            + FLAG_FIELDS.get(2)
            + "%04x\n".formatted(mozilla)
            + FLAG_FIELDS.get(3)
            + words
            + " ".repeat(padding)
            + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String padded(CharSequence text, int width) {
    return text + " ".repeat(width - text.length()) + "\n";
  }

  /// Whether a flag can stand in X-Keywords.
  static boolean isKeyword(String flag) {
    return !flag.isEmpty()
        && !flag.startsWith("\\")
        && flag.length() <= 200
        && flag.chars().noneMatch(c -> c <= ' ' || c == 0x7F);
  }

  /// Adds the flags that a header field tells, whoever wrote it.
  static void readFlags(String line, Set<String> flags) {
    int colon = line.indexOf(':');
    if (colon < 0) return;
    String value = line.substring(colon + 1);
    switch (line.substring(0, colon).toLowerCase(Locale.ROOT)) {
      case "status", "x-status" -> {
        for (int i = 0; i < value.length(); i++) {
          switch (value.charAt(i)) {
            case 'R' -> flags.add("\\Seen");
            case 'A' -> flags.add("\\Answered");
            case 'F' -> flags.add("\\Flagged");
            case 'T' -> flags.add("\\Draft");
            case 'D' -> flags.add("\\Deleted");
            default -> {}
          }
        }
      }
      case "x-mozilla-status" -> {
        int bits = hexadecimal(value.strip());
        if ((bits & 0x0001) != 0) flags.add("\\Seen");
        if ((bits & 0x0002) != 0) flags.add("\\Answered");
        if ((bits & 0x0004) != 0) flags.add("\\Flagged");
        if ((bits & 0x0008) != 0) flags.add("\\Deleted");
        if ((bits & 0x1000) != 0) flags.add("$Forwarded");
      }
      case "x-keywords", "x-mozilla-keys" -> flags.addAll(words(value));
      default -> {}
    }
  }

  private static int hexadecimal(String text) {
    return text.matches("[0-9a-fA-F]{1,7}") ? Integer.parseInt(text, 16) : 0;
  }

  /// Lines are read octet by octet; keywords are UTF-8.
  private static List<String> words(String value) {
    List<String> words = new ArrayList<>();
    String text =
        new String(value.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8).strip();
    for (String word : text.split("[ ,\\t]+", -1)) if (isKeyword(word)) words.add(word);
    return words;
  }
}
