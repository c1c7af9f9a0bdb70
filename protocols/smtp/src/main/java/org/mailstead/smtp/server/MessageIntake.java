package org.mailstead.smtp.server;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.UnavailableException;
import org.mailstead.smtp.wire.DataDecoder;
import org.mailstead.smtp.wire.SmtpReply;

/// Collects one message's decoded bytes. A message that is too large, or that cannot be stored, is
/// taken in and thrown away to its end, because only there may the peer hear of it.
final class MessageIntake implements DataDecoder.Sink, AutoCloseable {
  private final long bytesMax;
  private final Runnable release;
  private ContentSpool.@Nullable Writer writer;
  private long length;
  private @Nullable UnavailableException unavailable;
  private boolean released;

  /// @param release called once when the bytes are no longer held here
  MessageIntake(ContentSpool spool, long bytesMax, Runnable release) {
    this.bytesMax = bytesMax;
    this.release = release;
    writer = spool.newWriter();
  }

  @Override
  public void write(byte[] bytes, int offset, int count) {
    length += count;
    ContentSpool.Writer open = writer;
    if (open == null) return;
    try {
      if (length > bytesMax) {
        discard();
      } else {
        open.write(bytes, offset, count);
      }
    } catch (UnavailableException e) {
      unavailable = e;
      discard();
    }
  }

  /// Why the message cannot be taken, if so.
  Optional<SmtpReply> refusal() {
    if (isTooLarge()) return Optional.of(SmtpReplies.MESSAGE_TOO_LARGE);
    UnavailableException failed = unavailable;
    return failed == null ? Optional.empty() : Optional.of(RefusalReplies.of(failed));
  }

  boolean isTooLarge() {
    return length > bytesMax;
  }

  /// All bytes. Only without a refusal, and once; the caller closes the content.
  Content finish() {
    ContentSpool.Writer open = writer;
    if (open == null) throw new IllegalStateException("the message was thrown away");
    return open.finish();
  }

  /// Received fields in the header section (RFC 5321 §6.3), counted up to a limit.
  static int countReceived(ByteBuffer message, int max) {
    int count = 0;
    int at = 0;
    int end = message.limit();
    while (at < end && count <= max) {
      byte first = message.get(at);
      if (first == '\r') break;
      if ((first == 'R' || first == 'r') && isReceived(message, at, end)) count++;
      while (at < end && message.get(at) != '\n') at++;
      at++;
    }
    return count;
  }

  private static boolean isReceived(ByteBuffer message, int at, int end) {
    String name = "received:";
    if (end - at < name.length()) return false;
    for (int i = 0; i < name.length(); i++) {
      int b = message.get(at + i);
      if (b >= 'A' && b <= 'Z') b += 'a' - 'A';
      if (b != name.charAt(i)) return false;
    }
    return true;
  }

  private void discard() {
    ContentSpool.Writer open = writer;
    writer = null;
    if (open == null) return;
    try {
      open.close();
    } catch (UnavailableException e) {
      unavailable = e;
    }
  }

  @Override
  public void close() {
    discard();
    if (released) return;
    released = true;
    release.run();
  }
}
