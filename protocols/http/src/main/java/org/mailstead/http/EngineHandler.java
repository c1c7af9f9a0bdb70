package org.mailstead.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.mailstead.base.MalformedException;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Between the engine and our handlers: finds the route, reads the body, answers failures.
final class EngineHandler extends Handler.Abstract {
  private static final Logger LOG = LoggerFactory.getLogger(EngineHandler.class);

  private final Routes routes;
  private final HttpLimits limits;
  private final Semaphore requests;

  EngineHandler(Routes routes, HttpLimits limits) {
    this.routes = routes;
    this.limits = limits;
    this.requests = new Semaphore(limits.requestCountMax());
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    HttpResponse answer;
    if (requests.tryAcquire()) {
      try {
        answer = answer(request);
      } finally {
        requests.release();
      }
    } else {
      answer = HttpResponse.text(503, "too many requests at once\n").with("Retry-After", "1");
    }
    write(request, answer, response, callback);
    return true;
  }

  private HttpResponse answer(Request request) {
    try {
      String path = request.getHttpURI().getPath();
      var target = routes.find(path == null || path.isEmpty() ? "/" : path);
      if (target.isEmpty()) return HttpResponse.text(404, "not found\n");
      return switch (RequestReader.readBody(
          request, target.get().bodyBytesMax(), limits.bodyTimeMax())) {
        case RequestReader.Body.Whole whole ->
            target.get().handler().handle(RequestReader.read(request, whole.bytes()));
        case RequestReader.Body.TooLong() -> closing(HttpResponse.text(413, "body too long\n"));
        case RequestReader.Body.TooSlow() -> closing(HttpResponse.text(408, "body too slow\n"));
      };
    } catch (IOException e) {
      LOG.debug("request body was not read: {}", e.getClass().getName());
      return closing(HttpResponse.text(400, "request not readable\n"));
    } catch (MalformedException e) {
      return HttpResponse.text(400, "malformed request\n");
    } catch (RefusedException e) {
      return HttpResponse.text(403, e.publicText() + "\n");
    } catch (UnavailableException e) {
      LOG.warn("unavailable: {}", e.getMessage());
      long seconds = Math.max(1, e.retryAfter().toSeconds());
      return HttpResponse.text(503, "unavailable\n").with("Retry-After", Long.toString(seconds));
    } catch (RuntimeException | AssertionError e) {
      LOG.error("bug in an HTTP handler", e);
      return HttpResponse.text(500, "internal error\n");
    }
  }

  /// What is left of the body is not read: the connection cannot be used again.
  private static HttpResponse closing(HttpResponse response) {
    return response.with("Connection", "close");
  }

  private static void write(
      Request request, HttpResponse answer, Response response, Callback callback) {
    boolean mayNameConnection = request.getConnectionMetaData().getHttpVersion().getVersion() < 20;
    response.setStatus(answer.status());
    HttpFields.Mutable headers = response.getHeaders();
    for (HttpHeaders.Field field : answer.headers().fields()) {
      // RFC 9113 §8.2.2: no connection-specific fields in HTTP/2.
      if (!mayNameConnection && field.name().equalsIgnoreCase("Connection")) continue;
      headers.add(field.name(), field.value());
    }
    boolean head = request.getMethod().equals("HEAD");
    headers.put("Content-Length", Integer.toString(answer.body().length));
    response.write(true, head ? ByteBuffer.allocate(0) : ByteBuffer.wrap(answer.body()), callback);
  }
}
