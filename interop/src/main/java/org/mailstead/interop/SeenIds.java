package org.mailstead.interop;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/// The ids that a directory has, as 64 bits of a hash each: ten million take 80 MB. Two ids that
/// hash alike would keep one deleted user from being noticed, once in billions of directories.
final class SeenIds {
  private long[] hashes = new long[1024];
  private int count;
  private boolean isSorted;

  void add(String id) {
    if (count == hashes.length) hashes = Arrays.copyOf(hashes, count * 2);
    hashes[count++] = hash(id);
    isSorted = false;
  }

  boolean contains(String id) {
    sort();
    return Arrays.binarySearch(hashes, 0, count, hash(id)) >= 0;
  }

  /// Different ones.
  int count() {
    sort();
    return count;
  }

  private void sort() {
    if (isSorted) return;
    Arrays.sort(hashes, 0, count);
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (kept == 0 || hashes[kept - 1] != hashes[i]) hashes[kept++] = hashes[i];
    }
    count = kept;
    isSorted = true;
  }

  private static long hash(String id) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(id.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      return ByteBuffer.wrap(digest).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }
}
