/// The HTTP listener: HTTP/1.1 and HTTP/2 over TLS, plain HTTP on loopback. The one package that
/// knows the HTTP engine; protocols on HTTP see requests and responses as records. Uses base.
///
/// Start reading at [HttpServer] and [HttpHandler].
@NullMarked
package org.mailstead.http;

import org.jspecify.annotations.NullMarked;
