package org.mailstead.mailflow.dkim;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The SHA-256 of a body in canonical form, made in one pass and constant memory.
///
/// @spec https://www.rfc-editor.org/rfc/rfc6376#section-3.4.3 RFC 6376 §3.4.3, §3.4.4
public final class BodyDigest {
  private static final int BUFFER_BYTES = 16_384;

  private final MessageDigest digest = sha256();
  private final Canonicalization form;
  private final long most;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int buffered;
  private long length;
  private long emptyLines;
  private boolean space;
  private boolean carriageReturn;
  private boolean lineBegun;

  private BodyDigest(Canonicalization form, long most) {
    this.form = form;
    this.most = most;
  }

  /// @param hash of the first octets, as many as were wanted
  /// @param length of the whole canonical body
  public record Result(byte[] hash, long length) {}

  /// @param body from its first octet on; its position is moved
  /// @param most octets of the canonical body that are hashed
  public static Result of(Canonicalization form, long most, ByteBuffer body) {
    var running = new BodyDigest(form, most);
    byte[] chunk = new byte[BUFFER_BYTES];
    while (body.hasRemaining()) {
      int count = Math.min(chunk.length, body.remaining());
      body.get(chunk, 0, count);
      running.feed(chunk, count);
    }
    return running.finish();
  }

  private void feed(byte[] octets, int count) {
    boolean relaxed = form == Canonicalization.RELAXED;
    for (int i = 0; i < count; i++) {
      byte octet = octets[i];
      if (carriageReturn) {
        carriageReturn = false;
        if (octet == '\n') {
          endLine();
          continue;
        }
        text((byte) '\r');
      }
      if (octet == '\r') carriageReturn = true;
      else if (relaxed && (octet == ' ' || octet == '\t')) space = true;
      else text(octet);
    }
  }

  /// White space at a line's end goes; empty lines count only if something follows.
  private void endLine() {
    space = false;
    if (lineBegun) {
      put((byte) '\r');
      put((byte) '\n');
    } else {
      emptyLines++;
    }
    lineBegun = false;
  }

  private void text(byte octet) {
    for (; emptyLines > 0; emptyLines--) {
      put((byte) '\r');
      put((byte) '\n');
    }
    if (space) put((byte) ' ');
    space = false;
    lineBegun = true;
    put(octet);
  }

  private Result finish() {
    if (carriageReturn) text((byte) '\r');
    if (lineBegun) endLine();
    // §3.4.3: an empty body is one line break; §3.4.4: relaxed, it is nothing.
    if (length == 0 && form == Canonicalization.SIMPLE) {
      put((byte) '\r');
      put((byte) '\n');
    }
    digest.update(buffer, 0, buffered);
    return new Result(digest.digest(), length);
  }

  private void put(byte octet) {
    if (length++ >= most) return;
    buffer[buffered++] = octet;
    if (buffered == buffer.length) {
      digest.update(buffer, 0, buffered);
      buffered = 0;
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }
}
