package org.mailstead.http.aws;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;

/// The name of an object in a bucket: segments between slashes. Stricter than S3, so that a folder
/// can hold every object too: no empty segment, no `.` and `..`, no control characters, no
/// backslash, no segment over 255 octets.
public record ObjectKey(String value) implements Comparable<ObjectKey> {
  /// S3's limit, octets in UTF-8.
  public static final int BYTES_MAX = 1024;

  /// A file name's limit on most file systems, octets in UTF-8.
  public static final int SEGMENT_BYTES_MAX = 255;

  /// @throws RefusedException INVALID, saying why
  public ObjectKey {
    Optional<String> fault = fault(value);
    if (fault.isPresent()) throw new RefusedException(Refusal.INVALID, fault.get());
  }

  /// Whether a text can be a key.
  public static boolean isOne(String text) {
    return fault(text).isEmpty();
  }

  private static Optional<String> fault(String value) {
    if (value.isEmpty() || octets(value).length > BYTES_MAX) {
      return Optional.of("an object key has 1 to " + BYTES_MAX + " octets");
    }
    for (String segment : value.split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        return Optional.of("an object key has no empty, . or .. segment: " + value);
      }
      if (octets(segment).length > SEGMENT_BYTES_MAX) {
        return Optional.of("a segment of an object key has at most 255 octets");
      }
      if (segment.chars().anyMatch(c -> c < 0x20 || c == 0x7f || c == '\\')) {
        return Optional.of("an object key has no control character and no backslash");
      }
    }
    return Optional.empty();
  }

  /// In the order of UTF-8, as S3 lists.
  @Override
  public int compareTo(ObjectKey other) {
    return compare(value, other.value);
  }

  static int compare(String one, String other) {
    return Arrays.compareUnsigned(octets(one), octets(other));
  }

  @Override
  public String toString() {
    return value;
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
