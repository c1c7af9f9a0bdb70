package org.mailstead.core.directory;

import java.time.Duration;

/// What may grow in the directory, and how far (LIM-4, ORG-7).
///
/// @param organizationsPerAccount living ones
/// @param usersPerOrganization the default of a new organization
/// @param groupsPerOrganization and as many resources
/// @param granteesPerMailbox and as many delegates of a resource
/// @param aliasesPerEntity besides the primary address
/// @param recipientsPerGroup mailboxes that one message to a group reaches at the most, nested
///   groups included; what is beyond is not expanded
/// @param groupsVisited groups that one expansion, of members or of rights, looks at
public record DirectoryLimits(
    int organizationsPerAccount,
    long usersPerOrganization,
    long groupsPerOrganization,
    int aliasesPerEntity,
    int domainsPerOrganization,
    int membersPerGroup,
    int recipientsPerGroup,
    int groupsVisited,
    int granteesPerMailbox,
    int accessKeysPerAccount) {
  /// Hard (LIM-2).
  public static final long QUOTA_MEGABYTES_MAX = 51_200;

  /// A directory of our own can hold this many (LIM-4).
  public static final long USERS_MAX = 10_000_000;

  /// How long the mailbox of a disabled user is kept, and the trace of a deleted one (USR-6).
  public static final Duration RETENTION = Duration.ofDays(30);

  /// How long a client token answers for its first call.
  public static final Duration CLIENT_TOKEN_LIFE = Duration.ofDays(1);

  /// Rows that one page of a filtered list looks at.
  public static final int LIST_SCAN_MAX = 2_000;

  public static final int DETAIL_CHARS_MAX = 256;

  /// Administrators of an account, and groups of them, and policies of its own: so many of each.
  public static final int ADMINISTRATORS_MAX = 1_000;

  /// Policies attached to an administrator or group, and groups that one is in, as in IAM.
  public static final int ATTACHED_MAX = 10;

  public static DirectoryLimits standard() {
    return new DirectoryLimits(
        100, 1_000, 100_000, 100, 1_000, 10_000, 100_000, 10_000, 1_000, 100);
  }

  /// The limits that an operator may set.
  public DirectoryLimits with(
      int newOrganizationsPerAccount,
      long newUsersPerOrganization,
      int newAliasesPerEntity,
      int newDomainsPerOrganization) {
    return new DirectoryLimits(
        newOrganizationsPerAccount,
        newUsersPerOrganization,
        groupsPerOrganization,
        newAliasesPerEntity,
        newDomainsPerOrganization,
        membersPerGroup,
        recipientsPerGroup,
        groupsVisited,
        granteesPerMailbox,
        accessKeysPerAccount);
  }

  public DirectoryLimits withUsersPerOrganization(long users) {
    return new DirectoryLimits(
        organizationsPerAccount,
        users,
        groupsPerOrganization,
        aliasesPerEntity,
        domainsPerOrganization,
        membersPerGroup,
        recipientsPerGroup,
        groupsVisited,
        granteesPerMailbox,
        accessKeysPerAccount);
  }
}
