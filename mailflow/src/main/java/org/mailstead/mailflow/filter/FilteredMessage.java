package org.mailstead.mailflow.filter;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;

/// A message as filters get it.
///
/// @param id of the message, for logs
/// @param content as it came, without lines of ours
/// @param trace header lines that this server would put before it, for filters that read the peer
///   from there
/// @param helo what the peer calls itself: untrusted, printable
/// @param user who submitted it, if one of our users did
public record FilteredMessage(
    String id,
    Content content,
    String trace,
    InetAddress peer,
    int peerPort,
    String helo,
    Optional<EmailAddress> reversePath,
    List<EmailAddress> recipients,
    Optional<String> user) {
  public FilteredMessage {
    recipients = List.copyOf(recipients);
  }

  /// The reverse path, empty for the null one.
  String sender() {
    return reversePath.map(EmailAddress::toString).orElse("");
  }
}
