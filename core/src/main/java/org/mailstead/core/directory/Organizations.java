package org.mailstead.core.directory;

import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Listing.PageRequest;

/// Creates, describes, lists and deletes organizations (ORG-1 to ORG-7).
public final class Organizations {
  /// Makes an organization with its own directory, test domain and key (ORG-2). The same client
  /// token answers with the same organization for a day. It is active when this returns, or soon
  /// after if something below failed.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER (alias, token used for another alias, key,
  ///   interoperability without a connected directory), NAME_AVAILABILITY (alias),
  ///   MAIL_DOMAIN_IN_USE (a domain), LIMIT_EXCEEDED (ORG-7), DIRECTORY_UNAVAILABLE,
  ///   DIRECTORY_IN_USE
  public Organization create(Change change, AccountId account, NewOrganization request) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The organization in whatever state, deleted included; the check that it is the account's.
  ///
  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND: unknown or another account's
  public Organization load(AccountId account, OrganizationId organization) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND
  public Organization load(OrganizationId organization) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The account's organizations in order of id; deleted ones for 30 days.
  public Listing<Organization> list(AccountId account, PageRequest page) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Starts the deletion: nobody can log in or get mail any more, the organization's keys are
  /// destroyed first, then mailboxes, addresses and domains go. Done again, it answers the state.
  ///
  /// @param deleteDirectory false keeps users and groups, disabled, in the directory, from which
  ///   CreateOrganization can make a new organization
  /// @param force also with enabled users
  /// @return in state DELETING or DELETED
  /// @throws DirectoryRefusedException ORGANIZATION_STATE (enabled users without `force`)
  public Organization delete(
      Change change, OrganizationId organization, boolean deleteDirectory, boolean force) {
    throw new UnsupportedOperationException("skeleton");
  }
}
