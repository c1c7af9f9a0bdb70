package org.mailstead.interop;

import java.util.Optional;
import org.mailstead.core.directory.UserDetail;

/// What is read of an entry, the name under which the settings know it, and which LDAP attribute it
/// is by default: in Active Directory (MS-ADSC), and elsewhere (RFC 4519, RFC 2798, RFC 4530).
public enum MappedAttribute {
  /// What never changes and is never used again: the identity.
  ID("id", "objectGUID", "entryUUID"),
  USER_NAME("user-name", "sAMAccountName", "uid"),
  GROUP_NAME("group-name", "sAMAccountName", "cn"),
  DISPLAY_NAME("display-name", "displayName", "displayName"),
  COMMON_NAME("common-name", "cn", "cn"),
  /// Addresses in Exchange's form: `SMTP:` before the primary one, `smtp:` before others.
  PROXY_ADDRESSES("proxy-addresses", "proxyAddresses", "proxyAddresses"),
  MAIL("mail", "mail", "mail"),
  FIRST_NAME("first-name", "givenName", "givenName", UserDetail.FIRST_NAME),
  LAST_NAME("last-name", "sn", "sn", UserDetail.LAST_NAME),
  INITIALS("initials", "initials", "initials", UserDetail.INITIALS),
  TELEPHONE("telephone", "telephoneNumber", "telephoneNumber", UserDetail.TELEPHONE),
  STREET("street", "streetAddress", "street", UserDetail.STREET),
  JOB_TITLE("job-title", "title", "title", UserDetail.JOB_TITLE),
  CITY("city", "l", "l", UserDetail.CITY),
  COMPANY("company", "company", "o", UserDetail.COMPANY),
  ZIP_CODE("zip-code", "postalCode", "postalCode", UserDetail.ZIP_CODE),
  DEPARTMENT("department", "department", "departmentNumber", UserDetail.DEPARTMENT),
  COUNTRY("country", "co", "c", UserDetail.COUNTRY),
  OFFICE("office", "physicalDeliveryOfficeName", "physicalDeliveryOfficeName", UserDetail.OFFICE);

  private final String key;
  private final String activeDirectory;
  private final String ldap;
  private final Optional<UserDetail> detail;

  MappedAttribute(String key, String activeDirectory, String ldap) {
    this(key, activeDirectory, ldap, Optional.empty());
  }

  MappedAttribute(String key, String activeDirectory, String ldap, UserDetail detail) {
    this(key, activeDirectory, ldap, Optional.of(detail));
  }

  MappedAttribute(String key, String activeDirectory, String ldap, Optional<UserDetail> detail) {
    this.key = key;
    this.activeDirectory = activeDirectory;
    this.ldap = ldap;
    this.detail = detail;
  }

  public String key() {
    return key;
  }

  String usual(boolean isActiveDirectory) {
    return isActiveDirectory ? activeDirectory : ldap;
  }

  Optional<UserDetail> detail() {
    return detail;
  }
}
