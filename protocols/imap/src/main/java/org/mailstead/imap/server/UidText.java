package org.mailstead.imap.server;

/// UID sets for response codes.
final class UidText {
  private UidText() {}

  /// Numbers in the order given, runs joined (RFC 4315 §3).
  static void append(StringBuilder out, long[] uids) {
    for (int i = 0; i < uids.length; ) {
      int last = i;
      while (last + 1 < uids.length && uids[last + 1] == uids[last] + 1) last++;
      if (i > 0) out.append(',');
      out.append(uids[i]);
      if (last > i) out.append(':').append(uids[last]);
      i = last + 1;
    }
  }
}
