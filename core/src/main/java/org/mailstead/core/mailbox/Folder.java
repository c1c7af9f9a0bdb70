package org.mailstead.core.mailbox;

import java.util.Optional;
import org.mailstead.base.FolderId;

/// A folder as it was at one version of its mailbox. Names are Unicode, without separators; the
/// path is made by walking `parent`.
///
/// @param parent empty for folders at the top
/// @param selectable false for a name that only holds children (after DELETE of a parent)
/// @param highestModSeq the version of the last change to its messages (RFC 7162); at least 1
/// @param bytes sum of the sizes of its messages
public record Folder(
    FolderId id,
    String name,
    Optional<FolderId> parent,
    Optional<SpecialUse> specialUse,
    boolean subscribed,
    boolean selectable,
    long uidValidity,
    long uidNext,
    long highestModSeq,
    long messageCount,
    long unseenCount,
    long deletedCount,
    long bytes) {}
