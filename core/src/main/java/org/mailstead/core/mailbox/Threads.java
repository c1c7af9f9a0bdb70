package org.mailstead.core.mailbox;

import java.util.List;
import java.util.Optional;
import org.mailstead.base.ThreadId;

/// Conversations: a message joins the one that any of its Message-IDs, its own, In-Reply-To or
/// References, is known to belong to, and makes its ids known. A conversation is named after its
/// first email. Thread ids never change (RFC 8474 §5.2), so two conversations that a later message
/// joins stay two: it goes to the older one.
final class Threads {
  private static final int FORMAT = 1;

  private Threads() {}

  static ThreadId join(Draft draft, List<byte[]> hashes, long email) {
    if (hashes.isEmpty()) return new ThreadId(email);
    List<Optional<byte[]>> known = draft.readAll(Rows.THREADS, hashes);
    long thread = Long.MAX_VALUE;
    for (Optional<byte[]> row : known) {
      if (row.isPresent()) thread = Math.min(thread, decode(row.get()));
    }
    if (thread == Long.MAX_VALUE) thread = email;
    byte[] row = new RowWriter(8).u8(FORMAT).varint(thread).toBytes();
    for (int i = 0; i < hashes.size(); i++) {
      if (known.get(i).isEmpty()) draft.put(Rows.THREADS, hashes.get(i), row);
    }
    return new ThreadId(thread);
  }

  static long decode(byte[] row) {
    return RowReader.of(row, FORMAT, "thread").varint();
  }
}
