package org.mailstead.mailflow.domains;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.mailstead.mailflow.outside.OutsideRequest;

/// Asks for a domain's mail settings as programs do: phase 2 wants 401 to a POST without a password
/// at `https://<domain>/…` or `https://autodiscover.<domain>/…`, phase 3 a redirect to HTTPS at
/// `http://autodiscover.<domain>/…` (WorkMail guide, Using AutoDiscover). What is answered is not
/// read, and only servers of the open network are asked: whose domain it is is not known yet.
public final class AutodiscoverProbe {
  /// One question.
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final String PATH = "/autodiscover/autodiscover.xml";

  private final OutsideRequest outside;
  private final Function<URI, URI> address;

  public AutodiscoverProbe(OutsideRequest outside) {
    this(outside, Function.identity());
  }

  /// @param address where to ask instead, in tests
  AutodiscoverProbe(OutsideRequest outside, Function<URI, URI> address) {
    this.outside = outside;
    this.address = address;
  }

  /// What is missing; empty: both phases answer.
  Optional<String> missing(String domain) {
    List<String> missing = new ArrayList<>();
    boolean second =
        status("POST", "https://" + domain + PATH).filter(code -> code == 401).isPresent()
            || status("POST", "https://autodiscover." + domain + PATH)
                .filter(code -> code == 401)
                .isPresent();
    if (!second) {
      missing.add(
          "phase 2 (401 to a POST without a password at https://autodiscover."
              + domain
              + PATH
              + ")");
    }
    if (!isRedirected("http://autodiscover." + domain + PATH)) {
      missing.add("phase 3 (a redirect to HTTPS from http://autodiscover." + domain + PATH + ")");
    }
    if (missing.isEmpty()) return Optional.empty();
    return Optional.of("Not answered yet: " + String.join("; ", missing) + ".");
  }

  private Optional<Integer> status(String method, String text) {
    return ask(method, text).map(OutsideRequest.Answer::status);
  }

  private boolean isRedirected(String text) {
    return ask("GET", text)
        .filter(answer -> answer.status() == 302 || answer.status() == 301)
        .flatMap(answer -> answer.field("location"))
        .filter(location -> location.regionMatches(true, 0, "https://", 0, 8))
        .isPresent();
  }

  private Optional<OutsideRequest.Answer> ask(String method, String text) {
    try {
      URI uri = address.apply(URI.create(text));
      return Optional.of(outside.send(method, uri, Map.of(), new byte[0], PATIENCE));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
