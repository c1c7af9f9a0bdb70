package org.mailstead.server;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.base.FolderId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.mailbox.FlagChange;
import org.mailstead.core.mailbox.Flags;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.NewMessage;
import org.mailstead.core.mailbox.SpecialUse;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.ItemWriter;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.NewItem;
import org.mailstead.migration.item.ReadItem;
import org.mailstead.migration.item.Target;
import org.mailstead.migration.item.WriteResult;

/// A mailbox of this service as the migration engine writes it. What is written is stored, as by
/// IMAP's APPEND: mail flow, with its rules, replies and journals, never hears of it.
final class MailboxTarget implements Target {
  private static final Map<String, Integer> SYSTEM_FLAGS =
      Map.of(
          "\\seen", Flags.SEEN,
          "\\answered", Flags.ANSWERED,
          "\\flagged", Flags.FLAGGED,
          "\\deleted", Flags.DELETED,
          "\\draft", Flags.DRAFT);
  private static final Map<Integer, String> FLAG_NAMES =
      Map.of(
          Flags.SEEN, "\\Seen",
          Flags.ANSWERED, "\\Answered",
          Flags.FLAGGED, "\\Flagged",
          Flags.DELETED, "\\Deleted",
          Flags.DRAFT, "\\Draft");

  private final Mailbox mailbox;
  private final InstantSource clock;

  MailboxTarget(Mailbox mailbox, InstantSource clock) {
    this.mailbox = mailbox;
    this.clock = clock;
  }

  @Override
  public String identity() {
    return "mailbox " + mailbox.id();
  }

  @Override
  public List<MailFolder> folders() {
    return mailbox.folders().stream().map(this::folder).toList();
  }

  private MailFolder folder(Folder folder) {
    FolderPath path = new FolderPath(mailbox.path(folder.id()));
    FolderRole role =
        path.isInbox()
            ? FolderRole.INBOX
            : folder
                .specialUse()
                .flatMap(use -> FolderRole.ofAttribute(use.attribute()))
                .orElse(FolderRole.NONE);
    return new MailFolder(
        Long.toString(folder.id().value()),
        path,
        role,
        Long.toString(folder.uidValidity()),
        folder.messageCount(),
        folder.bytes(),
        folder.selectable(),
        folder.subscribed());
  }

  private static FolderId id(MailFolder folder) {
    return new FolderId(Long.parseLong(folder.key()));
  }

  @Override
  public FolderListing list(MailFolder folder, Optional<String> token) {
    return new FolderListing.Complete(listSince(folder, ""), "");
  }

  @Override
  public List<ItemSummary> listSince(MailFolder folder, String position) {
    FolderView view = mailbox.view(id(folder));
    List<ItemSummary> items = new ArrayList<>();
    long first = position.isEmpty() ? 1 : Long.parseLong(position);
    for (int i = view.sequenceAtLeast(first); i <= view.count(); i++) {
      Set<String> flags = new HashSet<>();
      int bits = view.flags(i);
      FLAG_NAMES.forEach((bit, name) -> {
        if ((bits & bit) != 0) flags.add(name);
      });
      for (int k = 0; k < view.keywordNames().size(); k++) {
        if ((view.keywords(i) & 1L << k) != 0) flags.add(view.keywordNames().get(k));
      }
      items.add(
          new ItemSummary(
              Long.toString(view.uid(i)),
              view.size(i),
              flags,
              Instant.ofEpochSecond(view.receivedSeconds(i))));
    }
    return items;
  }

  @Override
  public String position(MailFolder folder) {
    return Long.toString(mailbox.view(id(folder)).folder().uidNext());
  }

  @Override
  public ItemReader read(MailFolder folder, List<ItemSummary> items) {
    return new Reader(mailbox, mailbox.view(id(folder)), new ArrayDeque<>(items));
  }

  @Override
  public long itemBytesMax() {
    return Long.MAX_VALUE;
  }

  @Override
  public MailFolder ensureFolder(FolderPath path, FolderRole role, boolean subscribed) {
    Optional<Folder> there = mailbox.findFolder(path.names()).filter(Folder::selectable);
    if (there.isPresent()) return folder(there.get());
    Optional<SpecialUse> use = Optional.empty();
    for (SpecialUse each : SpecialUse.values()) {
      boolean taken =
          mailbox.folders().stream().anyMatch(f -> f.specialUse().equals(Optional.of(each)));
      if (each.attribute().equals(role.attribute()) && !taken) use = Optional.of(each);
    }
    Folder made = mailbox.createFolder(path.names(), use);
    if (subscribed) mailbox.subscribe(path.names(), true);
    return folder(made);
  }

  @Override
  public ItemWriter write(MailFolder folder) {
    return new Writer(id(folder));
  }

  private record Split(int flags, Set<String> keywords) {
    static Split of(Set<String> names) {
      int bits = 0;
      Set<String> keywords = new HashSet<>();
      for (String name : names) {
        Integer bit = SYSTEM_FLAGS.get(name.toLowerCase(java.util.Locale.ROOT));
        if (bit != null) bits |= bit;
        else if (!name.startsWith("\\")) keywords.add(name);
      }
      return new Split(bits, keywords);
    }
  }

  @Override
  public Set<String> keepable(MailFolder folder, Set<String> flags) {
    Set<String> kept = new HashSet<>();
    for (String name : flags) {
      if (!name.startsWith("\\")
          || SYSTEM_FLAGS.containsKey(name.toLowerCase(java.util.Locale.ROOT))) {
        kept.add(name);
      }
    }
    return kept;
  }

  @Override
  public void setFlags(MailFolder folder, List<String> ids, Set<String> flags) {
    Split split = Split.of(flags);
    Mailbox.Stored ignored =
        mailbox.store(
            id(folder),
            uids(ids),
            new FlagChange(FlagChange.Mode.REPLACE, split.flags(), split.keywords()),
            java.util.OptionalLong.empty());
    if (ignored.modified().length > 0) throw new IllegalStateException("no condition was given");
  }

  @Override
  public void remove(MailFolder folder, List<String> ids) {
    long[] uids = uids(ids);
    Mailbox.Stored marked =
        mailbox.store(
            id(folder),
            uids,
            new FlagChange(FlagChange.Mode.ADD, Flags.DELETED, Set.of()),
            java.util.OptionalLong.empty());
    if (marked.modified().length > 0) throw new IllegalStateException("no condition was given");
    long[] removed = mailbox.expunge(id(folder), uids);
    if (removed.length > uids.length) throw new IllegalStateException("removed more than was said");
  }

  private static long[] uids(List<String> ids) {
    return ids.stream().mapToLong(Long::parseLong).sorted().toArray();
  }

  @Override
  public void close() {}

  private record Reader(Mailbox mailbox, FolderView view, Deque<ItemSummary> left)
      implements ItemReader {
    @Override
    public Optional<ReadItem> next() {
      ItemSummary item = left.poll();
      if (item == null) return Optional.empty();
      int sequence = view.sequenceOf(Long.parseLong(item.id()));
      if (sequence == 0) return Optional.of(new ReadItem.Missing(item));
      try {
        Content content = mailbox.content(view.email(sequence));
        return Optional.of(new ReadItem.Found(item, content));
      } catch (RefusedException e) {
        return Optional.of(new ReadItem.Missing(item));
      }
    }

    @Override
    public void close() {}
  }

  /// A batch is one commit; if one of its messages is refused, each is tried alone.
  private final class Writer implements ItemWriter {
    private final FolderId folder;
    private final Deque<List<WriteResult>> done = new ArrayDeque<>();

    Writer(FolderId folder) {
      this.folder = folder;
    }

    @Override
    public int batchesInFlightMax() {
      return 1;
    }

    @Override
    public void send(List<NewItem> batch) {
      try {
        done.add(append(batch));
      } catch (RefusedException e) {
        if (batch.size() == 1) {
          done.add(List.of(refused(e)));
          return;
        }
        List<WriteResult> results = new ArrayList<>();
        for (NewItem item : batch) {
          try {
            results.addAll(append(List.of(item)));
          } catch (RefusedException single) {
            results.add(refused(single));
          }
        }
        done.add(results);
      }
    }

    private List<WriteResult> append(List<NewItem> batch) {
      List<NewMessage> messages = new ArrayList<>();
      for (NewItem item : batch) {
        Split split = Split.of(item.flags());
        messages.add(
            new NewMessage(
                item.content(),
                split.flags(),
                split.keywords(),
                item.received().equals(ItemSummary.NO_DATE) ? clock.instant() : item.received()));
      }
      List<WriteResult> results = new ArrayList<>();
      for (long uid : mailbox.append(folder, messages).targetUids()) {
        results.add(new WriteResult.Written(Long.toString(uid)));
      }
      return results;
    }

    private static WriteResult refused(RefusedException e) {
      WriteResult.Reason reason =
          e.refusal() == Refusal.OVER_QUOTA
              ? WriteResult.Reason.OVER_QUOTA
              : e.refusal() == Refusal.TOO_LARGE
                  ? WriteResult.Reason.TOO_LARGE
                  : e.refusal() == Refusal.NOT_FOUND
                      ? WriteResult.Reason.NO_FOLDER
                      : WriteResult.Reason.CONTENT;
      return new WriteResult.Refused(reason, e.publicText());
    }

    @Override
    public List<WriteResult> receive() throws IOException {
      List<WriteResult> results = done.poll();
      if (results == null) throw new IOException("no answer is awaited");
      return results;
    }

    @Override
    public void close() {}
  }
}
