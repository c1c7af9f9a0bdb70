package org.mailstead.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which handler answers which path: an exact path wins, then the longest prefix. Immutable.
public final class Routes {
  /// @param bodyBytesMax a longer body is answered with 413
  private record Route(String path, boolean exact, int bodyBytesMax, HttpHandler handler) {
    boolean matches(String asked) {
      return exact ? asked.equals(path) : asked.startsWith(path);
    }
  }

  /// What a path leads to.
  record Target(int bodyBytesMax, HttpHandler handler) {}

  /// Answers "ok" as long as the process takes requests.
  private static final HttpHandler HEALTH =
      request ->
          switch (request.method()) {
            case "GET", "HEAD" -> HttpResponse.text(200, "ok\n");
            default -> HttpResponse.text(405, "method not allowed\n").with("Allow", "GET, HEAD");
          };

  private final List<Route> routes;

  private Routes(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  /// Only `/health`.
  public static Routes health() {
    return new Routes(List.of(new Route("/health", true, 0, HEALTH)));
  }

  public Routes exact(String path, int bodyBytesMax, HttpHandler handler) {
    return with(new Route(path, true, bodyBytesMax, handler));
  }

  public Routes prefix(String path, int bodyBytesMax, HttpHandler handler) {
    return with(new Route(path, false, bodyBytesMax, handler));
  }

  Optional<Target> find(String path) {
    Route best = null;
    for (Route route : routes) {
      if (!route.matches(path)) continue;
      if (route.exact()) return Optional.of(new Target(route.bodyBytesMax(), route.handler()));
      if (best == null || route.path().length() > best.path().length()) best = route;
    }
    return Optional.ofNullable(best).map(r -> new Target(r.bodyBytesMax(), r.handler()));
  }

  private Routes with(Route route) {
    if (!route.path().startsWith("/")) {
      throw new IllegalArgumentException("a route starts with a slash: " + route.path());
    }
    if (routes.stream()
        .anyMatch(r -> r.exact() == route.exact() && r.path().equals(route.path()))) {
      throw new IllegalArgumentException("two routes for " + route.path());
    }
    List<Route> more = new ArrayList<>(routes);
    more.add(route);
    return new Routes(more);
  }
}
