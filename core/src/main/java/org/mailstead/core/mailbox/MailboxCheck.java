package org.mailstead.core.mailbox;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.mailstead.base.EmailId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.content.StagedContent;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.store.BlobId;
import org.mailstead.store.Collection;
import org.mailstead.store.Findings;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionCheck;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// Proves that a mailbox agrees with itself: counters with segments, UIDNEXTs, usage, placements
/// with message rows and reference counts, blob counts, the log of vanished UIDs; and that every
/// summary opens with the mailbox key.
public final class MailboxCheck implements PartitionCheck {
  private static final int PAGE_ROWS = 1_000;

  private final OrganizationKeys keys;

  public MailboxCheck(OrganizationKeys keys) {
    this.keys = keys;
  }

  @Override
  public boolean covers(PartitionId partition) {
    return partition.value().startsWith(Mailboxes.PREFIX);
  }

  @Override
  public void check(Store store, PartitionId partition, Findings findings) {
    MailboxLoader loader = new MailboxLoader(store, partition, Mailboxes.mailbox(partition), keys);
    Optional<MailboxState> state;
    try {
      state = loader.load();
    } catch (RefusedException e) {
      findings.error(partition + ": its key does not open: " + e.logText());
      return;
    }
    if (state.isEmpty()) {
      findings.warning(partition + ": has no head: it was being removed");
      return;
    }
    new Walk(store, partition, findings, loader, state.get()).run();
  }

  /// One mailbox being checked.
  private static final class Walk {
    private final Store store;
    private final PartitionId partition;
    private final Findings findings;
    private final MailboxLoader loader;
    private final MailboxState state;
    private final FolderContents.UidList emails = new FolderContents.UidList();
    private final FolderContents.UidList items = new FolderContents.UidList();

    Walk(
        Store store,
        PartitionId partition,
        Findings findings,
        MailboxLoader loader,
        MailboxState state) {
      this.store = store;
      this.partition = partition;
      this.findings = findings;
      this.loader = loader;
      this.state = state;
    }

    void run() {
      long used = 0;
      long recoverable = 0;
      Map<Long, SegmentTable> tables = new HashMap<>();
      for (FolderState folder : state.folders()) {
        SegmentTable table = loader.loadTable(state.version(), folder);
        tables.put(folder.id().value(), table);
        long bytes = folder(folder, table);
        if (folder.shape().kind() == FolderState.Kind.VISIBLE) used += bytes;
        if (folder.shape().kind() == FolderState.Kind.RECOVERABLE) recoverable += bytes;
      }
      Head head = state.head();
      expect(used == head.usedBytes(), "uses " + used + " octets, counts " + head.usedBytes());
      expect(
          recoverable == head.recoverableBytes(),
          "has " + recoverable + " recoverable octets, counts " + head.recoverableBytes());
      long[] itemIds = sorted(items);
      for (int i = 0; i < itemIds.length; i++) {
        expect(i == 0 || itemIds[i] != itemIds[i - 1], "item " + itemIds[i] + " is there twice");
      }
      expect(
          itemIds.length == 0 || itemIds[itemIds.length - 1] < head.nextItem(),
          "the next item id is taken");
      long[] emailIds = sorted(emails);
      expect(
          emailIds.length == 0 || emailIds[emailIds.length - 1] < head.nextEmail(),
          "the next email id is taken");
      references(emailIds);
      Map<BlobId, Long> blobs = messages(emailIds);
      blobs(blobs);
      segmentOwners(tables);
      vanished(tables);
    }

    private long folder(FolderState folder, SegmentTable table) {
      String name = "folder " + folder.id();
      FolderState.Counters counters = folder.counters();
      long unseen = 0;
      long deleted = 0;
      long bytes = 0;
      for (int i = 0; i < table.segmentCount(); i++) {
        Segment segment = table.segment(i);
        Segment.Columns columns = segment.columns();
        int unseenHere = 0;
        int deletedHere = 0;
        long bytesHere = 0;
        for (int index = 0; index < segment.count(); index++) {
          if ((columns.flags[index] & Flags.SEEN) == 0) unseenHere++;
          if ((columns.flags[index] & Flags.DELETED) != 0) deletedHere++;
          bytesHere += columns.sizes[index];
          emails.add(columns.emails[index]);
          items.add(columns.items[index]);
          expect(
              columns.modSeqs[index] <= state.version(), name + ": a mod-sequence of the future");
          expect(
              columns.modSeqs[index] <= counters.highestModSeq(),
              name + ": a mod-sequence above HIGHESTMODSEQ");
          expect(
              // Staged messages have the bits of the folder that they will be attached to.
              folder.shape().kind() == FolderState.Kind.STAGING
                  || folder.keywords().size() == Flags.KEYWORD_COUNT_MAX
                  || columns.keywords[index] >>> folder.keywords().size() == 0,
              name + ": a keyword without a name");
        }
        expect(
            unseenHere == segment.unseenCount()
                && deletedHere == segment.deletedCount()
                && bytesHere == segment.bytes(),
            name + ": segment " + segment.number() + " miscounts");
        unseen += unseenHere;
        deleted += deletedHere;
        bytes += bytesHere;
        expect(segment.uid(segment.count() - 1) < counters.uidNext(), name + ": UIDNEXT is taken");
      }
      expect(table.count() == counters.messageCount(), name + ": message count");
      expect(unseen == counters.unseenCount(), name + ": unseen count");
      expect(deleted == counters.deletedCount(), name + ": deleted count");
      expect(bytes == counters.bytes(), name + ": octets");
      expect(
          counters.uidValidity() < state.head().nextUidValidity(),
          name + ": UIDVALIDITY is not counted");
      expect(
          folder.shape().parent().isEmpty()
              || state.find(folder.shape().parent().get().value()).isPresent(),
          name + ": its parent is not there");
      return bytes;
    }

    /// Placements per email against the rows that count those with more than one.
    private void references(long[] emailIds) {
      Map<Long, Long> counted = new HashMap<>();
      each(Rows.REFERENCES, row -> counted.putAll(References.decode(row.key(), row.value())));
      for (int i = 0; i < emailIds.length; ) {
        int end = i + 1;
        while (end < emailIds.length && emailIds[end] == emailIds[i]) end++;
        long found = counted.getOrDefault(emailIds[i], 1L);
        counted.remove(emailIds[i]);
        expect(
            found == end - i,
            "email " + emailIds[i] + " has " + (end - i) + " placements, counts " + found);
        i = end;
      }
      expect(
          counted.isEmpty(), "counts references of emails that are not there: " + counted.size());
    }

    /// Each email has a row that opens and a content, and no row is without an email.
    private Map<BlobId, Long> messages(long[] emailIds) {
      long[] distinct = Arrays.stream(emailIds).distinct().toArray();
      Set<Long> inline = new HashSet<>();
      each(Rows.INLINE, row -> inline.add(Rows.id(row.key())));
      Map<BlobId, Long> blobs = new HashMap<>();
      int[] next = {0};
      List<byte[]> parts = new ArrayList<>();
      each(
          Rows.MESSAGES,
          row -> {
            long email = Rows.id(row.key());
            parts.add(row.value());
            if (parts.size() < StoredMessage.partCount(parts.getFirst())) return;
            List<byte[]> whole = List.copyOf(parts);
            parts.clear();
            while (next[0] < distinct.length && distinct[next[0]] < email) {
              findings.error(partition + ": email " + distinct[next[0]++] + " has no row");
            }
            if (next[0] < distinct.length && distinct[next[0]] == email) next[0]++;
            else findings.error(partition + ": email " + email + " has no placement");
            message(StoredMessage.of(loader.key(), new EmailId(email), whole), inline, blobs);
          });
      expect(parts.isEmpty(), "the last email row is incomplete");
      while (next[0] < distinct.length) {
        findings.error(partition + ": email " + distinct[next[0]++] + " has no row");
      }
      expect(inline.isEmpty(), "inline contents without an email: " + inline.size());
      return blobs;
    }

    private void message(StoredMessage message, Set<Long> inline, Map<BlobId, Long> blobs) {
      message.structure();
      if (message.isInline()) {
        expect(
            inline.remove(message.email().value()),
            "email " + message.email() + " has lost its content");
        return;
      }
      StagedContent content = message.content(state.head().organization(), Optional.empty());
      blobs.merge(content.id(), 1L, Long::sum);
    }

    private void blobs(Map<BlobId, Long> blobs) {
      each(
          Rows.BLOBS,
          row -> {
            BlobId blob = MessageChanges.blob(row.key());
            long counted = MessageChanges.count(row.value());
            long found = Optional.ofNullable(blobs.remove(blob)).orElse(0L);
            expect(
                counted == found, "blob " + blob + " has " + found + " emails, counts " + counted);
            if (found > 0) findings.refersTo(partition, blob);
          });
      for (BlobId blob : blobs.keySet()) {
        findings.error(partition + ": does not count blob " + blob);
        findings.refersTo(partition, blob);
      }
    }

    /// Segment rows of folders that are gone are a crash's rest, to be swept by the purge.
    private void segmentOwners(Map<Long, SegmentTable> tables) {
      Set<Long> known = new HashSet<>(tables.keySet());
      for (FolderState folder : state.folders()) {
        folder.counters().extents().forEach(extent -> known.add(extent.owner()));
      }
      Set<Long> strange = new HashSet<>();
      each(
          Rows.SEGMENTS,
          row -> {
            if (!known.contains(Rows.id(row.key()))) strange.add(Rows.id(row.key()));
          });
      if (!strange.isEmpty()) {
        findings.warning(partition + ": segments of removed folders " + strange);
      }
    }

    private void vanished(Map<Long, SegmentTable> tables) {
      each(
          Rows.VANISHED,
          row -> {
            SegmentTable table = tables.get(Rows.id(row.key()));
            if (table == null) return;
            for (long uid : VanishedLog.uids(row.value())) {
              int at = table.indexAtLeast(uid / Segment.UIDS);
              expect(
                  at == table.segmentCount() || !table.segment(at).contains(uid),
                  "UID " + uid + " of folder " + Rows.id(row.key()) + " vanished but is there");
            }
          });
    }

    private void each(Collection collection, Consumer<Row> action) {
      Optional<Range> rest = Optional.of(Range.all());
      while (rest.isPresent()) {
        Page page = store.range(partition, collection, rest.get(), PAGE_ROWS);
        page.rows().forEach(action);
        rest = page.next();
      }
    }

    private void expect(boolean holds, String text) {
      if (!holds) findings.error(partition + ": " + text);
    }

    private static long[] sorted(FolderContents.UidList list) {
      long[] all = list.toArray();
      Arrays.sort(all);
      return all;
    }
  }
}
