package org.mailstead.http;

import java.net.InetSocketAddress;

/// A request, read whole. A `Host` field is always there: HTTP/2's `:authority` is shown as one.
///
/// @param path as sent, percent-encoded, never empty
/// @param query as sent, without the question mark; empty if there is none
/// @param body at most the route's limit; must not be changed
/// @param secure whether it came over TLS
public record HttpRequest(
    String method,
    String path,
    String query,
    HttpHeaders headers,
    byte[] body,
    InetSocketAddress peer,
    boolean secure) {}
