package org.mailstead.core.directory;

/// A text about a user, at most 256 characters, under the name that the WorkMail API gives it.
/// Numbers are stored: never reuse one.
public enum UserDetail {
  FIRST_NAME(1, "FirstName"),
  LAST_NAME(2, "LastName"),
  INITIALS(3, "Initials"),
  TELEPHONE(4, "Telephone"),
  STREET(5, "Street"),
  JOB_TITLE(6, "JobTitle"),
  CITY(7, "City"),
  COMPANY(8, "Company"),
  ZIP_CODE(9, "ZipCode"),
  DEPARTMENT(10, "Department"),
  COUNTRY(11, "Country"),
  OFFICE(12, "Office"),
  IDENTITY_PROVIDER_USER_ID(13, "IdentityProviderUserId"),
  IDENTITY_PROVIDER_IDENTITY_STORE_ID(14, "IdentityProviderIdentityStoreId");

  private final int number;
  private final String workMailName;

  UserDetail(int number, String workMailName) {
    this.number = number;
    this.workMailName = workMailName;
  }

  int number() {
    return number;
  }

  /// Whether a connected directory says it (ORG-3); the others are ours.
  public boolean isOfDirectory() {
    return this != IDENTITY_PROVIDER_USER_ID && this != IDENTITY_PROVIDER_IDENTITY_STORE_ID;
  }

  public String workMailName() {
    return workMailName;
  }
}
