package org.mailstead.mailflow.journaling;

import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;

/// What a journal report tells of a message.
///
/// @param submitter the organization of the user who sends it; empty for mail from outside
/// @param recipients where it goes, each mailbox and each address elsewhere once
/// @param header as the message came
/// @param addedLines header lines that were put to it on the way in
public record JournaledMessage(
    Optional<OrganizationId> submitter,
    Optional<EmailAddress> reversePath,
    List<To> recipients,
    Header header,
    String addedLines) {
  /// Somebody whom it goes to.
  ///
  /// @param organization of the mailbox; of the sender for an address elsewhere
  /// @param expanded the group that stood in the envelope instead
  /// @param forwardedBy the recipient whose rule sends it on to this one
  public record To(
      OrganizationId organization,
      EmailAddress address,
      Optional<EmailAddress> expanded,
      Optional<EmailAddress> forwardedBy) {
    public To(OrganizationId organization, EmailAddress address, Optional<EmailAddress> expanded) {
      this(organization, address, expanded, Optional.empty());
    }

    /// The address that the sender named.
    EmailAddress named() {
      return expanded.orElse(address);
    }
  }

  /// Raw values of header fields.
  public record Header(
      List<String> from,
      List<String> sender,
      List<String> to,
      List<String> cc,
      List<String> bcc,
      Optional<String> subject,
      Optional<String> messageId) {}

  /// The first line of this name among those that were added.
  Optional<String> added(String name) {
    return addedLines
        .lines()
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst();
  }
}
