package org.mailstead.core.directory;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/// Page tokens: the kind of list and the last key of the page, so that a token stays good while
/// things come and go, and is refused by another list.
final class Tokens {
  private static final int CHARS_MAX = 1024;

  private Tokens() {}

  static String after(String list, byte[] lastKey) {
    byte[] kind = list.getBytes(StandardCharsets.UTF_8);
    byte[] token = Arrays.copyOf(kind, kind.length + 1 + lastKey.length);
    System.arraycopy(lastKey, 0, token, kind.length + 1, lastKey.length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
  }

  /// The smallest key that may follow; empty without a token.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER
  static byte[] decode(Optional<String> token, String list) {
    if (token.isEmpty()) return new byte[0];
    byte[] last = last(token.get(), list);
    return Arrays.copyOf(last, last.length + 1);
  }

  /// The last key of the page before.
  static byte[] last(String token, String list) {
    byte[] kind = (list + '\0').getBytes(StandardCharsets.UTF_8);
    byte[] octets;
    try {
      if (token.length() > CHARS_MAX) throw new IllegalArgumentException();
      octets = Base64.getUrlDecoder().decode(token);
    } catch (IllegalArgumentException e) {
      throw invalid();
    }
    if (octets.length < kind.length
        || !Arrays.equals(octets, 0, kind.length, kind, 0, kind.length)) {
      throw invalid();
    }
    return Arrays.copyOfRange(octets, kind.length, octets.length);
  }

  private static DirectoryRefusedException invalid() {
    return Texts.invalid("The page token is not valid.");
  }
}
