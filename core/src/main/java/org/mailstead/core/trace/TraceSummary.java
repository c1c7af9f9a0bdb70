package org.mailstead.core.trace;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A message as an organization sees it that sent it, gets it, or both.
///
/// @param id of the queue's first entry, as Received fields name it
/// @param submitter the id of the user who sent it, if one of the organization did
/// @param peer the address of the client or server that brought it
/// @param sender the reverse path; empty for the null one
/// @param senderField addresses of the Sender field, by which rules know it
/// @param from addresses of the From field
/// @param subject decoded, cut
/// @param messageId its Message-ID field
/// @param inside recipients with mailboxes of this organization, at most [#RECIPIENTS_MAX]
/// @param outside the other recipients, if the organization sent it, at most as many
/// @param recipientCount of both, all of them
public record TraceSummary(
    String id,
    Instant received,
    Optional<String> submitter,
    String peer,
    Optional<String> sender,
    List<String> senderField,
    List<String> from,
    Optional<String> subject,
    Optional<String> messageId,
    List<String> inside,
    List<String> outside,
    int recipientCount) {
  /// With the longest addresses a summary stays below the 64 KiB of a row.
  public static final int RECIPIENTS_MAX = 75;

  private static final int ADDRESSES_MAX = 10;

  public TraceSummary {
    senderField = senderField.stream().limit(ADDRESSES_MAX).toList();
    from = from.stream().limit(ADDRESSES_MAX).toList();
    subject = subject.map(TraceEvent::clean);
    messageId = messageId.map(TraceEvent::clean);
    inside = inside.stream().limit(RECIPIENTS_MAX).toList();
    outside = outside.stream().limit(RECIPIENTS_MAX).toList();
  }
}
