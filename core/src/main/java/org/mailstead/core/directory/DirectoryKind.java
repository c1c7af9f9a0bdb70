package org.mailstead.core.directory;

/// What sort of directory an organization is on. Numbers are stored: never reuse one.
public enum DirectoryKind {
  /// Our own.
  OWN(1, "VpcDirectory"),
  ACTIVE_DIRECTORY(2, "ADConnector"),
  /// Any other LDAP v3 server.
  LDAP(3, "LDAP");

  private final int number;
  private final String text;

  DirectoryKind(int number, String text) {
    this.number = number;
    this.text = text;
  }

  int number() {
    return number;
  }

  static DirectoryKind of(long number) {
    for (DirectoryKind kind : values()) if (kind.number == number) return kind;
    throw new IllegalStateException("an unknown kind of directory: " + number);
  }

  /// What DescribeOrganization calls DirectoryType.
  public String text() {
    return text;
  }

  /// Whether users, groups and passwords are changed there and not here (ORG-3).
  public boolean isConnected() {
    return switch (this) {
      case OWN -> false;
      case ACTIVE_DIRECTORY, LDAP -> true;
    };
  }
}
