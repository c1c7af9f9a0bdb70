package org.mailstead.mailflow.dkim;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/// Signs messages, relaxed/relaxed. Fields that say who writes what to whom are signed once more
/// than they occur, so that nobody can add another one (RFC 6376 §8.15).
///
/// @spec https://www.rfc-editor.org/rfc/rfc6376#section-5 RFC 6376 §5
public final class DkimSigner {
  private static final List<String> SIGNED =
      List.of(
          "From",
          "To",
          "Cc",
          "Subject",
          "Date",
          "Message-ID",
          "Sender",
          "Reply-To",
          "In-Reply-To",
          "References",
          "MIME-Version",
          "Content-Type",
          "Content-Transfer-Encoding",
          "Content-Disposition",
          "List-Id",
          "List-Unsubscribe",
          "List-Unsubscribe-Post",
          "Auto-Submitted");

  private static final Set<String> OVERSIGNED =
      Set.of("From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "Content-Type");

  /// As many of one name are signed; a header with more is not one that a mail program wrote.
  private static final int INSTANCES_MAX = 10;

  private static final int LINE_CHARS = 72;

  private final InstantSource clock;

  public DkimSigner(InstantSource clock) {
    this.clock = clock;
  }

  /// A signature field for each key, ready to be put before the message.
  public String sign(SignedMessage message, List<SigningKey> keys) {
    if (keys.isEmpty()) return "";
    List<String> names = new ArrayList<>();
    for (String name : SIGNED) {
      int count = Math.min(message.fields(name).size(), INSTANCES_MAX);
      if (OVERSIGNED.contains(name)) count++;
      for (int i = 0; i < count; i++) names.add(name);
    }
    BodyDigest.Result body = message.bodyDigest(Canonicalization.RELAXED, Long.MAX_VALUE);
    var fields = new StringBuilder();
    for (SigningKey key : keys) {
      String tags =
          "v=1; a="
              + key.algorithm().word()
              + "; c=relaxed/relaxed; d="
              + key.domain()
              + ";\r\n\ts="
              + key.selector()
              + "; t="
              + clock.instant().getEpochSecond()
              + ";\r\n\th="
              + folded(names)
              + ";\r\n\tbh="
              + Base64.getEncoder().encodeToString(body.hash())
              + ";\r\n\tb=";
      fields.append(signed("DKIM-Signature: " + tags, message, names, key));
    }
    return fields.toString();
  }

  /// A field that ends in `b=`, with its signature, which covers the named fields and itself. For
  /// ARC too.
  public static String signed(
      String unsigned, SignedMessage message, List<String> names, SigningKey key) {
    byte[] data =
        DkimVerifier.headerData(
            message, names, Canonicalization.RELAXED, DkimVerifier.latin1(unsigned));
    return unsigned + value(key, data) + "\r\n";
  }

  /// The value of `b=` over these octets, folded.
  public static String value(SigningKey key, byte[] data) {
    String base64 = Base64.getEncoder().encodeToString(key.algorithm().sign(key.key(), data));
    var out = new StringBuilder(base64.length() + 32);
    for (int at = 0; at < base64.length(); at += LINE_CHARS) {
      if (at > 0) out.append("\r\n\t ");
      out.append(base64, at, Math.min(base64.length(), at + LINE_CHARS));
    }
    return out.toString();
  }

  /// Names with colons between them, folded.
  public static String folded(List<String> names) {
    var out = new StringBuilder();
    int line = 3;
    for (int i = 0; i < names.size(); i++) {
      String part = names.get(i) + (i + 1 < names.size() ? ":" : "");
      if (line + part.length() > LINE_CHARS) {
        out.append("\r\n\t ");
        line = 2;
      }
      out.append(part);
      line += part.length();
    }
    return out.toString();
  }
}
