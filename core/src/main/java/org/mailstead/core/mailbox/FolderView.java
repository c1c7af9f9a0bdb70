package org.mailstead.core.mailbox;

import java.util.List;
import org.mailstead.base.EmailId;
import org.mailstead.base.ItemId;

/// The messages of a folder at one version: immutable, cheap to hold (unchanged parts are shared
/// between versions). A session keeps the view that its client knows and compares it with a newer
/// one. Sequence numbers are 1-based indexes into it.
public interface FolderView {
  /// The folder's counters at the same version.
  Folder folder();

  int count();

  long uid(int sequence);

  /// The sequence number of the first message without \Seen, or 0; cheaper than looking for it.
  int firstUnseen();

  /// The sequence number of the UID, or 0.
  int sequenceOf(long uid);

  /// The first sequence number whose UID is at least this one; `count() + 1` if none.
  int sequenceAtLeast(long uid);

  ItemId item(int sequence);

  EmailId email(int sequence);

  /// System flags, see [Flags].
  int flags(int sequence);

  /// Bits into [#keywords].
  long keywords(int sequence);

  /// INTERNALDATE, seconds since 1970 UTC.
  long receivedSeconds(int sequence);

  /// SAVEDATE (RFC 8514), seconds since 1970 UTC.
  long savedSeconds(int sequence);

  long modSeq(int sequence);

  /// RFC822.SIZE in octets.
  long size(int sequence);

  /// Names by bit number, in the folder's own spelling; never shrinks while the folder lives.
  List<String> keywordNames();

  /// What changed from this view to a later one of the same folder.
  Difference differenceTo(FolderView later);

  /// @param vanished UIDs gone since, ascending
  /// @param changed UIDs in both whose flags or keywords changed, ascending
  /// @param added how many messages were added at the end
  record Difference(long[] vanished, long[] changed, int added) {
    public boolean isEmpty() {
      return vanished.length == 0 && changed.length == 0 && added == 0;
    }
  }
}
