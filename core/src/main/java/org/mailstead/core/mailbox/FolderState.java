package org.mailstead.core.mailbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EntityId;
import org.mailstead.base.FolderId;
import org.mailstead.core.access.Right;

/// A folder at one version, its messages loaded or not: immutable.
///
/// @param table empty until somebody looks at the messages
record FolderState(
    Shape shape,
    Counters counters,
    List<String> keywords,
    Map<EntityId, Set<Right>> permissions,
    Optional<SegmentTable> table) {
  private static final int FORMAT = 1;

  /// Who sees the folder.
  enum Kind {
    VISIBLE,
    /// Holds what was removed until it is purged; one in each mailbox.
    RECOVERABLE,
    /// Collects a large APPEND or COPY that is not complete; nobody sees it.
    STAGING
  }

  /// Name and place.
  ///
  /// @param sealedName the name as it is stored, so that changes to messages do not encrypt it anew
  record Shape(
      FolderId id,
      String name,
      byte[] sealedName,
      Optional<FolderId> parent,
      Optional<SpecialUse> specialUse,
      Kind kind,
      boolean subscribed,
      boolean selectable) {}

  /// Segments that live under another folder's id: what a large APPEND or COPY collected before one
  /// last commit made it part of this folder. A row under the folder's own id hides one of them.
  ///
  /// @param first the number of the first segment here
  /// @param owner the folder id under which the rows are stored
  /// @param ownerFirst the number of the first segment there
  /// @param modSeq the version that made them part of this folder
  record Extent(int first, int count, long owner, int ownerFirst, long modSeq) {}

  /// Numbers that messages change.
  ///
  /// @param vanishedFloor the version from which on the log of vanished UIDs is complete
  /// @param modSeqFloor messages count as changed at this version at the earliest (restore)
  record Counters(
      long uidValidity,
      long uidNext,
      long highestModSeq,
      long messageCount,
      long unseenCount,
      long deletedCount,
      long bytes,
      long vanishedFloor,
      long modSeqFloor,
      List<Extent> extents) {
    static Counters fresh(long uidValidity, long version) {
      return new Counters(uidValidity, 1, version, 0, 0, 0, 0, version, 0, List.of());
    }

    Counters changed(long newUidNext, long version, SegmentTable.Editor edits) {
      return new Counters(
          uidValidity,
          newUidNext,
          version,
          messageCount + edits.countChange(),
          unseenCount + edits.unseenChange(),
          deletedCount + edits.deletedChange(),
          bytes + edits.bytesChange(),
          vanishedFloor,
          modSeqFloor,
          extents);
    }

    Counters withFloors(long uidNext, long highestModSeq, long vanishedFloor, long modSeqFloor) {
      return new Counters(
          uidValidity,
          uidNext,
          highestModSeq,
          messageCount,
          unseenCount,
          deletedCount,
          bytes,
          vanishedFloor,
          modSeqFloor,
          extents);
    }

    Counters withNumbers(long validity, long next, long version) {
      return new Counters(
          validity,
          next,
          version,
          messageCount,
          unseenCount,
          deletedCount,
          bytes,
          vanishedFloor,
          modSeqFloor,
          extents);
    }

    Counters withExtents(List<Extent> extents) {
      return new Counters(
          uidValidity,
          uidNext,
          highestModSeq,
          messageCount,
          unseenCount,
          deletedCount,
          bytes,
          vanishedFloor,
          modSeqFloor,
          extents);
    }
  }

  static FolderState empty(Shape shape, long uidValidity, long version) {
    return new FolderState(
        shape,
        Counters.fresh(uidValidity, version),
        List.of(),
        Map.of(),
        Optional.of(SegmentTable.EMPTY));
  }

  FolderId id() {
    return shape.id();
  }

  boolean isVisible() {
    return shape.kind() == Kind.VISIBLE;
  }

  SegmentTable loaded() {
    return table.orElseThrow(() -> new IllegalStateException("a folder that is not loaded"));
  }

  FolderState withShape(Shape other) {
    return new FolderState(other, counters, keywords, permissions, table);
  }

  FolderState withCounters(Counters other) {
    return new FolderState(shape, other, keywords, permissions, table);
  }

  FolderState withKeywords(List<String> other) {
    return new FolderState(shape, counters, other, permissions, table);
  }

  FolderState withPermissions(Map<EntityId, Set<Right>> other) {
    return new FolderState(shape, counters, keywords, other, table);
  }

  FolderState withTable(Optional<SegmentTable> other) {
    return new FolderState(shape, counters, keywords, permissions, other);
  }

  /// After changes to messages.
  FolderState edited(SegmentTable.Editor edits, long uidNext, long version) {
    return new FolderState(
        shape,
        counters.changed(uidNext, version, edits),
        keywords,
        permissions,
        Optional.of(edits.build()));
  }

  Folder toFolder() {
    return new Folder(
        shape.id(),
        shape.name(),
        shape.parent(),
        shape.specialUse(),
        shape.subscribed(),
        shape.selectable(),
        counters.uidValidity(),
        counters.uidNext(),
        Math.max(1, counters.highestModSeq()),
        counters.messageCount(),
        counters.unseenCount(),
        counters.deletedCount(),
        counters.bytes());
  }

  byte[] toRow() {
    RowWriter out = new RowWriter(128);
    out.u8(FORMAT).bytes(shape.sealedName());
    out.varint(shape.parent().map(FolderId::value).orElse(0L));
    out.u8(shape.specialUse().map(use -> use.ordinal() + 1).orElse(0));
    out.u8(shape.kind().ordinal());
    out.u8((shape.subscribed() ? 1 : 0) | (shape.selectable() ? 2 : 0));
    out.varint(counters.uidValidity()).varint(counters.uidNext()).varint(counters.highestModSeq());
    out.varint(counters.messageCount()).varint(counters.unseenCount());
    out.varint(counters.deletedCount()).varint(counters.bytes());
    out.varint(counters.vanishedFloor()).varint(counters.modSeqFloor());
    out.varint(counters.extents().size());
    for (Extent extent : counters.extents()) {
      out.varint(extent.first()).varint(extent.count()).varint(extent.owner());
      out.varint(extent.ownerFirst()).varint(extent.modSeq());
    }
    return out.toBytes();
  }

  /// A folder without messages, keywords and permissions yet.
  static FolderState of(long id, byte[] row, java.util.function.UnaryOperator<byte[]> unseal) {
    RowReader in = RowReader.of(row, FORMAT, "folder");
    byte[] sealedName = in.bytes();
    String name = new String(unseal.apply(sealedName), java.nio.charset.StandardCharsets.UTF_8);
    long parent = in.varint();
    int use = in.u8();
    Kind kind = Kind.values()[in.u8()];
    int bits = in.u8();
    Shape shape =
        new Shape(
            new FolderId(id),
            name,
            sealedName,
            parent == 0 ? Optional.empty() : Optional.of(new FolderId(parent)),
            use == 0 ? Optional.empty() : Optional.of(SpecialUse.values()[use - 1]),
            kind,
            (bits & 1) != 0,
            (bits & 2) != 0);
    long uidValidity = in.varint();
    long uidNext = in.varint();
    long highestModSeq = in.varint();
    long messageCount = in.varint();
    long unseenCount = in.varint();
    long deletedCount = in.varint();
    long bytes = in.varint();
    long vanishedFloor = in.varint();
    long modSeqFloor = in.varint();
    int extentCount = (int) in.varint();
    List<Extent> extents = new ArrayList<>();
    for (int i = 0; i < extentCount; i++) {
      extents.add(
          new Extent(
              (int) in.varint(), (int) in.varint(), in.varint(), (int) in.varint(), in.varint()));
    }
    Counters counters =
        new Counters(
            uidValidity,
            uidNext,
            highestModSeq,
            messageCount,
            unseenCount,
            deletedCount,
            bytes,
            vanishedFloor,
            modSeqFloor,
            List.copyOf(extents));
    return new FolderState(shape, counters, List.of(), Map.of(), Optional.empty());
  }
}
