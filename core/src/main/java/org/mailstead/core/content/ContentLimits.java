package org.mailstead.core.content;

/// Bounds of contents.
public final class ContentLimits {
  /// Contents up to this length ride in the commit (one sync); larger ones are blobs, synced before
  /// it.
  public static final int INLINE_BYTES_MAX = 8 * 1024;

  private ContentLimits() {}
}
