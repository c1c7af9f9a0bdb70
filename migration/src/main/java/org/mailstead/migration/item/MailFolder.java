package org.mailstead.migration.item;

/// A folder as its mailbox lists it.
///
/// @param key what the mailbox itself calls it: the raw name, a path, an id
/// @param validity ids of items mean something only together with this text (UIDVALIDITY)
/// @param itemCount -1 if it costs too much to know
/// @param sizeBytes of all items, -1 if it costs too much to know
/// @param isSelectable whether it can hold items
public record MailFolder(
    String key,
    FolderPath path,
    FolderRole role,
    String validity,
    long itemCount,
    long sizeBytes,
    boolean isSelectable,
    boolean isSubscribed) {
  @Override
  public String toString() {
    return path.text();
  }
}
