package org.mailstead.smtp.server;

import java.util.List;
import org.mailstead.base.Content;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;

/// What stands behind the SMTP server: takes messages in and answers for them. The server calls it
/// from the session's own thread, one call at a time per transaction, and many transactions at
/// once; every call may block.
///
/// Every method may also throw [org.mailstead.base.RefusedException] or
/// [org.mailstead.base.UnavailableException], which [RefusalReplies] turns into replies; anything
/// else is a bug: the peer hears 451 and the session ends.
public interface Reception {
  /// A MAIL command that was well-formed and within limits (SIZE is already checked against the
  /// limit that EHLO announced). A submission's `session.principal()` is present.
  ///
  /// @throws org.mailstead.base.RefusedException this sender may not send here
  Transaction begin(SessionFacts session, MailFrom from);

  /// One message on its way in. Order of calls: `recipient` once or more, `data` at most once (only
  /// if a recipient was accepted), `close` once in every case.
  interface Transaction extends AutoCloseable {
    /// A RCPT command. Recipients beyond the limit never arrive here.
    Verdict recipient(RcptTo to);

    /// The whole message, dots removed, every line ended by CRLF. Returns only when what it accepts
    /// is on disk. The server closes the content after the call returns: what is needed longer must
    /// be stored.
    ///
    /// For LMTP an [Outcome.Each] has one verdict for each accepted recipient, in the order of
    /// their acceptance; SMTP takes only [Outcome.All].
    ///
    /// @param trace what the Received field says about this transmission beyond the session
    Outcome data(Content content, DataFacts trace);

    /// Forgets the transaction: after `data`, RSET, a new EHLO, QUIT or a lost connection.
    @Override
    void close();
  }

  /// What is known about the data phase.
  ///
  /// @param receivedCount Received fields already in the header section: a count over the limit for
  ///   loops has been refused by the server with 554 5.4.6
  record DataFacts(int receivedCount) {}

  /// The answer to the end of data.
  sealed interface Outcome {
    /// One verdict for all recipients.
    record All(Verdict verdict) implements Outcome {}

    /// LMTP (RFC 2033 §4.2): one verdict for each accepted recipient.
    record Each(List<Verdict> verdicts) implements Outcome {
      public Each {
        verdicts = List.copyOf(verdicts);
      }
    }
  }
}
