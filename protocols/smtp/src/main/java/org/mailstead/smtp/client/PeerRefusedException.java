package org.mailstead.smtp.client;

import java.io.IOException;
import org.mailstead.smtp.wire.SmtpReply;

/// The peer refuses the whole session: greeting, EHLO, STARTTLS that was required, or AUTH.
public final class PeerRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient SmtpReply reply;

  public PeerRefusedException(String stage, SmtpReply reply) {
    super(stage + " refused: " + reply);
    this.reply = reply;
  }

  public SmtpReply reply() {
    return reply;
  }
}
