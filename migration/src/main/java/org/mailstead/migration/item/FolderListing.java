package org.mailstead.migration.item;

import java.util.List;

/// What a folder holds, or what has changed in it.
public sealed interface FolderListing {
  /// For the next listing; empty if the mailbox cannot tell changes.
  String token();

  /// Every item, in the order in which they are to be carried over.
  record Complete(List<ItemSummary> items, String token) implements FolderListing {}

  /// New items and items with other flags than at the token, and the ids of those that are gone.
  record Changes(List<ItemSummary> changed, List<String> goneIds, String token)
      implements FolderListing {}

  /// Nothing has changed.
  record Unchanged(String token) implements FolderListing {}
}
