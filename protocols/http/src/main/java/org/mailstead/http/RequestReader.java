package org.mailstead.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/// Turns the engine's request into ours, reading the body within its limits.
final class RequestReader {
  private static final int CHUNK_BYTES = 16 * 1024;

  private RequestReader() {}

  /// What became of the body.
  sealed interface Body {
    record Whole(byte[] bytes) implements Body {}

    record TooLong() implements Body {}

    record TooSlow() implements Body {}
  }

  static Body readBody(Request request, int bytesMax, Duration timeMax) throws IOException {
    long announced = request.getLength();
    if (announced > bytesMax) return new Body.TooLong();
    long start = System.nanoTime();
    // Memory follows what came, not what was announced.
    long expected = announced >= 0 ? announced + 1 : 4096;
    byte[] bytes = new byte[(int) Math.min(expected, CHUNK_BYTES)];
    int count = 0;
    InputStream in = Content.Source.asInputStream(request);
    while (true) {
      if (count == bytes.length) {
        if (count > bytesMax) return new Body.TooLong();
        bytes = Arrays.copyOf(bytes, (int) Math.min(bytesMax + 1L, Math.max(count * 2L, 4096)));
      }
      int read = in.read(bytes, count, Math.min(CHUNK_BYTES, bytes.length - count));
      if (read < 0) return new Body.Whole(Arrays.copyOf(bytes, count));
      count += read;
      if (count > bytesMax) return new Body.TooLong();
      // The idle limit lets a peer send one byte a minute for ever; this one does not.
      if (System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(timeMax.toMillis())) {
        return new Body.TooSlow();
      }
    }
  }

  static HttpRequest read(Request request, byte[] body) {
    List<HttpHeaders.Field> fields = new ArrayList<>();
    boolean hostSeen = false;
    for (HttpField field : request.getHeaders()) {
      String name = field.getName();
      if (name.startsWith(":")) continue;
      String value = field.getValue();
      hostSeen |= name.equalsIgnoreCase("Host");
      fields.add(new HttpHeaders.Field(name, value == null ? "" : value));
    }
    String authority = request.getHttpURI().getAuthority();
    if (!hostSeen && authority != null) fields.add(new HttpHeaders.Field("Host", authority));
    String path = request.getHttpURI().getPath();
    String query = request.getHttpURI().getQuery();
    return new HttpRequest(
        request.getMethod(),
        path == null || path.isEmpty() ? "/" : path,
        query == null ? "" : query,
        new HttpHeaders(fields),
        body,
        request.getConnectionMetaData().getRemoteSocketAddress() instanceof InetSocketAddress peer
            ? peer
            : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        request.isSecure());
  }
}
