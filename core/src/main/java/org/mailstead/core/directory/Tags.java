package org.mailstead.core.directory;

import static org.mailstead.core.directory.DirectoryRefusal.TOO_MANY_TAGS;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// Tags of organizations (WorkMail API, TagResource): texts that policies can refer to as
/// `aws:ResourceTag/<key>`. Keys differ by case, as everywhere in AWS; 50 tags at the most.
public final class Tags {
  public static final int COUNT_MAX = 50;

  private static final int FORMAT = 1;
  private static final int KEY_CHARS_MAX = 128;
  private static final int VALUE_CHARS_MAX = 256;

  /// Tagging API Reference, `Tag`: letters, spaces and numbers of every language, and `_.:/=+-@`.
  private static final Pattern TEXT = Pattern.compile("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*");

  private final OrganizationRecords records;

  Tags(OrganizationRecords records) {
    this.records = records;
  }

  /// In order of key.
  ///
  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND, ORGANIZATION_STATE
  public SortedMap<String, String> list(OrganizationId organization) {
    return read(records.all(organization, Kind.TAG));
  }

  /// The same for decisions about a call: an organization that is not there or does not serve has
  /// no tags. From memory.
  public SortedMap<String, String> of(OrganizationId organization) {
    try {
      return list(organization);
    } catch (DirectoryRefusedException e) {
      return Collections.emptySortedMap();
    }
  }

  /// Adds tags; one with a key that is there replaces it.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER (form, the prefix `aws:`), TOO_MANY_TAGS,
  ///   ORGANIZATION_NOT_FOUND, ORGANIZATION_STATE
  public void put(Change change, OrganizationId organization, Map<String, String> tags) {
    tags.forEach(Tags::check);
    records.change(
        change,
        organization,
        edit -> {
          SortedMap<String, String> all = new TreeMap<>(read(edit.all(Kind.TAG)));
          all.putAll(tags);
          if (all.size() > COUNT_MAX) {
            throw new DirectoryRefusedException(
                TOO_MANY_TAGS, "An organization has " + COUNT_MAX + " tags at the most.");
          }
          tags.forEach((key, value) ->
              edit.put(Kind.TAG, id(key), new ValueWriter(FORMAT).text(key).text(value).value()));
          return true;
        });
  }

  /// Removes tags; keys that are not there are no error.
  ///
  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND, ORGANIZATION_STATE
  public void remove(Change change, OrganizationId organization, Collection<String> keys) {
    records.change(
        change,
        organization,
        edit -> {
          for (String key : keys) edit.delete(Kind.TAG, id(key));
          return true;
        });
  }

  private static void check(String key, String value) {
    if (key.isBlank() || key.length() > KEY_CHARS_MAX || !TEXT.matcher(key).matches()) {
      throw Texts.invalid("A tag key is not valid.");
    }
    if (key.toLowerCase(Locale.ROOT).startsWith("aws:")) {
      throw Texts.invalid("Tag keys that begin with aws: are reserved.");
    }
    if (value.length() > VALUE_CHARS_MAX || !TEXT.matcher(value).matches()) {
      throw Texts.invalid("A tag value is not valid.");
    }
  }

  private static SortedMap<String, String> read(Map<String, byte[]> rows) {
    SortedMap<String, String> tags = new TreeMap<>();
    for (byte[] row : rows.values()) {
      var in = new ValueReader(row, FORMAT);
      tags.put(in.text(), in.text());
    }
    return tags;
  }

  /// A key may be longer than the id of a record.
  private static String id(String key) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(EntityRows.utf8(key)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  /// The organization that a resource ARN names; only organizations can be tagged.
  public static Optional<OrganizationId> organization(
      String arn, String region, AccountId account) {
    String prefix = "arn:aws:workmail:" + region + ":" + account + ":organization/";
    if (!arn.startsWith(prefix) || arn.length() == prefix.length()) return Optional.empty();
    String id = arn.substring(prefix.length());
    return OrganizationViews.isId(id) ? Optional.of(new OrganizationId(id)) : Optional.empty();
  }
}
