package org.mailstead.core.mailbox;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.mailstead.base.FolderId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.ThreadId;
import org.mailstead.base.Uid;
import org.mailstead.core.content.StagedContent;
import org.mailstead.store.BlobId;

/// What changes do to messages: each method works on a draft, refuses before it has changed it, and
/// may be called again on a newer one. One file, because all of them keep the same sums (segments,
/// counters, quota, references), most by the same few steps: pick, take out, place.
final class MessageChanges {
  private final MailboxKey key;

  MessageChanges(MailboxKey key) {
    this.key = key;
  }

  /// A message ready to be stored: encrypted, scanned, its summary sealed.
  ///
  /// @param fresh staged for this append alone, so that no email here refers to its blob yet
  record Prepared(
      StagedContent content,
      byte[] sealedSummary,
      List<byte[]> threadHashes,
      int flags,
      Set<String> keywords,
      long receivedSeconds,
      boolean fresh,
      Optional<KeptIds> kept) {
    Prepared keeping(Optional<KeptIds> ids) {
      return new Prepared(
          content, sealedSummary, threadHashes, flags, keywords, receivedSeconds, fresh, ids);
    }

    Prepared with(Filing filing) {
      return new Prepared(
          content,
          sealedSummary,
          threadHashes,
          filing.flags() & Flags.ALL,
          Set.copyOf(filing.keywords()),
          receivedSeconds,
          fresh,
          kept);
    }
  }

  /// Messages taken out of a folder's table, in ascending order of their UIDs.
  record Picked(long[] uids, Segment.Columns columns) {
    int count() {
      return uids.length;
    }

    long bytes() {
      long sum = 0;
      for (int size : columns.sizes) sum += size;
      return sum;
    }
  }

  Mailbox.Placed append(Draft draft, FolderId target, List<Prepared> messages) {
    FolderState folder = receiving(draft, target, messages.size());
    long bytes = bytes(messages);
    checkQuota(draft, bytes);
    Mailbox.Placed placed = append(draft, folder, new KeywordTable(folder), messages);
    Head head = draft.head();
    draft.head(head.withUsage(head.usedBytes() + bytes, head.recoverableBytes()));
    return placed;
  }

  static long bytes(List<Prepared> messages) {
    long bytes = 0;
    for (Prepared message : messages) bytes += message.content().length();
    return bytes;
  }

  /// Part of a large APPEND: into a staging folder, with the keyword bits of the folder that it
  /// will be attached to.
  void stage(Draft draft, FolderId staging, FolderId target, List<Prepared> messages) {
    KeywordTable keywords = new KeywordTable(draft.state().folder(target));
    append(draft, staging(draft, staging), keywords, messages);
  }

  /// Part of a large COPY, likewise.
  ///
  /// @return the source UIDs that were there
  long[] stage(Draft draft, FolderId staging, FolderId target, FolderId source, long[] uids) {
    FolderState from = draft.loadedFolder(source);
    Picked picked = pick(from, uids);
    if (picked.count() == 0) return new long[0];
    References.add(draft, picked.columns().emails);
    KeywordTable keywords = new KeywordTable(draft.state().folder(target));
    place(draft, picked, from.keywords(), staging(draft, staging), keywords, false);
    return picked.uids();
  }

  private static FolderState staging(Draft draft, FolderId id) {
    return draft.load(
        draft
            .state()
            .find(id.value())
            .orElseThrow(() -> new IllegalStateException("a staging folder is gone")));
  }

  /// Gives a folder the keywords that staged messages will have: their bits do not change when they
  /// are attached.
  void reserveKeywords(Draft draft, FolderId target, Set<String> names) {
    FolderState folder = draft.state().folder(target);
    KeywordTable keywords = new KeywordTable(folder);
    keywords.bits(names);
    draft.folder(keywords.save(draft, key, folder));
  }

  /// Makes what was staged part of the folder: one small commit however many messages there are.
  Mailbox.Placed attach(Draft draft, FolderId stagingId, FolderId target, long[] sourceUids) {
    FolderState staged = staging(draft, stagingId);
    FolderState folder = receiving(draft, target, 1);
    long bytes = staged.counters().bytes();
    checkQuota(draft, bytes);
    int first = (int) ((folder.counters().uidNext() + Segment.UIDS - 1) / Segment.UIDS);
    long uidNext = (long) first * Segment.UIDS + staged.counters().uidNext();
    if (uidNext - 1 > Uid.VALUE_MAX) throw noUids();
    SegmentTable parts = staged.loaded();
    SegmentTable.Editor edits = folder.loaded().new Editor();
    long[] targetUids = new long[parts.count()];
    int count = 0;
    int segments = 0;
    for (int i = 0; i < parts.segmentCount(); i++) {
      Segment part = parts.segment(i);
      Segment attached = new Segment(first + part.number(), part.encoded(), draft.version(), true);
      edits.put(attached);
      segments = part.number() + 1;
      for (int index = 0; index < attached.count(); index++) {
        targetUids[count++] = attached.uid(index);
      }
    }
    List<FolderState.Extent> extents = new ArrayList<>(folder.counters().extents());
    extents.add(new FolderState.Extent(first, segments, stagingId.value(), 0, draft.version()));
    FolderState grown = folder.edited(edits, uidNext, draft.version());
    draft.folder(grown.withCounters(grown.counters().withExtents(List.copyOf(extents))));
    draft.state(draft.state().withoutFolder(stagingId));
    Head head = draft.head();
    draft.head(head.withUsage(head.usedBytes() + bytes, head.recoverableBytes()));
    return new Mailbox.Placed(
        draft.version(), folder.counters().uidValidity(), sourceUids, targetUids);
  }

  /// Writes attached segments, at most so many, under the folder's own id; when none is left the
  /// extents go, and with the next sweep their rows.
  ///
  /// @return whether there are more
  boolean absorb(Draft draft, FolderId id, int segmentsMax) {
    FolderState folder = draft.loadedFolder(id);
    if (folder.counters().extents().isEmpty()) return false;
    SegmentTable table = folder.loaded();
    SegmentTable.Editor edits = table.new Editor();
    int count = 0;
    for (int i = 0; i < table.segmentCount() && count < segmentsMax; i++) {
      Segment segment = table.segment(i);
      if (!segment.isAttached()) continue;
      edits.put(new Segment(segment.number(), segment.present(), segment.columns()));
      count++;
    }
    FolderState.Counters counters = folder.counters();
    if (count == 0) {
      draft.folder(folder.withCounters(counters.withExtents(List.of())));
      return false;
    }
    draft.folder(folder.withTable(Optional.of(edits.build())));
    return true;
  }

  private Mailbox.Placed append(
      Draft draft, FolderState folder, KeywordTable keywords, List<Prepared> messages) {
    long[] keywordBits = new long[messages.size()];
    for (int i = 0; i < messages.size(); i++) {
      keywordBits[i] = keywords.bits(messages.get(i).keywords());
    }
    Head head = draft.head();
    long modSeq = modSeq(draft, folder);
    long email = head.nextEmail();
    long item = head.nextItem();
    SegmentTable table = folder.loaded();
    SegmentTable.Editor edits = table.new Editor();
    SegmentAppender appender = new SegmentAppender(table, edits, folder.counters().uidNext());
    KeptNumbers kept = new KeptNumbers(draft, table);
    long[] uids = new long[messages.size()];
    for (int i = 0; i < messages.size(); i++) {
      Prepared message = messages.get(i);
      if (message.kept().isPresent()) appender.next(kept.uid(message.kept().get()));
      long number = message.kept().isPresent() ? kept.email(message.kept().get(), email) : email;
      email = Math.max(email, number + 1);
      storeMessage(draft, number, message);
      uids[i] =
          appender.add(
              item++,
              number,
              message.flags(),
              keywordBits[i],
              message.receivedSeconds(),
              draft.nowSeconds(),
              modSeq,
              (int) message.content().length());
    }
    appender.finish();
    draft.head(head.withNext(email, item, head.nextFolder(), head.nextUidValidity()));
    draft.folder(
        keywords
            .save(draft, key, folder)
            .edited(
                edits, Math.max(folder.counters().uidNext(), appender.uidNext()), draft.version()));
    return new Mailbox.Placed(draft.version(), folder.counters().uidValidity(), new long[0], uids);
  }

  private static void storeMessage(Draft draft, long email, Prepared message) {
    ThreadId thread = Threads.join(draft, message.threadHashes(), email);
    int part = 0;
    for (byte[] octets : StoredMessage.parts(thread, message.sealedSummary())) {
      draft.putOnce(Rows.MESSAGES, Rows.message(email, part++), octets);
    }
    StagedContent content = message.content();
    if (content.inline().isPresent()) {
      draft.putOnce(Rows.INLINE, Rows.key(email), content.inline().get());
      return;
    }
    byte[] blob = blobKey(content.id());
    long count =
        message.fresh() ? 0 : draft.read(Rows.BLOBS, blob).map(MessageChanges::count).orElse(0L);
    draft.put(Rows.BLOBS, blob, countRow(count + 1));
  }

  /// Empty if this delivery was made already.
  Optional<Mailbox.Placed> deliver(
      Draft draft, FolderId target, Prepared message, byte[] delivery) {
    if (draft.read(Rows.DELIVERIES, delivery).isPresent()) return Optional.empty();
    Mailbox.Placed placed = append(draft, target, List.of(message));
    draft.put(
        Rows.DELIVERIES, delivery, new RowWriter(8).u8(1).varint(draft.nowSeconds()).toBytes());
    return Optional.of(placed);
  }

  /// One email in several places, each with flags of its own: the first as it is delivered, the
  /// others as copies of it.
  Optional<Mailbox.Placed> deliver(
      Draft draft, List<Filing> places, Prepared message, byte[] delivery) {
    Filing first = places.getFirst();
    Optional<Mailbox.Placed> placed = deliver(draft, first.folder(), message.with(first), delivery);
    if (placed.isEmpty()) return placed;
    for (Filing each : places.subList(1, places.size())) {
      Mailbox.Placed copied = copy(draft, first.folder(), placed.get().targetUids(), each.folder());
      FlagChange flags =
          new FlagChange(FlagChange.Mode.REPLACE, each.flags() & Flags.ALL, each.keywords());
      var _ = store(draft, each.folder(), copied.targetUids(), flags, OptionalLong.empty());
    }
    return placed;
  }

  Mailbox.Placed copy(Draft draft, FolderId source, long[] uids, FolderId target) {
    Picked picked = pick(draft.loadedFolder(source), uids);
    FolderState to = receiving(draft, target, picked.count());
    if (picked.count() == 0) return nothing(draft, to);
    checkQuota(draft, picked.bytes());
    List<String> names = draft.state().folder(source).keywords();
    References.add(draft, picked.columns().emails);
    Head head = draft.head();
    draft.head(head.withUsage(head.usedBytes() + picked.bytes(), head.recoverableBytes()));
    return place(draft, picked, names, to, new KeywordTable(to), false);
  }

  Mailbox.Placed move(Draft draft, FolderId source, long[] uids, FolderId target) {
    FolderState from = draft.loadedFolder(source);
    Picked picked = pick(from, uids);
    FolderState to = receiving(draft, target, picked.count());
    if (picked.count() == 0) return nothing(draft, to);
    takeOut(draft, from, picked.uids());
    FolderState now = draft.state().folder(target);
    return place(draft, picked, from.keywords(), now, new KeywordTable(now), false);
  }

  Mailbox.Stored store(
      Draft draft, FolderId target, long[] uids, FlagChange change, OptionalLong unchangedSince) {
    FolderState folder = draft.loadedFolder(target);
    KeywordTable keywords = new KeywordTable(folder);
    long keywordBits =
        change.mode() == FlagChange.Mode.REMOVE
            ? keywords.knownBits(change.keywords())
            : keywords.bits(change.keywords());
    FolderContents.UidList changed = new FolderContents.UidList();
    FolderContents.UidList modified = new FolderContents.UidList();
    SegmentTable table = folder.loaded();
    SegmentTable.Editor edits = table.new Editor();
    long limit = unchangedSince.orElse(Long.MAX_VALUE);
    for (Range range : ranges(table, uids)) {
      Segment segment = table.segment(range.segment());
      Segment.Columns old = segment.columns();
      Segment.Columns fresh = null;
      for (int i = range.from(); i < range.to(); i++) {
        if (!segment.contains(uids[i])) continue;
        int index = segment.indexAtLeast(uids[i]);
        if (old.modSeqs[index] > limit) {
          modified.add(uids[i]);
          continue;
        }
        int flags = apply(change.mode(), old.flags[index], change.flags() & Flags.ALL);
        long bits = apply(change.mode(), old.keywords[index], keywordBits);
        if (flags == old.flags[index] && bits == old.keywords[index]) continue;
        if (fresh == null) fresh = old.copy();
        fresh.flags[index] = (byte) flags;
        fresh.keywords[index] = bits;
        fresh.modSeqs[index] = draft.version();
        changed.add(uids[i]);
      }
      if (fresh != null) edits.put(new Segment(segment.number(), segment.present(), fresh));
    }
    if (!edits.isEmpty()) {
      draft.folder(
          keywords
              .save(draft, key, folder)
              .edited(edits, folder.counters().uidNext(), draft.version()));
    }
    return new Mailbox.Stored(
        edits.isEmpty() ? draft.state().version() : draft.version(),
        changed.toArray(),
        modified.toArray());
  }

  /// Moves messages to where they can be recovered.
  ///
  /// @param deletedOnly only those that carry \Deleted
  long[] remove(Draft draft, FolderId source, long[] uids, boolean deletedOnly) {
    FolderState from = draft.loadedFolder(source);
    Picked picked = pick(from, deletedOnly ? deleted(from, uids) : uids);
    if (picked.count() == 0) return new long[0];
    takeOut(draft, from, picked.uids());
    Head head = draft.head();
    draft.head(
        head.withUsage(
            head.usedBytes() - picked.bytes(), head.recoverableBytes() + picked.bytes()));
    FolderState hidden = draft.load(draft.state().recoverable());
    checkUids(hidden, picked.count());
    place(draft, picked, from.keywords(), hidden, new KeywordTable(hidden), true);
    return picked.uids();
  }

  /// Brings recoverable messages back.
  Mailbox.Placed recover(Draft draft, long[] uids, FolderId target) {
    FolderState hidden = draft.load(draft.state().recoverable());
    Picked picked = pick(hidden, uids);
    FolderState to = receiving(draft, target, picked.count());
    if (picked.count() == 0) return nothing(draft, to);
    checkQuota(draft, picked.bytes());
    takeOut(draft, hidden, picked.uids());
    Head head = draft.head();
    draft.head(
        head.withUsage(
            head.usedBytes() + picked.bytes(), head.recoverableBytes() - picked.bytes()));
    return place(draft, picked, hidden.keywords(), to, new KeywordTable(to), false);
  }

  /// Takes messages out of a folder, remembering for QRESYNC that they vanished.
  void takeOut(Draft draft, FolderState folder, long[] uids) {
    SegmentTable table = folder.loaded();
    SegmentTable.Editor edits = table.new Editor();
    for (Range range : ranges(table, uids)) {
      Segment segment = table.segment(range.segment());
      long mask = 0;
      for (int i = range.from(); i < range.to(); i++) {
        mask |= 1L << (uids[i] % Segment.UIDS);
        if (folder.isVisible()) draft.vanish(folder.id(), uids[i]);
      }
      edits.put(segment.without(mask));
    }
    draft.folder(folder.edited(edits, folder.counters().uidNext(), draft.version()));
  }

  /// Puts messages at the end of a folder under new item ids.
  private Mailbox.Placed place(
      Draft draft,
      Picked picked,
      List<String> names,
      FolderState target,
      KeywordTable keywords,
      boolean dropKeywords) {
    long modSeq = modSeq(draft, target);
    long[] bits = keywords.translate(picked.columns().keywords, names, dropKeywords);
    Head head = draft.head();
    long item = head.nextItem();
    SegmentTable table = target.loaded();
    SegmentTable.Editor edits = table.new Editor();
    SegmentAppender appender = new SegmentAppender(table, edits, target.counters().uidNext());
    long[] targetUids = new long[picked.count()];
    Segment.Columns columns = picked.columns();
    for (int i = 0; i < picked.count(); i++) {
      targetUids[i] =
          appender.add(
              item++,
              columns.emails[i],
              columns.flags[i],
              bits[i],
              columns.received[i],
              draft.nowSeconds(),
              modSeq,
              columns.sizes[i]);
    }
    appender.finish();
    draft.head(head.withNext(head.nextEmail(), item, head.nextFolder(), head.nextUidValidity()));
    draft.folder(
        keywords.save(draft, key, target).edited(edits, appender.uidNext(), draft.version()));
    return new Mailbox.Placed(
        draft.version(), target.counters().uidValidity(), picked.uids(), targetUids);
  }

  private static Mailbox.Placed nothing(Draft draft, FolderState to) {
    return new Mailbox.Placed(
        draft.state().version(), to.counters().uidValidity(), new long[0], new long[0]);
  }

  /// The folder, if it can take so many more messages.
  private static FolderState receiving(Draft draft, FolderId target, int count) {
    FolderState folder = draft.loadedFolder(target);
    if (!folder.shape().selectable()) {
      throw new RefusedException(Refusal.NOT_FOUND, "no such folder");
    }
    checkUids(folder, count);
    return folder;
  }

  private static void checkUids(FolderState folder, int count) {
    if (folder.counters().uidNext() + count - 1 > Uid.VALUE_MAX) {
      throw noUids();
    }
  }

  private static RefusedException noUids() {
    return new RefusedException(
        Refusal.LIMIT_REACHED,
        "the folder has no message numbers left; move its messages to a new one");
  }

  /// Staged messages get the mod-sequence of the commit that attaches them: until then 0.
  private static long modSeq(Draft draft, FolderState folder) {
    return folder.shape().kind() == FolderState.Kind.STAGING ? 0 : draft.version();
  }

  private static void checkQuota(Draft draft, long more) {
    if (draft.head().usedBytes() + more > draft.head().quotaBytes()) {
      throw new RefusedException(Refusal.OVER_QUOTA, "the mailbox is full");
    }
  }

  /// Those of the UIDs that exist.
  static Picked pick(FolderState folder, long[] uids) {
    SegmentTable table = folder.loaded();
    long[] found = new long[uids.length];
    int count = 0;
    List<Range> ranges = ranges(table, uids);
    for (Range range : ranges) {
      Segment segment = table.segment(range.segment());
      for (int i = range.from(); i < range.to(); i++) {
        if (segment.contains(uids[i])) found[count++] = uids[i];
      }
    }
    Segment.Columns columns = new Segment.Columns(count);
    int target = 0;
    for (Range range : ranges) {
      Segment segment = table.segment(range.segment());
      Segment.Columns from = segment.columns();
      for (int i = range.from(); i < range.to(); i++) {
        if (segment.contains(uids[i])) {
          columns.set(target++, from, segment.indexAtLeast(uids[i]));
        }
      }
    }
    return new Picked(Arrays.copyOf(found, count), columns);
  }

  private static long[] deleted(FolderState folder, long[] uids) {
    FolderContents.UidList marked = new FolderContents.UidList();
    SegmentTable table = folder.loaded();
    for (Range range : ranges(table, uids)) {
      Segment segment = table.segment(range.segment());
      if (segment.deletedCount() == 0) continue;
      byte[] flags = segment.columns().flags;
      for (int i = range.from(); i < range.to(); i++) {
        if (segment.contains(uids[i])
            && (flags[segment.indexAtLeast(uids[i])] & Flags.DELETED) != 0) {
          marked.add(uids[i]);
        }
      }
    }
    return marked.toArray();
  }

  /// UIDs `from` (inclusive) to `to` (exclusive) of an ascending array belong to one segment.
  private record Range(int segment, int from, int to) {}

  private static List<Range> ranges(SegmentTable table, long[] uids) {
    List<Range> ranges = new ArrayList<>();
    int from = 0;
    while (from < uids.length) {
      long number = uids[from] / Segment.UIDS;
      int to = from + 1;
      while (to < uids.length && uids[to] / Segment.UIDS == number) to++;
      int at = table.indexAtLeast(number);
      if (at < table.segmentCount() && table.segment(at).number() == number) {
        ranges.add(new Range(at, from, to));
      }
      from = to;
    }
    return ranges;
  }

  private static int apply(FlagChange.Mode mode, int old, int bits) {
    return (int) apply(mode, (long) old, bits);
  }

  private static long apply(FlagChange.Mode mode, long old, long bits) {
    return switch (mode) {
      case ADD -> old | bits;
      case REMOVE -> old & ~bits;
      case REPLACE -> bits;
    };
  }

  static byte[] blobKey(BlobId blob) {
    return java.nio.ByteBuffer.allocate(BlobId.BYTES)
        .putLong(blob.high())
        .putLong(blob.low())
        .array();
  }

  static BlobId blob(byte[] key) {
    java.nio.ByteBuffer in = java.nio.ByteBuffer.wrap(key);
    return new BlobId(in.getLong(), in.getLong());
  }

  static byte[] countRow(long count) {
    return new RowWriter(4).u8(1).varint(count).toBytes();
  }

  static long count(byte[] row) {
    return RowReader.of(row, 1, "blob count").varint();
  }

  /// The names of a folder's keyword bits while a change adds to them.
  private static final class KeywordTable {
    private final List<String> names;
    private final int before;

    KeywordTable(FolderState folder) {
      this.names = new ArrayList<>(folder.keywords());
      this.before = names.size();
    }

    /// Gives new keywords their bits.
    ///
    /// @throws RefusedException LIMIT_REACHED; INVALID for an unusable name
    long bits(Set<String> keywords) {
      long bits = 0;
      for (String keyword : keywords) {
        int bit = find(keyword);
        if (bit < 0) {
          if (names.size() == Flags.KEYWORD_COUNT_MAX) {
            throw new RefusedException(
                Refusal.LIMIT_REACHED,
                "a folder has " + Flags.KEYWORD_COUNT_MAX + " different keywords at the most");
          }
          if (keyword.isEmpty() || keyword.length() > MailboxLimits.KEYWORD_LENGTH_MAX) {
            throw new RefusedException(Refusal.INVALID, "a keyword is empty or too long");
          }
          bit = names.size();
          names.add(keyword);
        }
        bits |= 1L << bit;
      }
      return bits;
    }

    long knownBits(Set<String> keywords) {
      long bits = 0;
      for (String keyword : keywords) {
        int bit = find(keyword);
        if (bit >= 0) bits |= 1L << bit;
      }
      return bits;
    }

    /// Bits of another folder's table in terms of this one.
    long[] translate(long[] bits, List<String> otherNames, boolean dropWhatDoesNotFit) {
      long[] translated = new long[bits.length];
      long used = 0;
      for (long each : bits) used |= each;
      if (used == 0) return translated;
      long[] mapping = new long[Flags.KEYWORD_COUNT_MAX];
      for (int bit = 0; bit < otherNames.size(); bit++) {
        if ((used >>> bit & 1) == 0) continue;
        boolean fits = find(otherNames.get(bit)) >= 0 || names.size() < Flags.KEYWORD_COUNT_MAX;
        if (fits || !dropWhatDoesNotFit) mapping[bit] = bits(Set.of(otherNames.get(bit)));
      }
      for (int i = 0; i < bits.length; i++) {
        for (long rest = bits[i]; rest != 0; rest &= rest - 1) {
          translated[i] |= mapping[Long.numberOfTrailingZeros(rest)];
        }
      }
      return translated;
    }

    FolderState save(Draft draft, MailboxKey key, FolderState folder) {
      if (names.size() == before || folder.shape().kind() == FolderState.Kind.STAGING) {
        return folder;
      }
      for (int bit = before; bit < names.size(); bit++) {
        draft.put(
            Rows.KEYWORDS,
            Rows.keyword(folder.id().value(), bit),
            key.seal(MailboxKey.Purpose.KEYWORD, names.get(bit)));
      }
      return folder.withKeywords(List.copyOf(names));
    }

    /// RFC 9051 §2.3.2: keywords compare without case.
    private int find(String keyword) {
      for (int bit = 0; bit < names.size(); bit++) {
        if (names.get(bit).equals(keyword)
            || names.get(bit).toLowerCase(Locale.ROOT).equals(keyword.toLowerCase(Locale.ROOT))) {
          return bit;
        }
      }
      return -1;
    }
  }
}
