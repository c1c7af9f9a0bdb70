package org.mailstead.migration.item;

import java.util.Optional;

/// What a folder is for.
///
/// @spec https://www.rfc-editor.org/rfc/rfc6154 RFC 6154 §2
public enum FolderRole {
  NONE(""),
  INBOX(""),
  ALL("\\All"),
  ARCHIVE("\\Archive"),
  DRAFTS("\\Drafts"),
  FLAGGED("\\Flagged"),
  JUNK("\\Junk"),
  SENT("\\Sent"),
  TRASH("\\Trash");

  private final String attribute;

  FolderRole(String attribute) {
    this.attribute = attribute;
  }

  /// The attribute in LIST, backslash included; empty if there is none.
  public String attribute() {
    return attribute;
  }

  public static Optional<FolderRole> ofAttribute(String attribute) {
    for (FolderRole role : values()) {
      if (!role.attribute.isEmpty() && role.attribute.equalsIgnoreCase(attribute)) {
        return Optional.of(role);
      }
    }
    return Optional.empty();
  }
}
