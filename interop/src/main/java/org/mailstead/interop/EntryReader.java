package org.mailstead.interop;

import com.unboundid.ldap.sdk.Attribute;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.Filter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.core.directory.Imported;
import org.mailstead.core.directory.Imports;
import org.mailstead.core.directory.UserDetail;

/// LDAP entries → users and groups, by the attribute map of a directory.
final class EntryReader {
  private static final int DETAIL_CHARS_MAX = 256;

  /// ADS_UF_ACCOUNTDISABLE (MS-ADTS §2.2.16).
  private static final long ACCOUNT_DISABLED = 0x2;

  /// Exchange's msExchRecipientDisplayType of rooms and equipment, here and behind a connector.
  private static final Set<String> RESOURCE_TYPES = Set.of("7", "8", "-2147481850", "-2147481594");

  private static final List<String> CERTIFICATES =
      List.of(
          "userCertificate;binary",
          "userCertificate",
          "userSMIMECertificate;binary",
          "userSMIMECertificate");
  private static final List<String> STATES =
      List.of(
          "userAccountControl",
          "isCriticalSystemObject",
          "msExchHideFromAddressLists",
          "msExchRecipientDisplayType",
          "nsAccountLock",
          "pwdAccountLockedTime");

  private final LdapDirectorySettings settings;

  EntryReader(LdapDirectorySettings settings) {
    this.settings = settings;
  }

  String idAttribute() {
    return settings.attribute(MappedAttribute.ID);
  }

  /// objectGUID in the text form that Microsoft's tools show, entryUUID as it is.
  Optional<String> id(Entry entry) {
    if (!isBinaryId()) {
      return Optional.ofNullable(entry.getAttributeValue(idAttribute()))
          .map(text -> text.toLowerCase(Locale.ROOT));
    }
    byte[] octets = entry.getAttributeValueBytes(idAttribute());
    if (octets == null || octets.length != 16) return Optional.empty();
    // MS-DTYP §2.3.4.2: the first three fields are little-endian.
    ByteBuffer in = ByteBuffer.wrap(octets).order(ByteOrder.LITTLE_ENDIAN);
    long high =
        ((in.getInt() & 0xFFFF_FFFFL) << 32)
            | ((in.getShort() & 0xFFFFL) << 16)
            | (in.getShort() & 0xFFFFL);
    long low = in.order(ByteOrder.BIG_ENDIAN).getLong();
    return Optional.of(new UUID(high, low).toString());
  }

  /// Finds the entry of an id. Values are encoded by the SDK, never pasted into a filter.
  Filter filterOf(String id) {
    if (!isBinaryId()) return Filter.createEqualityFilter(idAttribute(), id);
    UUID uuid = UUID.fromString(id);
    long high = uuid.getMostSignificantBits();
    ByteBuffer out = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt((int) (high >>> 32)).putShort((short) (high >>> 16)).putShort((short) high);
    out.order(ByteOrder.BIG_ENDIAN).putLong(uuid.getLeastSignificantBits());
    return Filter.createEqualityFilter(idAttribute(), out.array());
  }

  private boolean isBinaryId() {
    return idAttribute().equalsIgnoreCase("objectGUID");
  }

  /// What has to be asked for.
  String[] userAttributes() {
    var names = new LinkedHashSet<String>();
    for (MappedAttribute attribute : MappedAttribute.values()) {
      names.add(settings.attribute(attribute));
    }
    names.addAll(CERTIFICATES);
    names.addAll(STATES);
    names.add("modifyTimestamp");
    return names.toArray(String[]::new);
  }

  String[] principalAttributes(String principalName) {
    return new String[] {idAttribute(), principalName};
  }

  String[] groupAttributes() {
    return new String[] {
      idAttribute(),
      settings.attribute(MappedAttribute.GROUP_NAME),
      settings.attribute(MappedAttribute.PROXY_ADDRESSES),
      settings.attribute(MappedAttribute.MAIL),
      "isCriticalSystemObject",
      "msExchHideFromAddressLists",
      "modifyTimestamp"
    };
  }

  /// Empty: it has no id or no name.
  Optional<Imported> user(Entry entry) {
    Optional<String> id = id(entry);
    Optional<String> name = text(entry, MappedAttribute.USER_NAME);
    if (id.isEmpty() || name.isEmpty()) return Optional.empty();
    Map<UserDetail, String> details = new EnumMap<>(UserDetail.class);
    for (MappedAttribute attribute : MappedAttribute.values()) {
      attribute
          .detail()
          .ifPresent(
              detail -> text(entry, attribute).ifPresent(text -> details.put(detail, shown(text))));
    }
    String displayName =
        text(entry, MappedAttribute.DISPLAY_NAME)
            .or(() -> text(entry, MappedAttribute.COMMON_NAME))
            .orElse(name.get());
    String displayType = value(entry, "msExchRecipientDisplayType");
    return Optional.of(
        new Imported.User(
            id.get(),
            name.get(),
            shown(displayName),
            Collections.unmodifiableMap(details),
            isTrue(entry, "msExchHideFromAddressLists"),
            isTrue(entry, "isCriticalSystemObject"),
            RESOURCE_TYPES.contains(displayType),
            isLoginDisabled(entry),
            addresses(entry),
            certificates(entry)));
  }

  Optional<Imported> group(Entry entry) {
    Optional<String> id = id(entry);
    Optional<String> name = text(entry, MappedAttribute.GROUP_NAME);
    if (id.isEmpty() || name.isEmpty()) return Optional.empty();
    return Optional.of(
        new Imported.Group(
            id.get(),
            name.get(),
            isTrue(entry, "msExchHideFromAddressLists"),
            isTrue(entry, "isCriticalSystemObject"),
            addresses(entry)));
  }

  /// Active Directory: a bit of userAccountControl. Elsewhere: the lock of 389 Directory Server, or
  /// the permanent lock of the password policy draft (draft-behera-ldap-password-policy §5.3.3).
  private static boolean isLoginDisabled(Entry entry) {
    Long control = entry.getAttributeValueAsLong("userAccountControl");
    if (control != null) return (control & ACCOUNT_DISABLED) != 0;
    return isTrue(entry, "nsAccountLock")
        || value(entry, "pwdAccountLockedTime").equals("000001010000Z");
  }

  /// The primary one first, the others in order; what is no address of ours is left out.
  private List<EmailAddress> addresses(Entry entry) {
    Optional<EmailAddress> primary = Optional.empty();
    List<EmailAddress> others = new ArrayList<>();
    for (String value : values(entry, settings.attribute(MappedAttribute.PROXY_ADDRESSES))) {
      if (!value.regionMatches(true, 0, "smtp:", 0, 5)) continue;
      Optional<EmailAddress> address = address(value.substring(5));
      if (value.startsWith("SMTP:") && primary.isEmpty()) primary = address;
      else address.ifPresent(others::add);
    }
    for (String value : values(entry, settings.attribute(MappedAttribute.MAIL))) {
      Optional<EmailAddress> address = address(value);
      if (primary.isEmpty()) primary = address;
      else address.ifPresent(others::add);
    }
    others.sort(java.util.Comparator.comparing(EmailAddress::normalized));
    var all = new LinkedHashSet<EmailAddress>();
    primary.ifPresent(all::add);
    all.addAll(others);
    return all.stream().limit(Imports.ADDRESSES_MAX).toList();
  }

  private static Optional<EmailAddress> address(String text) {
    try {
      return Optional.of(EmailAddress.parse(text.strip()));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  /// In a stable order, so that nothing seems to have changed.
  private static List<byte[]> certificates(Entry entry) {
    List<byte[]> all = new ArrayList<>();
    for (String name : CERTIFICATES) {
      byte[][] values = entry.getAttributeValueByteArrays(name);
      if (values != null) all.addAll(Arrays.asList(values));
    }
    all.sort(Arrays::compareUnsigned);
    List<byte[]> kept = new ArrayList<>();
    int octets = 0;
    for (byte[] value : all) {
      boolean again = !kept.isEmpty() && Arrays.equals(kept.getLast(), value);
      if (again || kept.size() == Imports.CERTIFICATES_MAX) continue;
      if (octets + value.length > Imports.CERTIFICATE_BYTES_MAX) continue;
      octets += value.length;
      kept.add(value);
    }
    return List.copyOf(kept);
  }

  private Optional<String> text(Entry entry, MappedAttribute attribute) {
    return Optional.ofNullable(entry.getAttributeValue(settings.attribute(attribute)))
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }

  /// Without control characters, which would begin something else in address lists, and cut to what
  /// a detail may hold.
  private static String shown(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .map(c -> Character.isISOControl(c) ? ' ' : c)
        .limit(DETAIL_CHARS_MAX / 2)
        .forEach(out::appendCodePoint);
    return out.toString();
  }

  private static List<String> values(Entry entry, String attribute) {
    String[] values = entry.getAttributeValues(attribute);
    return values == null ? List.of() : List.of(values);
  }

  private static String value(Entry entry, String attribute) {
    String value = entry.getAttributeValue(attribute);
    return value == null ? "" : value;
  }

  private static boolean isTrue(Entry entry, String attribute) {
    return value(entry, attribute).equalsIgnoreCase("true");
  }

  /// Members as the entry names them; the rest of a large group has to be asked for in ranges
  /// (MS-ADTS §3.1.1.3.1.3.3).
  ///
  /// @param next where the next range of `member` begins; empty: that was all
  record Members(Set<String> dns, Set<String> names, Optional<Integer> next) {}

  static final String[] MEMBER_ATTRIBUTES = {"member", "uniqueMember", "memberUid"};

  static Members members(Entry entry) {
    var dns = new LinkedHashSet<String>();
    var names = new LinkedHashSet<String>();
    Optional<Integer> next = Optional.empty();
    for (Attribute attribute : entry.getAttributes()) {
      String base = attribute.getBaseName().toLowerCase(Locale.ROOT);
      switch (base) {
        case "member" -> {
          dns.addAll(List.of(attribute.getValues()));
          next = nextRange(attribute);
        }
        // RFC 4517 §3.3.21: a unique member may end in `#'…'B`.
        case "uniquemember" -> {
          for (String value : attribute.getValues()) dns.add(value.replaceAll("#'[01]*'B$", ""));
        }
        case "memberuid" -> names.addAll(List.of(attribute.getValues()));
        default -> {}
      }
    }
    return new Members(dns, names, next);
  }

  /// `range=0-1499`: more from 1500; `range=1500-*`: the last.
  private static Optional<Integer> nextRange(Attribute attribute) {
    for (String option : attribute.getOptions()) {
      if (!option.toLowerCase(Locale.ROOT).startsWith("range=")) continue;
      String end = option.substring(option.indexOf('-') + 1);
      return end.equals("*") ? Optional.empty() : Optional.of(Integer.parseInt(end) + 1);
    }
    return Optional.empty();
  }
}
