package org.mailstead.server;

import java.util.Locale;
import java.util.Optional;
import org.mailstead.core.domains.TransportPolicies;
import org.mailstead.http.HttpHandler;
import org.mailstead.http.HttpRequest;
import org.mailstead.http.HttpResponse;

/// Answers `https://mta-sts.<domain>/.well-known/mta-sts.txt` for our domains that have a policy.
/// The name comes from the Host field; every other name is not found.
///
/// @spec https://www.rfc-editor.org/rfc/rfc8461#section-3.3 RFC 8461 §3.3
final class TransportPolicyHandler implements HttpHandler {
  static final String PATH = "/.well-known/mta-sts.txt";

  private static final String LABEL = "mta-sts.";
  private static final int HOST_CHARS_MAX = 300;

  private final TransportPolicies policies;
  private final Optional<String> mailHost;

  /// @param mailHost the mail exchanger of all domains, if others can look its name up
  TransportPolicyHandler(TransportPolicies policies, Optional<String> mailHost) {
    this.policies = policies;
    this.mailHost = mailHost;
  }

  @Override
  public HttpResponse handle(HttpRequest request) {
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      return HttpResponse.text(405, "method not allowed\n").with("Allow", "GET, HEAD");
    }
    String host = request.headers().first("Host").orElse("").toLowerCase(Locale.ROOT);
    int colon = host.lastIndexOf(':');
    if (colon > 0) host = host.substring(0, colon);
    if (mailHost.isEmpty() || !host.startsWith(LABEL) || host.length() > HOST_CHARS_MAX) {
      return notFound();
    }
    return policies
        .served(host.substring(LABEL.length()))
        .map(policy -> HttpResponse.text(200, policy.text(mailHost.get())))
        .orElseGet(TransportPolicyHandler::notFound);
  }

  private static HttpResponse notFound() {
    return HttpResponse.text(404, "not found\n");
  }
}
