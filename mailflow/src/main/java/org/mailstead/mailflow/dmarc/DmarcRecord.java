package org.mailstead.mailflow.dmarc;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.mailflow.dkim.TagList;

/// A policy as published.
///
/// @param subdomains `sp`
/// @param nonexistent `np`
/// @param isPublicSuffix empty: the record does not say (`psd=u`)
/// @param reportsTo addresses of `rua` that are `mailto:`
/// @spec https://www.rfc-editor.org/rfc/rfc9989#section-4.7 RFC 9989 §4.7
public record DmarcRecord(
    DmarcPolicy policy,
    Optional<DmarcPolicy> subdomains,
    Optional<DmarcPolicy> nonexistent,
    boolean isStrictDkim,
    boolean isStrictSpf,
    boolean isTesting,
    Optional<Boolean> isPublicSuffix,
    List<EmailAddress> reportsTo) {
  public DmarcRecord {
    reportsTo = List.copyOf(reportsTo);
  }

  static boolean isPolicy(String txt) {
    if (!txt.startsWith("v=DMARC1")) return false;
    return txt.length() == 8 || " \t;".indexOf(txt.charAt(8)) >= 0;
  }

  /// Empty: there is nothing to go by in it.
  static Optional<DmarcRecord> parse(String txt) {
    TagList tags;
    try {
      tags = TagList.parse(txt);
    } catch (MalformedException e) {
      return Optional.empty();
    }
    List<EmailAddress> reportsTo = addresses(tags.findPacked("rua").orElse(""));
    Optional<DmarcPolicy> policy = tags.findPacked("p").flatMap(DmarcPolicy::find);
    boolean broken = policy.isEmpty() || isBroken(tags, "sp") || isBroken(tags, "np");
    // §4.7: a policy that cannot be read is one of monitoring, if reports are wanted at all.
    if (broken && reportsTo.isEmpty() && (policy.isPresent() || tags.find("p").isPresent())) {
      return Optional.empty();
    }
    if (broken) {
      return Optional.of(
          new DmarcRecord(
              DmarcPolicy.NONE,
              Optional.empty(),
              Optional.empty(),
              isStrict(tags, "adkim"),
              isStrict(tags, "aspf"),
              false,
              publicSuffix(tags),
              reportsTo));
    }
    return Optional.of(
        new DmarcRecord(
            policy.get(),
            tags.findPacked("sp").flatMap(DmarcPolicy::find),
            tags.findPacked("np").flatMap(DmarcPolicy::find),
            isStrict(tags, "adkim"),
            isStrict(tags, "aspf"),
            tags.findPacked("t").orElse("n").equalsIgnoreCase("y"),
            publicSuffix(tags),
            reportsTo));
  }

  private static boolean isBroken(TagList tags, String name) {
    return tags.findPacked(name).isPresent()
        && tags.findPacked(name).flatMap(DmarcPolicy::find).isEmpty();
  }

  private static boolean isStrict(TagList tags, String name) {
    return tags.findPacked(name).orElse("r").equalsIgnoreCase("s");
  }

  private static Optional<Boolean> publicSuffix(TagList tags) {
    return switch (tags.findPacked("psd").orElse("u").toLowerCase(Locale.ROOT)) {
      case "y" -> Optional.of(true);
      case "n" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  private static List<EmailAddress> addresses(String list) {
    List<EmailAddress> found = new ArrayList<>();
    for (String uri : list.split(",")) {
      if (!uri.regionMatches(true, 0, "mailto:", 0, 7)) continue;
      // Older records have a size after an exclamation mark (RFC 7489 §6.2).
      String address = uri.substring(7).split("[!?]", 2)[0];
      try {
        found.add(EmailAddress.parse(address.replace("%21", "!")));
      } catch (MalformedException e) {
        continue;
      }
      if (found.size() == DmarcLimits.REPORT_ADDRESSES_MAX) break;
    }
    return found;
  }

  /// What is asked for mail of a domain.
  ///
  /// @param isOwn whether the record is the domain's own and not its parent's
  /// @param exists whether the domain is in the DNS at all
  DmarcPolicy applicable(boolean isOwn, boolean exists) {
    DmarcPolicy asked = policy;
    if (!isOwn) {
      asked = subdomains.orElse(policy);
      if (!exists && nonexistent.isPresent()) asked = nonexistent.get();
    }
    return isTesting ? asked.milder() : asked;
  }
}
