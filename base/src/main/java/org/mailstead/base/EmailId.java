package org.mailstead.base;

/// The content of a message in one mailbox; survives COPY and MOVE (RFC 8474 EMAILID).
public record EmailId(long value) implements Comparable<EmailId> {
  public EmailId {
    if (value < 1) throw new IllegalArgumentException("EmailId out of range: " + value);
  }

  @Override
  public int compareTo(EmailId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
