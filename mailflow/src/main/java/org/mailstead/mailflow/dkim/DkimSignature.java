package org.mailstead.mailflow.dkim;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.MalformedException;

/// A signature field, its tags checked, nothing verified.
///
/// @param identity the domain of `i=`
/// @param fields names in `h=`, as they came
/// @param bodyLength `l=`
/// @spec https://www.rfc-editor.org/rfc/rfc6376#section-3.5 RFC 6376 §3.5
record DkimSignature(
    SigningAlgorithm algorithm,
    byte[] signature,
    byte[] bodyHash,
    Canonicalization headerForm,
    Canonicalization bodyForm,
    String domain,
    String identity,
    String selector,
    List<String> fields,
    Optional<Long> bodyLength,
    Optional<Instant> signed,
    Optional<Instant> expires) {
  /// @throws MalformedException what is wrong with it
  static DkimSignature parse(TagList tags) {
    if (!tags.load("v").equals("1")) throw new MalformedException("a version that is not known");
    String word = tags.load("a");
    SigningAlgorithm algorithm =
        SigningAlgorithm.find(word)
            .orElseThrow(() ->
                new MalformedException(
                    word.equalsIgnoreCase("rsa-sha1")
                        ? "rsa-sha1 is not secure (RFC 8301)"
                        : "an algorithm that is not known"));
    String[] forms = tags.findPacked("c").orElse("simple/simple").split("/", 2);
    String domain = domain(tags.load("d"));
    String identity = tags.findPacked("i").map(DkimSignature::identityDomain).orElse(domain);
    if (!identity.equals(domain) && !identity.endsWith("." + domain)) {
      throw new MalformedException("i= is not within d=");
    }
    List<String> methods = List.of(tags.findPacked("q").orElse("dns/txt").split(":"));
    if (!methods.contains("dns/txt")) throw new MalformedException("a query that is not known");
    List<String> fields = List.of(tags.load("h").split(":"));
    if (fields.size() > DkimLimits.SIGNED_FIELDS_MAX) {
      throw new MalformedException("too many signed fields");
    }
    if (fields.stream().noneMatch(name -> name.equalsIgnoreCase("from"))) {
      throw new MalformedException("the From field is not signed");
    }
    Optional<Instant> signed = tags.findPacked("t").map(DkimSignature::time);
    Optional<Instant> expires = tags.findPacked("x").map(DkimSignature::time);
    if (signed.isPresent() && expires.isPresent() && !expires.get().isAfter(signed.get())) {
      throw new MalformedException("it expires before it was made");
    }
    return new DkimSignature(
        algorithm,
        base64(tags.load("b")),
        base64(tags.load("bh")),
        form(forms[0]),
        forms.length > 1 ? form(forms[1]) : Canonicalization.SIMPLE,
        domain,
        identity,
        domain(tags.load("s")),
        fields,
        tags.findPacked("l").map(DkimSignature::number),
        signed,
        expires);
  }

  /// The field without what stands in `b=` (§3.5), which is what was signed.
  static byte[] withoutValue(byte[] raw) {
    String text = new String(raw, StandardCharsets.ISO_8859_1);
    int at = text.indexOf(':') + 1;
    var out = new ByteArrayOutputStream(raw.length);
    out.write(raw, 0, at);
    while (at < text.length()) {
      int end = text.indexOf(';', at);
      if (end < 0) end = text.length();
      int equals = text.indexOf('=', at);
      boolean isSignature =
          equals >= 0 && equals < end && text.substring(at, equals).strip().equals("b");
      int kept = isSignature ? equals + 1 : end;
      out.writeBytes(Arrays.copyOfRange(raw, at, kept));
      if (end < text.length()) out.write(';');
      at = end + 1;
    }
    return out.toByteArray();
  }

  private static Canonicalization form(String word) {
    return Canonicalization.find(word)
        .orElseThrow(() -> new MalformedException("a canonicalization that is not known"));
  }

  static String domain(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    boolean fine =
        lower.length() <= 253
            && lower
                .chars()
                .allMatch(c ->
                    c < 128 && (Character.isLetterOrDigit(c) || c == '-' || c == '.' || c == '_'));
    if (!fine || lower.startsWith(".") || lower.endsWith(".") || lower.contains("..")) {
      throw new MalformedException("a domain or selector that is none");
    }
    return lower;
  }

  private static String identityDomain(String identity) {
    int at = identity.lastIndexOf('@');
    if (at < 0) throw new MalformedException("i= without a domain");
    return domain(identity.substring(at + 1));
  }

  private static long number(String digits) {
    if (digits.isEmpty()
        || digits.length() > 76
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new MalformedException("a number that is none");
    }
    // §3.5: up to 76 digits; whatever does not fit is more than any message has.
    return digits.length() > 18 ? Long.MAX_VALUE : Long.parseLong(digits);
  }

  private static Instant time(String digits) {
    return Instant.ofEpochSecond(Math.min(number(digits), 253_402_300_799L));
  }

  static byte[] base64(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("not base64");
    }
  }
}
