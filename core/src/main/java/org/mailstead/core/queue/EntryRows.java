package org.mailstead.core.queue;

import java.util.Optional;
import java.util.function.IntFunction;
import org.mailstead.store.WriteBatch;

/// Keeps the rows of one entry in step: header, place in the time index, mark of a claim.
final class EntryRows {
  private EntryRows() {}

  static void putHeader(WriteBatch batch, QueueRows.Header header) {
    batch.put(QueueRows.ENTRIES, QueueRows.key(header.id()), QueueRows.header(header));
    batch.put(
        QueueRows.DUE,
        QueueRows.dueKey(header.due(), header.id()),
        QueueRows.dueValue(header.lane()));
    if (header.claim().isPresent()) {
      batch.put(QueueRows.CLAIMS, QueueRows.key(header.id()), QueueRows.MARK);
    }
  }

  /// Rows that stay the same are written over, not removed first.
  static void replaceHeader(WriteBatch batch, QueueRows.Header before, QueueRows.Header after) {
    if (!before.due().equals(after.due())) {
      batch.delete(QueueRows.DUE, QueueRows.dueKey(before.due(), before.id()));
    }
    if (before.claim().isPresent() && after.claim().isEmpty()) {
      batch.delete(QueueRows.CLAIMS, QueueRows.key(before.id()));
    }
    putHeader(batch, after);
  }

  static void deleteHeader(WriteBatch batch, QueueRows.Header header) {
    batch.delete(QueueRows.ENTRIES, QueueRows.key(header.id()));
    batch.delete(QueueRows.DUE, QueueRows.dueKey(header.due(), header.id()));
    if (header.claim().isPresent()) {
      batch.delete(QueueRows.CLAIMS, QueueRows.key(header.id()));
    }
  }

  /// @param hook as stored
  /// @param states as stored, by recipient index
  static void deleteEntry(
      WriteBatch batch,
      QueueRows.Header header,
      Optional<EntryHook> hook,
      IntFunction<RecipientState> states) {
    QueueId id = header.id();
    deleteHeader(batch, header);
    batch.delete(QueueRows.CONTENTS, QueueRows.key(id));
    for (int i = 0; i < QueueRows.segmentCount(header.recipientCount()); i++) {
      batch.delete(QueueRows.RECIPIENTS, QueueRows.key(id, i));
    }
    if (hook.isPresent()) {
      batch.delete(QueueRows.HOOKS, QueueRows.key(id));
      if (hook.get() instanceof EntryHook.Call) {
        for (int i = 0; i < QueueRows.segmentCount(header.recipientCount()); i++) {
          batch.delete(QueueRows.HOOK_NAMES, QueueRows.key(id, i));
        }
      }
    }
    for (int i = 0; i < header.recipientCount(); i++) {
      // Fresh states have no row.
      RecipientState state = states.apply(i);
      if (state.attempts() > 0 || state.delayReported() || !state.isPending()) {
        batch.delete(QueueRows.STATES, QueueRows.key(id, i));
      }
    }
    header
        .blob()
        .ifPresent(b -> batch.put(QueueRows.RELEASES, QueueRows.releaseKey(b), QueueRows.MARK));
  }
}
