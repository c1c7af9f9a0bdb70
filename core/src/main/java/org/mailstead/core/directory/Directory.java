package org.mailstead.core.directory;

import org.mailstead.core.audit.AuditLog;

/// Everything about who exists: accounts, organizations, domains, users, groups, addresses, mailbox
/// permissions. The one door for the WorkMail API's handlers.
///
/// Each method is one meaning of the API. Those that change something take a [Change], whose audit
/// entry goes into the same commit; they are durable and visible to every reader of this process
/// when they return. Refusals are [DirectoryRefusedException]s, whose [DirectoryRefusal] chooses
/// the WorkMail exception. Every method that takes an organization may refuse with
/// ORGANIZATION_NOT_FOUND and, unless it says otherwise, ORGANIZATION_STATE (only active and
/// impaired ones answer). **Handlers must first ask [Organizations#load(AccountId,
/// OrganizationId)]**: an organization of another account is "not found". Refused and read-only
/// calls are recorded by [AuditLog#record].
///
/// An `identifier` is what the API calls EntityIdentifier: id, name or address.
public final class Directory {
  public Accounts accounts() {
    throw new UnsupportedOperationException("skeleton");
  }

  public Organizations organizations() {
    throw new UnsupportedOperationException("skeleton");
  }

  public MailDomains domains() {
    throw new UnsupportedOperationException("skeleton");
  }

  public Users users() {
    throw new UnsupportedOperationException("skeleton");
  }

  public Groups groups() {
    throw new UnsupportedOperationException("skeleton");
  }

  public Registrations registrations() {
    throw new UnsupportedOperationException("skeleton");
  }

  public Permissions permissions() {
    throw new UnsupportedOperationException("skeleton");
  }

  public Recipients recipients() {
    throw new UnsupportedOperationException("skeleton");
  }

  public AuditLog audit() {
    throw new UnsupportedOperationException("skeleton");
  }
}
