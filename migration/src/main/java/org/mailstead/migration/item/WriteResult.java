package org.mailstead.migration.item;

/// What a target says of one item that it was given.
public sealed interface WriteResult {
  /// It is there, durably.
  ///
  /// @param id empty if the target does not say
  record Written(String id) implements WriteResult {}

  /// The target will not have it as it is.
  record Refused(Reason reason, String text) implements WriteResult {}

  /// Why an item was refused, as far as a target tells.
  enum Reason {
    /// Its bytes, perhaps: another form of them may pass.
    CONTENT,
    TOO_LARGE,
    /// The mailbox is full: no other item will pass either.
    OVER_QUOTA,
    /// The folder is not there any more.
    NO_FOLDER,
    /// Not because of itself: another item of its batch was refused.
    BATCH
  }
}
