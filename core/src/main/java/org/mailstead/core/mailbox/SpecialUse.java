package org.mailstead.core.mailbox;

/// What a folder is for (RFC 6154), with the WorkMail name that new mailboxes give it.
public enum SpecialUse {
  ARCHIVE("\\Archive"),
  DRAFTS("\\Drafts"),
  JUNK("\\Junk"),
  SENT("\\Sent"),
  TRASH("\\Trash");

  private final String attribute;

  SpecialUse(String attribute) {
    this.attribute = attribute;
  }

  /// The IMAP attribute, backslash included.
  public String attribute() {
    return attribute;
  }
}
