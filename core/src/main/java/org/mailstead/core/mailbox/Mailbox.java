package org.mailstead.core.mailbox;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.mailstead.base.Content;
import org.mailstead.base.EmailId;
import org.mailstead.base.EntityId;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.access.Right;
import org.mailstead.core.content.Contents;
import org.mailstead.core.content.StagedContent;
import org.mailstead.core.search.TextIndexes;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;
import org.mailstead.store.UnknownOutcomeException;

/// One mailbox. Reads answer from immutable states; each change is one commit, durable when the
/// method returns, and raises the version by one. Unless a method says more, it throws
/// [RefusedException] NOT_FOUND for an unknown folder and [org.mailstead.base.UnavailableException]
/// when the store cannot write. Arrays of UIDs are ascending; UIDs that do not exist (any more) are
/// ignored.
///
/// What is large takes several commits where the protocols allow a partial effect: [#store],
/// [#expunge] and [#deleteFolder] (each message changes wholly or not at all). [#append], [#copy]
/// and [#move] are all or nothing: [BulkChanges] says how.
///
/// One file, because it is the whole door to a mailbox: most methods hand on in a few lines.
public final class Mailbox {
  /// UIDs and where they went, in pairs by index; `version` is the change's mod-sequence.
  public record Placed(long version, long uidValidity, long[] sourceUids, long[] targetUids) {}

  /// @param changed the UIDs whose flags really changed
  /// @param modified the UIDs that UNCHANGEDSINCE kept from being changed (RFC 7162 §3.1.3)
  public record Stored(long version, long[] changed, long[] modified) {}

  /// Who may do what on a folder: by user or group id; this one stands for every user of the
  /// organization.
  public static final EntityId ANYONE = new EntityId("anyone");

  /// INBOX is the first folder of every mailbox.
  static final long INBOX = 1;

  private final MailboxId id;
  private final PartitionId partition;
  private final Committer committer;
  private final Contents contents;
  private final StoredMessages messages;
  private final MailboxKey key;
  private final MessageChanges messageChanges;
  private final FolderChanges folderChanges;
  private final BulkChanges bulk;
  private final Runnable weightChanged;
  private final Optional<TextIndexes> indexes;
  private final Optional<MailboxTexts> texts;
  private final Optional<JunkListener> junk;
  private final MailboxRecords records;
  private final Memory memory;

  Mailbox(
      MailboxId id,
      PartitionId partition,
      Committer committer,
      Contents contents,
      StoredMessages messages,
      MailboxKey key,
      Runnable weightChanged,
      Optional<TextIndexes> indexes,
      Optional<JunkListener> junk,
      Store store) {
    this.id = id;
    this.junk = junk;
    this.indexes = indexes;
    this.texts = indexes.map(_ -> new MailboxTexts(store, partition, this, key.searchKey()));
    this.partition = partition;
    this.committer = committer;
    this.contents = contents;
    this.messages = messages;
    this.key = key;
    this.messageChanges = new MessageChanges(key);
    this.folderChanges = new FolderChanges(key);
    this.bulk = new BulkChanges(committer, messageChanges, folderChanges);
    this.weightChanged = weightChanged;
    this.records = new MailboxRecords(store, partition, committer, key);
    this.memory = new Memory(store, partition, committer, key);
    texts.ifPresent(t -> committer.watch(() -> indexes.orElseThrow().changed(t)));
  }

  public MailboxId id() {
    return id;
  }

  public OrganizationId organization() {
    return committer.state().head().organization();
  }

  public long version() {
    return committer.state().version();
  }

  public long quotaBytes() {
    return committer.state().head().quotaBytes();
  }

  public long usedBytes() {
    return committer.state().head().usedBytes();
  }

  /// Full size of what was removed and can still be recovered; the quota does not count it.
  public long recoverableBytes() {
    return committer.state().head().recoverableBytes();
  }

  public void changeQuota(long quotaBytes) {
    if (quotaBytes < 0) throw new RefusedException(Refusal.INVALID, "a negative quota");
    committer.change(draft -> {
      draft.head(draft.head().withQuota(quotaBytes));
      return true;
    });
  }

  /// The folder that new mail goes to; every mailbox has it.
  public FolderId inbox() {
    return new FolderId(INBOX);
  }

  /// All folders that people see, parents before children.
  public List<Folder> folders() {
    MailboxState state = committer.state();
    return state.tree().inOrder().stream().map(each -> state.folder(each).toFolder()).toList();
  }

  public Optional<Folder> findFolder(FolderId folder) {
    return committer
        .state()
        .find(folder.value())
        .filter(FolderState::isVisible)
        .map(FolderState::toFolder);
  }

  /// By path from the top; names compare exactly, but INBOX in any case.
  public Optional<Folder> findFolder(List<String> path) {
    MailboxState state = committer.state();
    return state.tree().find(path).map(found -> state.folder(found).toFolder());
  }

  public List<String> path(FolderId folder) {
    MailboxState state = committer.state();
    return state.tree().path(state.folder(folder).id());
  }

  /// The folder's messages now.
  public FolderView view(FolderId folder) {
    FolderState state = committer.state().folder(folder);
    if (state.table().isEmpty()) {
      state = committer.load(state);
      weightChanged.run();
    }
    return new FolderContents(state);
  }

  /// What was removed and can be recovered, as a view: `savedSeconds` is when it was removed.
  public FolderView recoverableView() {
    FolderState state = committer.state().recoverable();
    return new FolderContents(state.table().isPresent() ? state : committer.load(state));
  }

  /// Brings recoverable messages (UIDs of [#recoverableView]) back into a folder.
  ///
  /// @throws RefusedException OVER_QUOTA
  public Placed recover(long[] uids, FolderId target) {
    long[] ascending = ascending(uids);
    return committer.change(draft -> messageChanges.recover(draft, ascending, target));
  }

  /// Makes a folder and the missing parents.
  ///
  /// @throws RefusedException ALREADY_EXISTS; INVALID for a bad name; LIMIT_REACHED for too many or
  ///   too deep
  public Folder createFolder(List<String> path, Optional<SpecialUse> specialUse) {
    List<String> names = List.copyOf(path);
    return committer.change(draft -> folderChanges.create(draft, names, specialUse));
  }

  /// Gives a folder that never had a message the UIDVALIDITY of the folder that it takes the place
  /// of, and raises its UIDNEXT: ordinary messages get UIDs above those that are to be restored
  /// ([NewMessage#kept]). May be repeated.
  ///
  /// @throws RefusedException WRONG_STATE: it has another UIDVALIDITY and is not new; INVALID
  public Folder keepNumbers(FolderId folder, long uidValidity, long uidNext) {
    return committer.change(
        draft -> folderChanges.keepNumbers(draft, folder, uidValidity, uidNext));
  }

  /// Removes a folder, its messages becoming recoverable; with children it stays as a name only
  /// (RFC 9051 §6.3.5).
  ///
  /// @throws RefusedException FORBIDDEN for INBOX; IN_USE for a name only that has children
  public void deleteFolder(FolderId folder) {
    while (!committer.change(draft -> folderChanges.delete(draft, folder))) {
      bulk.remove(folder, allUids(view(folder)), false);
    }
  }

  /// Renames or moves a folder with its children; INBOX keeps its children and gives its messages
  /// to the new folder (RFC 9051 §6.3.6).
  ///
  /// @throws RefusedException ALREADY_EXISTS; INVALID under itself
  public void renameFolder(FolderId folder, List<String> path) {
    List<String> names = List.copyOf(path);
    if (folder.value() == INBOX) {
      FolderId target = createFolder(names, Optional.empty()).id();
      bulk.move(folder, allUids(view(folder)), target);
      return;
    }
    committer.change(draft -> {
      folderChanges.rename(draft, folder, names);
      return true;
    });
  }

  public void subscribe(List<String> path, boolean subscribed) {
    List<String> names = List.copyOf(path);
    committer.change(draft -> {
      folderChanges.subscribe(draft, names, subscribed);
      return true;
    });
  }

  /// Subscribed names that have no folder (RFC 9051 §6.3.7 keeps them).
  public Set<List<String>> subscribedNamesWithoutFolder() {
    return committer.state().subscribedNames();
  }

  /// Stores messages at the end of a folder, all or none.
  ///
  /// @throws RefusedException OVER_QUOTA, LIMIT_REACHED (keywords), TOO_LARGE
  public Placed append(FolderId folder, List<NewMessage> added) {
    checkBeforeStaging(folder, added);
    List<MessageIndex> indexes =
        added.stream().map(message -> MessageIndex.scan(message.content())).toList();
    List<StagedContent> staged =
        contents.stage(organization(), partition, added.stream().map(NewMessage::content).toList());
    List<MessageChanges.Prepared> prepared = new ArrayList<>(added.size());
    for (int i = 0; i < added.size(); i++) {
      NewMessage message = added.get(i);
      StagedMessage ready =
          new StagedMessage(
              staged.get(i),
              indexes.get(i),
              message.flags(),
              message.keywords(),
              message.received());
      prepared.add(prepare(ready, true).keeping(message.kept()));
    }
    return settling(staged, () -> bulk.append(folder, prepared, () -> release(prepared)));
  }

  /// After the change it is known whether rows refer to what was staged for it, unless its answer
  /// was lost: then the blobs stay out of the purge's reach until the next start.
  private <T> T settling(List<StagedContent> staged, Supplier<T> change) {
    boolean settled = false;
    try {
      T value = change.get();
      settled = true;
      return value;
    } catch (RefusedException e) {
      settled = true;
      throw e;
    } catch (UnavailableException e) {
      settled = !(e instanceof UnknownOutcomeException);
      throw e;
    } finally {
      if (settled) staged.forEach(content -> contents.settle(partition, content));
    }
  }

  /// As [#append], for contents that are staged already (by any holder).
  public Placed appendStaged(FolderId folder, List<StagedMessage> added) {
    List<MessageChanges.Prepared> prepared =
        added.stream().map(message -> prepare(message, false)).toList();
    committer.state().folder(folder);
    return committer.change(draft -> {
      Placed placed = messageChanges.append(draft, folder, prepared);
      hold(prepared);
      return placed;
    });
  }

  /// Stores a message unless this delivery id was seen in the last seven days.
  ///
  /// @return empty when it was a repetition
  /// @throws RefusedException OVER_QUOTA
  public Optional<Placed> deliver(FolderId folder, NewMessage message, String deliveryId) {
    return deliver(
        List.of(new Filing(folder, message.flags(), message.keywords())), message, deliveryId);
  }

  /// The same into several folders in one commit. The flags of the message itself do not count.
  ///
  /// @param places at least one
  public Optional<Placed> deliver(List<Filing> places, NewMessage message, String deliveryId) {
    for (Filing place : places) checkBeforeStaging(place.folder(), List.of(message));
    MessageIndex index = MessageIndex.scan(message.content());
    StagedContent staged =
        contents.stage(organization(), partition, List.of(message.content())).getFirst();
    MessageChanges.Prepared prepared =
        prepare(
            new StagedMessage(
                staged, index, message.flags(), message.keywords(), message.received()),
            true);
    byte[] delivery = key.hash(MailboxKey.Purpose.DELIVERY, deliveryId);
    Optional<Placed> placed;
    try {
      placed =
          settling(
              List.of(staged),
              () ->
                  committer.change(
                      draft -> messageChanges.deliver(draft, places, prepared, delivery)));
    } catch (RefusedException e) {
      // Surely not committed. After any other failure the blob stays until it is found unused.
      release(List.of(prepared));
      throw e;
    }
    if (placed.isEmpty()) contents.release(partition, staged);
    return placed;
  }

  /// As the other `deliver`, for a content that is staged already (by any holder).
  public Optional<Placed> deliver(FolderId folder, StagedMessage message, String deliveryId) {
    return deliver(
        List.of(new Filing(folder, message.flags(), message.keywords())), message, deliveryId);
  }

  /// The same into several folders in one commit. The flags of the message itself do not count.
  ///
  /// @param places at least one
  public Optional<Placed> deliver(List<Filing> places, StagedMessage message, String deliveryId) {
    MessageChanges.Prepared prepared = prepare(message, false);
    byte[] delivery = key.hash(MailboxKey.Purpose.DELIVERY, deliveryId);
    return committer.change(draft -> {
      Optional<Placed> placed = messageChanges.deliver(draft, places, prepared, delivery);
      if (placed.isPresent()) hold(List.of(prepared));
      return placed;
    });
  }

  /// Small things that belong to the owner of the mailbox: scripts, rules, out-of-office.
  public MailboxRecords records() {
    return records;
  }

  /// What deliveries remember of each other.
  public Memory memory() {
    return memory;
  }

  /// Copies messages, all or none. Copies share their content; the quota counts each.
  ///
  /// @throws RefusedException OVER_QUOTA, LIMIT_REACHED (keywords)
  public Placed copy(FolderId source, long[] uids, FolderId target) {
    return told(source, target, bulk.copy(source, ascending(uids), target));
  }

  /// Moves messages, all or none.
  public Placed move(FolderId source, long[] uids, FolderId target) {
    return told(source, target, bulk.move(source, ascending(uids), target));
  }

  /// Some programs copy and remove in place of moving: both count.
  private Placed told(FolderId source, FolderId target, Placed placed) {
    if (junk.isPresent() && placed.targetUids().length > 0) {
      Sorting.of(committer.state(), source, target)
          .ifPresent(sorting -> {
            FolderView view = view(target);
            List<EmailId> emails = sorting.emails(view, placed.targetUids());
            if (!emails.isEmpty()) junk.get().sorted(this, emails, sorting == Sorting.SPAM);
          });
    }
    return placed;
  }

  /// Changes flags. With `unchangedSince`, messages with a higher mod-sequence are left alone and
  /// reported.
  ///
  /// @throws RefusedException LIMIT_REACHED (keywords), before anything changes
  public Stored store(
      FolderId folder, long[] uids, FlagChange change, OptionalLong unchangedSince) {
    return bulk.store(folder, ascending(uids), change, unchangedSince);
  }

  /// Removes those of the UIDs that carry \Deleted.
  ///
  /// @return the UIDs removed
  public long[] expunge(FolderId folder, long[] uids) {
    return bulk.remove(folder, ascending(uids), true);
  }

  /// UIDs that left the folder after this version and are not in it now, ascending (QRESYNC). Empty
  /// if the log does not reach back that far: the caller then compares with what the client knows.
  public Optional<long[]> vanishedSince(FolderId folder, long version) {
    if (committer.state().folder(folder).counters().vanishedFloor() > version) {
      return Optional.empty();
    }
    return Optional.of(messages.vanishedSince(folder, version));
  }

  /// @throws RefusedException NOT_FOUND
  public MessageSummary summary(EmailId email) {
    return messages.load(email);
  }

  /// Summaries of many messages, read in one pass; those not found are left out.
  public Map<EmailId, MessageSummary> summaries(List<EmailId> emails) {
    Map<EmailId, MessageSummary> found = HashMap.newHashMap(emails.size());
    messages.load(emails, message -> found.put(message.email(), message));
    return found;
  }

  /// The message's bytes, decrypted; the caller closes it.
  ///
  /// @throws RefusedException NOT_FOUND
  /// @throws org.mailstead.store.DamagedBlobException the blob cannot be read back
  public Content content(EmailId email) {
    return contents.open(messages.content(organization(), messages.load(email)));
  }

  /// Octets of the message, reading only what is needed.
  ///
  /// @throws RefusedException NOT_FOUND
  /// @throws org.mailstead.store.DamagedBlobException the blob cannot be read back
  public byte[] content(EmailId email, long offset, int length) {
    return contents.read(messages.content(organization(), messages.load(email)), offset, length);
  }

  public Map<EntityId, Set<Right>> folderPermissions(FolderId folder) {
    return committer.state().folder(folder).permissions();
  }

  /// An empty set removes the entry.
  ///
  /// @throws RefusedException LIMIT_REACHED
  public void setFolderPermission(FolderId folder, EntityId grantee, Set<Right> rights) {
    Set<Right> granted = Set.copyOf(rights);
    committer.change(draft -> {
      folderChanges.permission(draft, folder, grantee, granted);
      return true;
    });
  }

  /// Calls back, from another thread, after each change; several may be told as one.
  public Watch watch(Runnable listener) {
    return committer.watch(listener);
  }

  /// The messages of a folder whose headers or body may contain all of the given lower-case,
  /// accent-folded texts, or empty when there is no index: scan then.
  public Optional<TextCandidates> textCandidates(FolderId folder, List<String> searched) {
    FolderView view = view(folder);
    return texts.flatMap(t -> t.candidates(indexes.orElseThrow(), view, searched));
  }

  /// Ends the calls when closed.
  public interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  Committer committer() {
    return committer;
  }

  StoredMessages messages() {
    return messages;
  }

  MessageChanges messageChanges() {
    return messageChanges;
  }

  PartitionId partition() {
    return partition;
  }

  /// Octets of heap, about: what the cache of open mailboxes counts.
  int weight() {
    long weight = 4_096;
    for (FolderState folder : committer.state().folders()) {
      weight += 512;
      if (folder.table().isPresent()) weight += 70 * folder.counters().messageCount();
    }
    return (int) Math.min(Integer.MAX_VALUE / 2, weight);
  }

  static long[] allUids(FolderView view) {
    long[] uids = new long[view.count()];
    for (int i = 0; i < uids.length; i++) uids[i] = view.uid(i + 1);
    return uids;
  }

  /// What would be refused anyway is refused before blobs are written for it.
  private void checkBeforeStaging(FolderId folder, List<NewMessage> added) {
    MailboxState state = committer.state();
    state.folder(folder);
    long bytes = 0;
    for (NewMessage message : added) {
      long length = message.content().length();
      if (length > MailboxLimits.MESSAGE_BYTES_MAX) {
        throw new RefusedException(
            Refusal.TOO_LARGE,
            "a message is larger than " + MailboxLimits.MESSAGE_BYTES_MAX + " octets");
      }
      bytes += length;
    }
    if (state.head().usedBytes() + bytes > state.head().quotaBytes()) {
      throw new RefusedException(Refusal.OVER_QUOTA, "the mailbox is full");
    }
  }

  private MessageChanges.Prepared prepare(StagedMessage message, boolean fresh) {
    if (message.content().length() > MailboxLimits.MESSAGE_BYTES_MAX) {
      throw new RefusedException(
          Refusal.TOO_LARGE,
          "a message is larger than " + MailboxLimits.MESSAGE_BYTES_MAX + " octets");
    }
    List<byte[]> threadHashes =
        message.index().threadIds().stream()
            .map(text -> key.hash(MailboxKey.Purpose.THREAD, text))
            .toList();
    return new MessageChanges.Prepared(
        message.content(),
        StoredMessage.seal(key, message.content(), message.index()),
        threadHashes,
        message.flags() & Flags.ALL,
        Set.copyOf(message.keywords()),
        message.received().getEpochSecond(),
        fresh,
        Optional.empty());
  }

  /// Under the lock, right before the commit that refers to the contents: so a release of the same
  /// blob by this mailbox cannot come in between.
  private void hold(List<MessageChanges.Prepared> prepared) {
    for (MessageChanges.Prepared message : prepared) contents.hold(partition, message.content());
  }

  private void release(List<MessageChanges.Prepared> prepared) {
    for (MessageChanges.Prepared message : prepared) contents.release(partition, message.content());
  }

  /// Strictly ascending, as the methods promise to their callers; most arrays are already.
  private static long[] ascending(long[] uids) {
    for (int i = 1; i < uids.length; i++) {
      if (uids[i] <= uids[i - 1]) return Arrays.stream(uids).sorted().distinct().toArray();
    }
    return uids;
  }
}
