package org.mailstead.mailflow.arc;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.MalformedException;
import org.mailstead.mailflow.dkim.BodyDigest;
import org.mailstead.mailflow.dkim.Canonicalization;
import org.mailstead.mailflow.dkim.DkimSigner;
import org.mailstead.mailflow.dkim.SignedMessage;
import org.mailstead.mailflow.dkim.SigningKey;

/// Adds a set to a message that goes on to somebody else: a forward, a redirect, a group.
///
/// @spec https://www.rfc-editor.org/rfc/rfc8617#section-5.1 RFC 8617 §5.1
public final class ArcSealer {
  private static final List<String> SIGNED =
      List.of(
          "From",
          "To",
          "Cc",
          "Subject",
          "Date",
          "Message-ID",
          "Reply-To",
          "MIME-Version",
          "Content-Type",
          "Content-Transfer-Encoding",
          "DKIM-Signature");

  private final InstantSource clock;

  public ArcSealer(InstantSource clock) {
    this.clock = clock;
  }

  /// The three fields of a new set, ready to be put before the message; empty if it may not get
  /// one: it carries fifty, or its chain is broken beyond counting, or was broken before (§5.1).
  ///
  /// @param state of the chain as it came in
  /// @param results what we found when it came in: the value of Authentication-Results
  public Optional<String> seal(
      SignedMessage message, ArcVerdict state, String results, SigningKey key) {
    ArcChain before;
    try {
      before = ArcChain.of(message);
    } catch (MalformedException e) {
      return Optional.empty();
    }
    int instance = before.sets().size() + 1;
    if (instance > ArcLimits.INSTANCES_MAX) return Optional.empty();
    if (instance > 1
        && before.sets().getLast().sealTags().find("cv").orElse("").equalsIgnoreCase("fail")) {
      return Optional.empty();
    }
    String resultsField = ArcChain.RESULTS + ": i=" + instance + ";\r\n\t" + results + "\r\n";
    String messageField = messageSignature(message, instance, key);
    // §5.1.2: a broken chain is sealed alone, so that nobody takes what is in it for good.
    boolean broken = state == ArcVerdict.FAIL;
    String word = instance == 1 ? "none" : broken ? "fail" : "pass";
    String unsigned =
        ArcChain.SEAL
            + ": i="
            + instance
            + "; a="
            + key.algorithm().word()
            + "; cv="
            + word
            + ";\r\n\td="
            + key.domain()
            + "; s="
            + key.selector()
            + "; t="
            + clock.instant().getEpochSecond()
            + ";\r\n\tb=";
    var data = new ByteArrayOutputStream(8192);
    if (!broken) {
      for (ArcChain.ArcSet set : before.sets()) {
        data.writeBytes(Canonicalization.RELAXED.field(set.results()));
        data.writeBytes(Canonicalization.RELAXED.field(set.message()));
        data.writeBytes(Canonicalization.RELAXED.field(set.seal()));
      }
    }
    data.writeBytes(Canonicalization.RELAXED.field(octets(resultsField)));
    data.writeBytes(Canonicalization.RELAXED.field(octets(messageField)));
    byte[] own = Canonicalization.RELAXED.field(octets(unsigned));
    data.write(own, 0, own.length - 2);
    String seal = unsigned + DkimSigner.value(key, data.toByteArray()) + "\r\n";
    return Optional.of(seal + messageField + resultsField);
  }

  private String messageSignature(SignedMessage message, int instance, SigningKey key) {
    List<String> names = new ArrayList<>();
    for (String name : SIGNED) {
      int count = Math.min(10, message.fields(name).size());
      for (int i = 0; i < count; i++) names.add(name);
    }
    if (!names.contains("From")) names.addFirst("From");
    BodyDigest.Result body = message.bodyDigest(Canonicalization.RELAXED, Long.MAX_VALUE);
    String unsigned =
        ArcChain.MESSAGE
            + ": i="
            + instance
            + "; a="
            + key.algorithm().word()
            + "; c=relaxed/relaxed;\r\n\td="
            + key.domain()
            + "; s="
            + key.selector()
            + "; t="
            + clock.instant().getEpochSecond()
            + ";\r\n\th="
            + DkimSigner.folded(names)
            + ";\r\n\tbh="
            + Base64.getEncoder().encodeToString(body.hash())
            + ";\r\n\tb=";
    return DkimSigner.signed(unsigned, message, names, key);
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
