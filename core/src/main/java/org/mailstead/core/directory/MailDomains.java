package org.mailstead.core.directory;

import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Listing.PageRequest;

/// Domains of organizations (DOM-4). A domain belongs to one organization only. It is verified when
/// it is the test domain, when the operator's settings list it, or when [#verified] says so.
public final class MailDomains {
  /// @throws DirectoryRefusedException INVALID_PARAMETER, MAIL_DOMAIN_IN_USE (here or in another
  ///   organization, unless the client token repeats an earlier success), LIMIT_EXCEEDED (1,000)
  public void register(
      Change change, OrganizationId organization, String domain, Optional<String> clientToken) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Removes a domain; harmless when it is not registered.
  ///
  /// @throws DirectoryRefusedException MAIL_DOMAIN_IN_USE (an address uses it, or it is the
  ///   default), INVALID_PARAMETER (the test domain)
  public void deregister(Change change, OrganizationId organization, String domain) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// @throws DirectoryRefusedException MAIL_DOMAIN_NOT_FOUND
  public MailDomain load(OrganizationId organization, String domain) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// In order of name.
  public Listing<MailDomain> list(OrganizationId organization, PageRequest page) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// @throws DirectoryRefusedException MAIL_DOMAIN_NOT_FOUND, MAIL_DOMAIN_STATE (not verified)
  public void updateDefault(Change change, OrganizationId organization, String domain) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Records what the DNS check found.
  ///
  /// @throws DirectoryRefusedException MAIL_DOMAIN_NOT_FOUND
  public void verified(
      Change change, OrganizationId organization, String domain, boolean verified) {
    throw new UnsupportedOperationException("skeleton");
  }
}
