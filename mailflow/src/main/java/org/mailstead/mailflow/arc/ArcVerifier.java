package org.mailstead.mailflow.arc;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.MalformedException;
import org.mailstead.mailflow.arc.ArcChain.ArcSet;
import org.mailstead.mailflow.authres.AuthenticationResults;
import org.mailstead.mailflow.dkim.BodyDigest;
import org.mailstead.mailflow.dkim.Canonicalization;
import org.mailstead.mailflow.dkim.DkimVerifier;
import org.mailstead.mailflow.dkim.KeyLookup;
import org.mailstead.mailflow.dkim.SignedMessage;
import org.mailstead.mailflow.dkim.SigningAlgorithm;
import org.mailstead.mailflow.dkim.TagList;
import org.mailstead.mailflow.dns.DnsBudget;

/// Validates chains: every seal, and the newest message signature.
///
/// @spec https://www.rfc-editor.org/rfc/rfc8617#section-5.2 RFC 8617 §5.2
public final class ArcVerifier {
  private final KeyLookup keys;

  public ArcVerifier(KeyLookup keys) {
    this.keys = keys;
  }

  public ArcResult verify(SignedMessage message, DnsBudget budget) {
    if (message.fields(ArcChain.SEAL).isEmpty()
        && message.fields(ArcChain.MESSAGE).isEmpty()
        && message.fields(ArcChain.RESULTS).isEmpty()) {
      return ArcResult.without(ArcVerdict.NONE, 0, "");
    }
    int instances = message.fields(ArcChain.SEAL).size();
    try {
      ArcChain chain = ArcChain.of(message);
      instances = chain.sets().size();
      checkStates(chain);
      checkMessage(message, chain.sets().getLast(), budget);
      List<String> sealers = new ArrayList<>();
      for (int i = instances; i >= 1; i--) sealers.addFirst(checkSeal(chain, i, budget));
      ArcSet first = chain.sets().getFirst();
      Optional<AuthenticationResults> results =
          AuthenticationResults.parse(first.resultsValue().strip());
      return new ArcResult(ArcVerdict.PASS, sealers, results, instances, "");
    } catch (MalformedException e) {
      return ArcResult.without(ArcVerdict.FAIL, instances, String.valueOf(e.getMessage()));
    }
  }

  /// §5.2 steps 2 and 3: the first says none, every later one pass.
  private static void checkStates(ArcChain chain) {
    for (int i = 0; i < chain.sets().size(); i++) {
      TagList seal = chain.sets().get(i).sealTags();
      String state = seal.load("cv");
      if (!state.equalsIgnoreCase(i == 0 ? "none" : "pass")) {
        throw new MalformedException(
            "set "
                + (i + 1)
                + " says cv="
                + (state.equalsIgnoreCase("fail") ? "fail" : "something wrong"));
      }
      // §4.1.3: a seal that names fields of its own is none.
      if (seal.find("h").isPresent()) throw new MalformedException("a seal with h=");
    }
  }

  private void checkMessage(SignedMessage message, ArcSet set, DnsBudget budget) {
    TagList tags = set.messageTags();
    String[] forms =
        tags.findPacked("c")
            .orElse("simple/simple")
            .toLowerCase(java.util.Locale.ROOT)
            .split("/", 2);
    Canonicalization header = form(forms[0]);
    Canonicalization body = forms.length > 1 ? form(forms[1]) : Canonicalization.SIMPLE;
    List<String> names = List.of(tags.load("h").split(":"));
    if (names.stream().anyMatch(name -> name.equalsIgnoreCase(ArcChain.SEAL))) {
      throw new MalformedException("a message signature over seals");
    }
    BodyDigest.Result digest = message.bodyDigest(body, Long.MAX_VALUE);
    if (!MessageDigest.isEqual(digest.hash(), base64(tags.load("bh")))) {
      throw new MalformedException("the body hash does not match");
    }
    byte[] data = DkimVerifier.headerData(message, names, header, set.message());
    verify(tags, data, budget, "the message signature does not match");
  }

  private String checkSeal(ArcChain chain, int instance, DnsBudget budget) {
    ArcSet set = chain.sets().get(instance - 1);
    byte[] data = chain.sealedData(instance, DkimVerifier.withoutValue(set.seal()));
    return verify(set.sealTags(), data, budget, "seal " + instance + " does not match");
  }

  /// @return the signing domain
  private String verify(TagList tags, byte[] data, DnsBudget budget, String otherwise) {
    String domain = DkimVerifier.domain(tags.load("d"));
    SigningAlgorithm algorithm =
        SigningAlgorithm.find(tags.load("a"))
            .orElseThrow(() -> new MalformedException("an algorithm that is not known"));
    KeyLookup.Found found =
        keys.find(domain, DkimVerifier.domain(tags.load("s")), algorithm, budget);
    return switch (found) {
      case KeyLookup.Found.Unavailable(String reason) -> throw new MalformedException(reason);
      case KeyLookup.Found.Unusable(String reason) -> throw new MalformedException(reason);
      case KeyLookup.Found.Key key -> {
        if (!algorithm.verify(key.key(), data, base64(tags.load("b")))) {
          throw new MalformedException(otherwise);
        }
        yield domain;
      }
    };
  }

  private static Canonicalization form(String word) {
    return Canonicalization.find(word)
        .orElseThrow(() -> new MalformedException("a canonicalization that is not known"));
  }

  private static byte[] base64(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("not base64");
    }
  }
}
