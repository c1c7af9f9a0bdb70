package org.mailstead.http;

/// Answers requests. Called on a virtual thread, many at once; it may block.
///
/// What it throws is answered too: [org.mailstead.base.MalformedException] with 400,
/// [org.mailstead.base.RefusedException] with 403, [org.mailstead.base.UnavailableException] with
/// 503 and Retry-After, anything else with 500.
@FunctionalInterface
public interface HttpHandler {
  HttpResponse handle(HttpRequest request);
}
