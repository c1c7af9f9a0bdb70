package org.mailstead.mailflow;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.mailstead.smtp.client.SmtpClient;
import org.mailstead.smtp.wire.RcptTo;

/// A connection and how often it was used.
final class PeerConnection {
  private final SmtpClient client;
  private final String mta;
  private int messages;

  /// By `System.nanoTime`.
  private long idleSince;

  PeerConnection(SmtpClient client, String mta) {
    this.client = client;
    this.mta = mta;
  }

  /// RFC 9422 §3.2, §4: what the peer bounds.
  private int messagesMax() {
    long max = client.extensions().limit("MAILMAX").orElse(Long.MAX_VALUE);
    return (int) Math.min(max, MailflowLimits.MESSAGES_PER_CONNECTION_MAX);
  }

  /// How many of the recipients, from the first one on, go into one transaction.
  int recipientCount(List<RcptTo> recipients) {
    long max = client.extensions().limit("RCPTMAX").orElse(Long.MAX_VALUE);
    long domainsMax = client.extensions().limit("RCPTDOMAINMAX").orElse(Long.MAX_VALUE);
    Set<String> domains = new HashSet<>();
    for (int i = 0; i < recipients.size(); i++) {
      domains.add(recipients.get(i).address().domain());
      if (i >= max || domains.size() > domainsMax) return Math.max(1, i);
    }
    return recipients.size();
  }

  SmtpClient client() {
    return client;
  }

  /// The server's name.
  String mta() {
    return mta;
  }

  /// Notes a message, and tells whether the peer takes more of them.
  boolean used() {
    return ++messages < messagesMax();
  }

  long idleSince() {
    return idleSince;
  }

  void setIdleSince(long nanos) {
    idleSince = nanos;
  }
}
