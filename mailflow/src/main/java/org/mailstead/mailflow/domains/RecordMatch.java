package org.mailstead.mailflow.domains;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mailstead.core.directory.MailDomainRecord;
import org.mailstead.core.domains.RecordFinding;

/// Compares what a domain publishes with what it should. Records that others may share, SPF and
/// DMARC, need not be the same to the letter: they must have the effect that was wanted
/// (docs/decisions/0054-record-matching.md).
final class RecordMatch {
  private static final Pattern SPACE = Pattern.compile("\\s+");
  private static final Pattern ALL = Pattern.compile("(?i)[-+~?]?all");
  private static final Pattern POLICY = Pattern.compile("(?i)[;\\s]p\\s*=\\s*([a-z]+)");
  private static final Pattern DKIM_KEY = Pattern.compile("(?i)(?:^|;)\\s*p\\s*=([^;]*)");
  private static final String SPF = "v=spf1";
  private static final String DMARC = "v=dmarc1";
  private static final String SEPARATOR = " | ";

  /// Name servers give records in any order; what is said of them keeps one.
  private static final Comparator<String> ORDER =
      Comparator.comparingInt(RecordMatch::preference).thenComparing(Comparator.naturalOrder());

  private RecordMatch() {}

  /// @param values the records at the name, one at least
  static RecordFinding compare(MailDomainRecord wanted, List<String> values) {
    List<String> found = values.stream().sorted(ORDER).toList();
    return switch (wanted.purpose()) {
      case OWNERSHIP -> ownership(wanted, found);
      case MX -> mx(wanted, found);
      case AUTODISCOVER -> alias(wanted, found);
      case DKIM ->
          switch (wanted.type()) {
            case CNAME -> alias(wanted, found);
            case TXT -> key(wanted, found);
            case MX -> throw new IllegalArgumentException("a DKIM key is no MX record");
          };
      case SPF -> spf(wanted, found);
      case DMARC -> dmarc(found);
    };
  }

  /// A name may have several texts: other regions' or other services' values do no harm.
  private static RecordFinding ownership(MailDomainRecord wanted, List<String> found) {
    for (String value : found) {
      if (unquoted(value).equals(wanted.value())) return RecordFinding.matched(value);
    }
    return RecordFinding.different(
        joined(found),
        "Other text is there. Add this value beside it: a TXT record may have several.");
  }

  private static RecordFinding mx(MailDomainRecord wanted, List<String> found) {
    String host = wanted.value().substring(wanted.value().indexOf(' ') + 1);
    int ours = Integer.MAX_VALUE;
    int others = Integer.MAX_VALUE;
    for (String value : found) {
      int preference = preference(value);
      if (isName(value.substring(value.indexOf(' ') + 1), host)) {
        ours = Math.min(ours, preference);
      } else {
        others = Math.min(others, preference);
      }
    }
    if (ours < others) {
      RecordFinding matched = RecordFinding.matched(joined(found));
      return others == Integer.MAX_VALUE
          ? matched
          : matched.withHint(
              "Another server takes mail while this one is away; see that it hands it on.");
    }
    String hint =
        ours < Integer.MAX_VALUE
            ? "Other servers come first or share the mail. Give them a larger number than "
                + ours
                + ", or remove them."
            : appended(found.getFirst(), host, wanted)
                .orElse("Mail goes to another server. Change this once users have moved.");
    return RecordFinding.different(joined(found), hint);
  }

  /// Of an MX record; 0 for others.
  private static int preference(String value) {
    int end = value.indexOf(' ');
    return end > 0 && value.chars().limit(end).allMatch(c -> c >= '0' && c <= '9')
        ? Integer.parseInt(value, 0, Math.min(end, 5), 10)
        : 0;
  }

  private static RecordFinding alias(MailDomainRecord wanted, List<String> found) {
    if (found.size() == 1 && isName(found.getFirst(), wanted.value())) {
      return RecordFinding.matched(found.getFirst());
    }
    return RecordFinding.different(
        joined(found),
        appended(found.getFirst(), wanted.value(), wanted)
            .orElse("The alias leads elsewhere. Replace its value."));
  }

  /// A provider that takes the value for a part of the zone.
  private static Optional<String> appended(String found, String name, MailDomainRecord wanted) {
    String target = found.substring(found.indexOf(' ') + 1).toLowerCase(Locale.ROOT);
    String host = name.toLowerCase(Locale.ROOT);
    if (!target.startsWith(host + ".")
        || !wanted.hostname().endsWith(target.substring(host.length() + 1))) {
      return Optional.empty();
    }
    return Optional.of(
        "The provider appended the domain to the value. Enter it with a dot at the end: "
            + name
            + ".");
  }

  /// RFC 6376 §3.6.1: the key counts; other tags may be there.
  private static RecordFinding key(MailDomainRecord wanted, List<String> found) {
    if (found.size() == 1 && publicKey(found.getFirst()).equals(publicKey(wanted.value()))) {
      return RecordFinding.matched(found.getFirst());
    }
    return RecordFinding.different(
        joined(found),
        found.size() > 1
            ? "There are several texts at this name; leave only this one."
            : "It is not this key: replace the text. Long values may have been cut by the form.");
  }

  private static String publicKey(String record) {
    Matcher key = DKIM_KEY.matcher(record);
    return key.find() ? SPACE.matcher(key.group(1)).replaceAll("") : "";
  }

  private static RecordFinding spf(MailDomainRecord wanted, List<String> found) {
    List<String> records = found.stream().filter(value -> isVersion(value, SPF)).toList();
    if (records.isEmpty()) return RecordFinding.absent("There is other text here, but no SPF.");
    if (records.size() > 1) {
      // RFC 7208 §4.5: then checks end in permerror.
      return RecordFinding.different(
          joined(records), "A domain may have one SPF record only: merge them into one.");
    }
    String mechanism = SPACE.split(wanted.value())[1];
    String record = records.getFirst();
    for (String term : SPACE.split(record)) {
      if (ALL.matcher(term).matches()) {
        break; // RFC 7208 §5.1: what follows is never looked at.
      }
      String bare = term.startsWith("+") ? term.substring(1) : term;
      if (bare.equalsIgnoreCase(mechanism)) return RecordFinding.matched(record);
    }
    return RecordFinding.different(
        record,
        "Mail from this server is not allowed. Change it to: "
            + SPF
            + " "
            + mechanism
            + record.substring(SPF.length()));
  }

  private static RecordFinding dmarc(List<String> found) {
    List<String> records = found.stream().filter(value -> isVersion(value, DMARC)).toList();
    if (records.isEmpty()) return RecordFinding.absent("There is other text here, but no DMARC.");
    if (records.size() > 1) {
      return RecordFinding.different(
          joined(records), "Several DMARC records count as none: leave one.");
    }
    Matcher policy = POLICY.matcher(records.getFirst());
    String name = policy.find() ? policy.group(1).toLowerCase(Locale.ROOT) : "";
    if (name.equals("quarantine") || name.equals("reject")) {
      return RecordFinding.matched(records.getFirst());
    }
    return RecordFinding.different(
        records.getFirst(),
        "The policy asks receivers to do nothing. Use p=quarantine or p=reject once the reports"
            + " show that all your mail passes.");
  }

  /// The version and then its end, as `v=spf10` is another one.
  private static boolean isVersion(String record, String version) {
    String text = record.toLowerCase(Locale.ROOT);
    return text.startsWith(version)
        && (text.length() == version.length()
            || " ;\t".indexOf(text.charAt(version.length())) >= 0);
  }

  private static boolean isName(String one, String other) {
    return one.equalsIgnoreCase(other);
  }

  /// Some forms keep quotation marks as a part of the text.
  private static String unquoted(String text) {
    String bare = text.strip();
    return bare.length() > 1 && bare.startsWith("\"") && bare.endsWith("\"")
        ? bare.substring(1, bare.length() - 1)
        : bare;
  }

  private static String joined(List<String> values) {
    return String.join(
        SEPARATOR, Arrays.copyOf(values.toArray(String[]::new), Math.min(values.size(), 20)));
  }
}
