package org.mailstead.mailflow.dkim;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.MalformedException;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.mailflow.dns.DnsBudget;

/// Verifies the signatures of a message. Anybody may put signatures on a message, hundreds of them:
/// [DkimLimits#VERIFIED_MAX] are verified, those of the author's own domain first, because only
/// they can decide anything (DMARC).
///
/// @spec https://www.rfc-editor.org/rfc/rfc6376#section-6 RFC 6376 §6
public final class DkimVerifier {
  private static final String FIELD = "DKIM-Signature";
  private static final int PREFIX_CHARS = 12;

  private final KeyLookup keys;
  private final InstantSource clock;

  public DkimVerifier(KeyLookup keys, InstantSource clock) {
    this.keys = keys;
    this.clock = clock;
  }

  /// @param authors domains of the From field
  /// @return one result for each signature that was verified; empty: the message has none
  public List<DkimResult> verify(SignedMessage message, List<String> authors, DnsBudget budget) {
    List<HeaderFields.Field> all = message.fields(FIELD);
    List<HeaderFields.Field> looked =
        new ArrayList<>(all.subList(0, Math.min(all.size(), DkimLimits.SIGNATURES_MAX)));
    if (looked.size() > DkimLimits.VERIFIED_MAX) {
      looked.sort(Comparator.comparing(field -> !isOfAuthor(message.value(field), authors)));
    }
    List<DkimResult> results = new ArrayList<>();
    for (HeaderFields.Field field :
        looked.subList(0, Math.min(looked.size(), DkimLimits.VERIFIED_MAX))) {
      results.add(verify(message, field, budget));
    }
    return List.copyOf(results);
  }

  /// A guess by text: good enough to choose, as the signature itself decides later.
  private static boolean isOfAuthor(String value, List<String> authors) {
    try {
      String domain = TagList.parse(value).load("d").toLowerCase(Locale.ROOT);
      return authors.stream()
          .anyMatch(author ->
              author.equals(domain)
                  || author.endsWith("." + domain)
                  || domain.endsWith("." + author));
    } catch (MalformedException e) {
      return false;
    }
  }

  private DkimResult verify(SignedMessage message, HeaderFields.Field field, DnsBudget budget) {
    Optional<TagList> tags = Optional.empty();
    try {
      byte[] raw = message.raw(field);
      if (raw.length > DkimLimits.SIGNATURE_BYTES_MAX) {
        throw new MalformedException("the signature field is too long");
      }
      tags = Optional.of(TagList.parse(message.value(field)));
      DkimSignature signature = DkimSignature.parse(tags.get());
      Checked checked = check(message, raw, signature, budget);
      return result(tags, checked.verdict(), checked.reason());
    } catch (MalformedException e) {
      return result(tags, DkimVerdict.PERMERROR, String.valueOf(e.getMessage()));
    }
  }

  private static DkimResult result(Optional<TagList> tags, DkimVerdict verdict, String reason) {
    String domain = tag(tags, "d").toLowerCase(Locale.ROOT);
    String identity = tag(tags, "i");
    return new DkimResult(
        verdict,
        domain,
        identity.isEmpty()
            ? domain
            : identity.substring(identity.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT),
        tag(tags, "s"),
        tag(tags, "a"),
        tag(tags, "b").substring(0, Math.min(PREFIX_CHARS, tag(tags, "b").length())),
        reason);
  }

  private static String tag(Optional<TagList> tags, String name) {
    return tags.flatMap(each -> each.findPacked(name)).orElse("");
  }

  private record Checked(DkimVerdict verdict, String reason) {}

  private Checked check(
      SignedMessage message, byte[] raw, DkimSignature signature, DnsBudget budget) {
    Instant now = clock.instant();
    if (signature.expires().isPresent() && now.isAfter(signature.expires().get())) {
      return new Checked(DkimVerdict.FAIL, "the signature has expired");
    }
    if (signature.signed().isPresent()
        && signature.signed().get().isAfter(now.plus(DkimLimits.CLOCK_SKEW_MAX))) {
      return new Checked(DkimVerdict.FAIL, "the signature is from the future");
    }
    KeyLookup.Found found =
        keys.find(signature.domain(), signature.selector(), signature.algorithm(), budget);
    return switch (found) {
      case KeyLookup.Found.Unavailable(String reason) -> new Checked(DkimVerdict.TEMPERROR, reason);
      case KeyLookup.Found.Unusable(String reason) -> new Checked(DkimVerdict.PERMERROR, reason);
      case KeyLookup.Found.Key key -> check(message, raw, signature, key);
    };
  }

  private static Checked check(
      SignedMessage message, byte[] raw, DkimSignature signature, KeyLookup.Found.Key key) {
    if (key.isExact() && !signature.identity().equals(signature.domain())) {
      return new Checked(DkimVerdict.PERMERROR, "the key is not for subdomains");
    }
    long most = signature.bodyLength().orElse(Long.MAX_VALUE);
    BodyDigest.Result body = message.bodyDigest(signature.bodyForm(), most);
    if (signature.bodyLength().isPresent() && most > body.length()) {
      return new Checked(DkimVerdict.FAIL, "the body is shorter than l=");
    }
    if (!MessageDigest.isEqual(body.hash(), signature.bodyHash())) {
      return new Checked(DkimVerdict.FAIL, "the body hash does not match");
    }
    byte[] data = headerData(message, signature.fields(), signature.headerForm(), raw);
    if (!signature.algorithm().verify(key.key(), data, signature.signature())) {
      return new Checked(DkimVerdict.FAIL, "the signature does not match");
    }
    // RFC 6376 §8.2: anybody can add to a body that is signed only in part.
    if (most < body.length()) {
      return new Checked(DkimVerdict.POLICY, "l= leaves a part of the body unsigned");
    }
    return new Checked(DkimVerdict.PASS, "");
  }

  /// What a signature is made over: the named fields, then the signature's own without its value.
  ///
  /// @throws MalformedException they are too long
  public static byte[] headerData(
      SignedMessage message, List<String> names, Canonicalization form, byte[] own) {
    var data = new ByteArrayOutputStream(4096);
    SignedMessage.Taking taking = message.taking();
    for (String name : names) {
      taking.next(name).ifPresent(field -> data.writeBytes(form.field(field)));
      if (data.size() > DkimLimits.HEADER_BYTES_MAX) {
        throw new MalformedException("the signed fields are too long");
      }
    }
    byte[] last = form.field(DkimSignature.withoutValue(own));
    data.write(last, 0, last.length - 2);
    return data.toByteArray();
  }

  /// A signature field without what stands in `b=`. For ARC too.
  public static byte[] withoutValue(byte[] raw) {
    return DkimSignature.withoutValue(raw);
  }

  /// A domain or selector in lower case.
  ///
  /// @throws MalformedException not one
  public static String domain(String text) {
    return DkimSignature.domain(text);
  }

  static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
