package org.mailstead.smtp.server;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailstead.smtp.wire.DataDecoder;
import org.mailstead.smtp.wire.MailFrom;

/// Where a session stands.
sealed interface State {
  /// Before EHLO, HELO or LHLO, and again after STARTTLS.
  record Fresh() implements State {}

  /// Greeted; between transactions.
  record Ready(Hello hello) implements State {}

  /// After MAIL.
  record InTransaction(Hello hello, Envelope envelope) implements State {}

  /// What the client said to greet us.
  record Hello(String name, boolean isExtended) {}

  /// A transaction and how far it has come. Owned by the session's thread.
  final class Envelope implements AutoCloseable {
    private final MailFrom from;
    private final Reception.Transaction transaction;
    private int recipientCount;
    private int triedCount;
    private @Nullable ChunkedMessage chunks;
    private boolean chunksFailed;

    Envelope(MailFrom from, Reception.Transaction transaction) {
      this.from = from;
      this.transaction = transaction;
    }

    MailFrom from() {
      return from;
    }

    Reception.Transaction transaction() {
      return transaction;
    }

    /// Accepted recipients.
    int recipientCount() {
      return recipientCount;
    }

    boolean isAnyTried() {
      return triedCount > 0;
    }

    void countRecipient(boolean accepted) {
      triedCount++;
      if (accepted) recipientCount++;
    }

    /// The message that BDAT commands have begun.
    Optional<ChunkedMessage> chunks() {
      return Optional.ofNullable(chunks);
    }

    void begin(ChunkedMessage message) {
      chunks = message;
    }

    /// RFC 3030 §2: after a chunk that failed nothing but RSET helps.
    boolean areChunksFailed() {
      return chunksFailed;
    }

    void failChunks() {
      chunksFailed = true;
      closeChunks();
    }

    private void closeChunks() {
      ChunkedMessage begun = chunks;
      chunks = null;
      if (begun != null) begun.intake().close();
    }

    @Override
    public void close() {
      closeChunks();
      transaction.close();
    }
  }

  /// A message that comes by BDAT.
  record ChunkedMessage(MessageIntake intake, DataDecoder decoder) {}

  default boolean isInTransaction() {
    return this instanceof InTransaction;
  }
}
