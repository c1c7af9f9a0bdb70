package org.mailstead.core.mailbox;

import org.mailstead.base.Content;

/// What one scan of a message's bytes gives, the same for every mailbox that it goes to: envelope,
/// structure, preview, ids for threading.
public final class MessageIndex {
  private MessageIndex() {}

  public static MessageIndex scan(Content content) {
    throw new UnsupportedOperationException("not built yet");
  }
}
