package org.mailstead.interop;

import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.RootDSE;
import com.unboundid.util.StaticUtils;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.Optional;

/// Up to where a directory has been read, so that the next synchronization asks for what changed
/// since. Text form for storage: `usn <invocation> <number>` or `time <generalized time>`.
sealed interface ChangeMark {
  /// Changes after this mark, and some before it.
  Filter since();

  String text();

  /// Active Directory: numbers of updates, as one domain controller counts them (MS-ADTS
  /// §3.1.1.1.9). They mean nothing on another one, nor on this one after it was restored: then it
  /// has another invocation id.
  record Updates(String invocation, long number) implements ChangeMark {
    @Override
    public Filter since() {
      return Filter.createGreaterOrEqualFilter("uSNChanged", Long.toString(number + 1));
    }

    @Override
    public String text() {
      return "usn " + invocation + " " + number;
    }
  }

  /// Elsewhere: the newest modifyTimestamp (RFC 4512 §3.4.4) that was seen, by the server's clock.
  record Modified(Instant newest) implements ChangeMark {
    /// Entries of other providers arrive late with their own times.
    static final Duration OVERLAP = Duration.ofMinutes(10);

    @Override
    public Filter since() {
      return Filter.createGreaterOrEqualFilter(
          "modifyTimestamp", generalized(newest.minus(OVERLAP)));
    }

    @Override
    public String text() {
      return "time " + generalized(newest);
    }

    private static String generalized(Instant time) {
      // Without fractions: every server has at least this precision.
      return StaticUtils.encodeGeneralizedTime(Date.from(time)).replaceAll("\\.\\d+Z$", "Z");
    }
  }

  static Optional<ChangeMark> parse(String text) {
    String[] words = text.split(" ");
    if (words.length == 3 && words[0].equals("usn")) {
      return Optional.of(new Updates(words[1], Long.parseLong(words[2])));
    }
    if (words.length == 2 && words[0].equals("time")) return time(words[1]).map(Modified::new);
    return Optional.empty();
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(StaticUtils.decodeGeneralizedTime(text).toInstant());
    } catch (ParseException e) {
      return Optional.empty();
    }
  }

  /// When an entry was last modified, if the server says so.
  static Optional<Instant> modified(Entry entry) {
    String value = entry.getAttributeValue("modifyTimestamp");
    return value == null ? Optional.empty() : time(value);
  }

  /// What the domain controller counts now: taken before anything is read, so that what changes
  /// meanwhile is read again.
  static Optional<ChangeMark> ofActiveDirectory(RootDSE root, EntrySearch search) {
    Long highest = root.getAttributeValueAsLong("highestCommittedUSN");
    String service = root.getAttributeValue("dsServiceName");
    if (highest == null || service == null) return Optional.empty();
    return search
        .read(service, Filter.createPresenceFilter("objectClass"), "invocationId")
        .flatMap(entry -> Optional.ofNullable(entry.getAttributeValueBytes("invocationId")))
        .map(octets -> new Updates(HexFormat.of().formatHex(octets), highest));
  }
}
