package org.mailstead.smtp.client;

import java.util.List;
import org.mailstead.smtp.wire.RcptTo;
import org.mailstead.smtp.wire.SmtpReply;

/// What became of one message at one peer, recipient by recipient, in the order asked.
public record Delivery(List<RecipientOutcome> outcomes) {
  public Delivery {
    outcomes = List.copyOf(outcomes);
  }

  /// The reply that decided for one recipient.
  ///
  /// @param reply positive: the peer has taken responsibility
  public record RecipientOutcome(RcptTo recipient, Stage stage, SmtpReply reply) {
    public boolean isDelivered() {
      return stage == Stage.DATA && reply.isPositive();
    }
  }

  /// Where it was decided.
  public enum Stage {
    /// Before anything was sent: the peer lacks what the message needs (SIZE, SMTPUTF8); the reply
    /// is our own.
    REQUIREMENTS,
    MAIL,
    RCPT,
    DATA
  }
}
