package org.mailstead.mailflow.hooks;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.http.aws.FunctionClient.Endpoint;

/// Where the ARNs in rules point (docs/decisions/0064-run-lambda.md): the operator says so, not the
/// organization, so that no rule makes this service call what it should not.
///
/// @param routes asked in order, the first that fits decides
/// @param standard for all others; empty: they cannot be called
public record FunctionRoutes(List<Route> routes, Optional<Endpoint> standard) {
  /// @param organization whose rules it is for; empty: everybody's
  /// @param function an ARN, or its beginning and `*`
  public record Route(Optional<OrganizationId> organization, String function, Endpoint endpoint) {
    /// Reads `[organization] function url`, separated by spaces.
    ///
    /// @throws IllegalArgumentException what is wrong with it
    public static Route parse(String text) {
      String[] words = text.strip().split("\\s+");
      if (words.length < 2 || words.length > 3) {
        throw new IllegalArgumentException("[organization] function url, not " + text);
      }
      String function = words[words.length - 2];
      if (!function.equals("*") && !function.startsWith("arn:")) {
        throw new IllegalArgumentException("not the ARN of a function, or *: " + function);
      }
      return new Route(
          words.length == 3 ? Optional.of(new OrganizationId(words[0])) : Optional.empty(),
          function,
          new Endpoint(uri(words[words.length - 1]), Optional.empty()));
    }

    boolean matches(OrganizationId asking, String arn) {
      if (organization.isPresent() && !organization.get().equals(asking)) return false;
      return function.endsWith("*")
          ? arn.startsWith(function.substring(0, function.length() - 1))
          : arn.equals(function);
    }
  }

  public FunctionRoutes {
    routes = List.copyOf(routes);
  }

  public static FunctionRoutes none() {
    return new FunctionRoutes(List.of(), Optional.empty());
  }

  /// @throws IllegalArgumentException what is wrong with a route
  public static FunctionRoutes parse(List<String> routes, Optional<Endpoint> standard) {
    List<Route> parsed = new ArrayList<>();
    for (String each : routes) parsed.add(Route.parse(each));
    return new FunctionRoutes(parsed, standard);
  }

  public Optional<Endpoint> find(OrganizationId organization, String function) {
    return routes.stream()
        .filter(route -> route.matches(organization, function))
        .map(Route::endpoint)
        .findFirst()
        .or(() -> standard);
  }

  private static URI uri(String text) {
    URI uri = URI.create(text);
    if (uri.getHost() == null || !String.valueOf(uri.getScheme()).matches("https?")) {
      throw new IllegalArgumentException("not an http or https URL: " + text);
    }
    return uri;
  }
}
