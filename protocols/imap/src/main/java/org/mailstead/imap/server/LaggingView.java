package org.mailstead.imap.server;

import java.util.Arrays;
import java.util.List;
import org.mailstead.base.EmailId;
import org.mailstead.base.ItemId;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.FolderView;

/// What a client knows while expunges may not be reported (RFC 9051 §7.5.1): the newest view, with
/// the messages kept in their places that are gone but not yet reported. They answer with what was
/// last known of them.
final class LaggingView implements FolderView {
  private final FolderView before;
  private final FolderView now;

  /// By sequence number less one: the sequence number in `now`, or minus that in `before`.
  private final int[] sources;

  private final long[] uids;

  /// @param before what the client knows, perhaps lagging already
  /// @param now the newest view of the same folder
  LaggingView(FolderView before, FolderView now) {
    this.before = before;
    this.now = now;
    int[] places = new int[before.count() + now.count()];
    int count = 0;
    int newer = 1;
    for (int older = 1; older <= before.count(); older++) {
      if (newer <= now.count() && now.uid(newer) == before.uid(older)) {
        places[count++] = newer++;
      } else {
        places[count++] = -older;
      }
    }
    while (newer <= now.count()) places[count++] = newer++;
    sources = Arrays.copyOf(places, count);
    uids = new long[count];
    for (int i = 0; i < count; i++) {
      uids[i] = sources[i] > 0 ? now.uid(sources[i]) : before.uid(-sources[i]);
    }
  }

  FolderView now() {
    return now;
  }

  /// Whether the message is only here because its expunge was not reported yet.
  boolean isGone(int sequence) {
    return sources[sequence - 1] < 0;
  }

  @Override
  public Folder folder() {
    return now.folder();
  }

  @Override
  public int count() {
    return sources.length;
  }

  @Override
  public long uid(int sequence) {
    return uids[sequence - 1];
  }

  @Override
  public int firstUnseen() {
    for (int sequence = 1; sequence <= count(); sequence++) {
      if ((flags(sequence) & org.mailstead.core.mailbox.Flags.SEEN) == 0) return sequence;
    }
    return 0;
  }

  @Override
  public int sequenceOf(long uid) {
    int index = Arrays.binarySearch(uids, uid);
    return index < 0 ? 0 : index + 1;
  }

  @Override
  public int sequenceAtLeast(long uid) {
    int index = Arrays.binarySearch(uids, uid);
    return index < 0 ? -index : index + 1;
  }

  private FolderView view(int sequence) {
    return sources[sequence - 1] > 0 ? now : before;
  }

  private int place(int sequence) {
    return Math.abs(sources[sequence - 1]);
  }

  @Override
  public ItemId item(int sequence) {
    return view(sequence).item(place(sequence));
  }

  @Override
  public EmailId email(int sequence) {
    return view(sequence).email(place(sequence));
  }

  @Override
  public int flags(int sequence) {
    return view(sequence).flags(place(sequence));
  }

  @Override
  public long keywords(int sequence) {
    return view(sequence).keywords(place(sequence));
  }

  @Override
  public long receivedSeconds(int sequence) {
    return view(sequence).receivedSeconds(place(sequence));
  }

  @Override
  public long savedSeconds(int sequence) {
    return view(sequence).savedSeconds(place(sequence));
  }

  @Override
  public long modSeq(int sequence) {
    return view(sequence).modSeq(place(sequence));
  }

  @Override
  public long size(int sequence) {
    return view(sequence).size(place(sequence));
  }

  @Override
  public List<String> keywordNames() {
    return now.keywordNames();
  }

  @Override
  public Difference differenceTo(FolderView later) {
    long[] vanished = new long[count()];
    int vanishedCount = 0;
    long[] changed = new long[count()];
    int changedCount = 0;
    int newer = 1;
    for (int sequence = 1; sequence <= count(); sequence++) {
      if (newer <= later.count() && later.uid(newer) == uid(sequence)) {
        if (later.flags(newer) != flags(sequence) || later.keywords(newer) != keywords(sequence)) {
          changed[changedCount++] = uid(sequence);
        }
        newer++;
      } else {
        vanished[vanishedCount++] = uid(sequence);
      }
    }
    return new Difference(
        Arrays.copyOf(vanished, vanishedCount),
        Arrays.copyOf(changed, changedCount),
        later.count() - newer + 1);
  }
}
