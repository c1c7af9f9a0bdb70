package org.mailstead.core.mailbox;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import org.mailstead.base.Content;
import org.mailstead.base.EmailId;
import org.mailstead.base.EntityId;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.access.Right;

/// One mailbox. Reads answer from immutable states; each change is one commit, durable when the
/// method returns, and raises the version by one. Unless a method says more, it throws
/// [org.mailstead.base.RefusedException] NOT_FOUND for an unknown folder and
/// [org.mailstead.base.UnavailableException] when the store cannot write. Arrays of UIDs are
/// ascending; UIDs that do not exist (any more) are ignored.
public final class Mailbox {
  /// UIDs and where they went, in pairs by index; `version` is the change's mod-sequence.
  public record Placed(long version, long uidValidity, long[] sourceUids, long[] targetUids) {}

  /// @param modified the UIDs that UNCHANGEDSINCE kept from being changed (RFC 7162 §3.1.3)
  public record Stored(long version, long[] changed, long[] modified) {}

  /// Who may do what on a folder: by user or group id; [#ANYONE] for every user of the
  /// organization.
  public static final EntityId ANYONE = new EntityId("anyone");

  public MailboxId id() {
    throw new UnsupportedOperationException("skeleton");
  }

  public OrganizationId organization() {
    throw new UnsupportedOperationException("skeleton");
  }

  public long version() {
    throw new UnsupportedOperationException("skeleton");
  }

  public long quotaBytes() {
    throw new UnsupportedOperationException("skeleton");
  }

  public long usedBytes() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The folder that new mail goes to; every mailbox has it.
  public FolderId inbox() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// All folders that people see, parents before children.
  public List<Folder> folders() {
    throw new UnsupportedOperationException("skeleton");
  }

  public Optional<Folder> findFolder(FolderId folder) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// By path from the top; names compare exactly, but INBOX in any case.
  public Optional<Folder> findFolder(List<String> path) {
    throw new UnsupportedOperationException("skeleton");
  }

  public List<String> path(FolderId folder) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The folder's messages now.
  public FolderView view(FolderId folder) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Makes a folder and the missing parents.
  ///
  /// @throws org.mailstead.base.RefusedException ALREADY_EXISTS; INVALID for a bad name;
  ///   LIMIT_REACHED for too many or too deep
  public Folder createFolder(List<String> path, Optional<SpecialUse> specialUse) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Removes a folder, its messages becoming recoverable; with children it stays as a name only
  /// (RFC 9051 §6.3.5).
  ///
  /// @throws org.mailstead.base.RefusedException FORBIDDEN for INBOX; IN_USE for a name only that
  ///   has children
  public void deleteFolder(FolderId folder) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Renames or moves a folder with its children; INBOX keeps its children and gives its messages
  /// to the new folder (RFC 9051 §6.3.6).
  ///
  /// @throws org.mailstead.base.RefusedException ALREADY_EXISTS; INVALID under itself
  public void renameFolder(FolderId folder, List<String> path) {
    throw new UnsupportedOperationException("skeleton");
  }

  public void subscribe(List<String> path, boolean subscribed) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Subscribed names that have no folder (RFC 9051 §6.3.7 keeps them).
  public Set<List<String>> subscribedNamesWithoutFolder() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Stores messages at the end of a folder, all or none.
  ///
  /// @throws org.mailstead.base.RefusedException OVER_QUOTA, LIMIT_REACHED (keywords), TOO_LARGE
  public Placed append(FolderId folder, List<NewMessage> messages) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Stores a message unless this delivery id was seen in the last seven days.
  ///
  /// @return empty when it was a repetition
  /// @throws org.mailstead.base.RefusedException OVER_QUOTA
  public Optional<Placed> deliver(FolderId folder, NewMessage message, String deliveryId) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// As [#append], for contents that are staged already (by any holder).
  public Placed appendStaged(FolderId folder, List<StagedMessage> messages) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// As the other `deliver`, for a content that is staged already (by any holder).
  public Optional<Placed> deliver(FolderId folder, StagedMessage message, String deliveryId) {
    throw new UnsupportedOperationException("skeleton");
  }

  public Placed copy(FolderId source, long[] uids, FolderId target) {
    throw new UnsupportedOperationException("skeleton");
  }

  public Placed move(FolderId source, long[] uids, FolderId target) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Changes flags. With `unchangedSince`, messages with a higher mod-sequence are left alone and
  /// reported.
  public Stored store(
      FolderId folder, long[] uids, FlagChange change, OptionalLong unchangedSince) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Removes those of the UIDs that carry \Deleted.
  ///
  /// @return the UIDs removed
  public long[] expunge(FolderId folder, long[] uids) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// UIDs that left the folder after this version and are not in it now, ascending (QRESYNC). Empty
  /// if the log does not reach back that far: the caller then compares with what the client knows.
  public Optional<long[]> vanishedSince(FolderId folder, long version) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// @throws org.mailstead.base.RefusedException NOT_FOUND
  public MessageSummary summary(EmailId email) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Summaries of many messages, read in one pass; those not found are left out.
  public Map<EmailId, MessageSummary> summaries(List<EmailId> emails) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The message's bytes, decrypted; the caller closes it.
  ///
  /// @throws org.mailstead.store.DamagedBlobException the blob cannot be read back
  public Content content(EmailId email) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Octets of the message, reading only what is needed.
  public byte[] content(EmailId email, long offset, int length) {
    throw new UnsupportedOperationException("skeleton");
  }

  public Map<EntityId, Set<Right>> folderPermissions(FolderId folder) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// An empty set removes the entry.
  public void setFolderPermission(FolderId folder, EntityId grantee, Set<Right> rights) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Calls back, from another thread, after each change; several may be told as one.
  public Watch watch(Runnable listener) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// UIDs of a folder whose text may contain all of the given lower-case, accent-folded texts, or
  /// empty when there is no index: scan then. The answer is a superset: the caller verifies
  /// candidates. Messages not indexed yet are always in it.
  public Optional<SortedSet<Long>> textCandidates(FolderId folder, List<String> texts) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Ends the calls when closed.
  public interface Watch extends AutoCloseable {
    @Override
    void close();
  }
}
