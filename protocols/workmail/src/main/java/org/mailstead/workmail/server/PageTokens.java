package org.mailstead.workmail.server;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.mailstead.base.Invariant;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.ErrorCode;

/// Makes NextTokens that nobody can alter and that count only for the request that they came from:
/// a directory's own token, authenticated together with the account, the operation and its other
/// parameters.
final class PageTokens {
  static final int TOKEN_LENGTH_MAX = 1024;

  private static final int MAC_BYTES = 16;

  private final SecretKeySpec key;

  PageTokens(byte[] key) {
    Invariant.check(key.length >= 32, "a page token key has 32 octets");
    this.key = new SecretKeySpec(key, "HmacSHA256");
  }

  /// The page that a request asks for; a hundred items when it does not say.
  ///
  /// @param context what the token is bound to
  /// @throws ApiException InvalidParameterException
  PageRequest page(String context, Optional<Integer> countMax, Optional<String> token) {
    return new PageRequest(
        countMax.orElse(PageRequest.COUNT_MAX), token.map(t -> open(context, t)));
  }

  Optional<String> seal(String context, Optional<String> token) {
    return token.map(t -> {
      byte[] text = t.getBytes(StandardCharsets.UTF_8);
      byte[] sealed = Arrays.copyOf(mac(context, text), MAC_BYTES + text.length);
      System.arraycopy(text, 0, sealed, MAC_BYTES, text.length);
      String word = Base64.getUrlEncoder().withoutPadding().encodeToString(sealed);
      Invariant.check(word.length() <= TOKEN_LENGTH_MAX, "a page token is too long");
      return word;
    });
  }

  private String open(String context, String token) {
    byte[] sealed;
    try {
      sealed = Base64.getUrlDecoder().decode(token);
    } catch (IllegalArgumentException e) {
      throw invalid();
    }
    if (sealed.length <= MAC_BYTES) throw invalid();
    byte[] text = Arrays.copyOfRange(sealed, MAC_BYTES, sealed.length);
    if (!MessageDigest.isEqual(Arrays.copyOf(sealed, MAC_BYTES), mac(context, text))) {
      throw invalid();
    }
    return new String(text, StandardCharsets.UTF_8);
  }

  private byte[] mac(String context, byte[] text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update(context.getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0);
      return Arrays.copyOf(mac.doFinal(text), MAC_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no HMAC-SHA256", e);
    }
  }

  private static ApiException invalid() {
    return new ApiException(ErrorCode.INVALID_PARAMETER, "The NextToken is not valid.");
  }
}
