package org.mailstead.core.mailbox;

import org.mailstead.base.OrganizationId;

/// The one row that every change of a mailbox rewrites.
///
/// @param wrappedKey the mailbox key, sealed with the organization's key
/// @param usedBytes full size of every visible placement: what quota counts
/// @param recoverableBytes the same of the placements that wait to be purged
record Head(
    OrganizationId organization,
    long createdSeconds,
    byte[] wrappedKey,
    long quotaBytes,
    long usedBytes,
    long recoverableBytes,
    long nextEmail,
    long nextItem,
    long nextFolder,
    long nextUidValidity) {
  private static final int FORMAT = 1;

  byte[] toRow() {
    return new RowWriter(192)
        .u8(FORMAT)
        .text(organization.value())
        .varint(createdSeconds)
        .bytes(wrappedKey)
        .varint(quotaBytes)
        .varint(usedBytes)
        .varint(recoverableBytes)
        .varint(nextEmail)
        .varint(nextItem)
        .varint(nextFolder)
        .varint(nextUidValidity)
        .toBytes();
  }

  static Head of(byte[] row) {
    RowReader in = RowReader.of(row, FORMAT, "mailbox head");
    return new Head(
        new OrganizationId(in.text()),
        in.varint(),
        in.bytes(),
        in.varint(),
        in.varint(),
        in.varint(),
        in.varint(),
        in.varint(),
        in.varint(),
        in.varint());
  }

  Head withWrappedKey(byte[] key) {
    return new Head(
        organization,
        createdSeconds,
        key,
        quotaBytes,
        usedBytes,
        recoverableBytes,
        nextEmail,
        nextItem,
        nextFolder,
        nextUidValidity);
  }

  Head withQuota(long quota) {
    return new Head(
        organization,
        createdSeconds,
        wrappedKey,
        quota,
        usedBytes,
        recoverableBytes,
        nextEmail,
        nextItem,
        nextFolder,
        nextUidValidity);
  }

  Head withUsage(long used, long recoverable) {
    return new Head(
        organization,
        createdSeconds,
        wrappedKey,
        quotaBytes,
        used,
        recoverable,
        nextEmail,
        nextItem,
        nextFolder,
        nextUidValidity);
  }

  Head withNext(long email, long item, long folder, long uidValidity) {
    return new Head(
        organization,
        createdSeconds,
        wrappedKey,
        quotaBytes,
        usedBytes,
        recoverableBytes,
        email,
        item,
        folder,
        uidValidity);
  }
}
