package org.mailstead.core.authorization;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What a caller wants to do: an action on a resource, and what is known about the request.
///
/// @param action `workmail:CreateUser`
/// @param resource an ARN, or `*` for an action on nothing in particular
/// @param context condition keys in small letters; a key that is not there is one that the request
///   does not have
public record PolicyRequest(String action, String resource, Map<String, List<String>> context) {
  public PolicyRequest {
    var lower = new TreeMap<String, List<String>>();
    // Tags whose keys differ by case only become one key with several values.
    context.forEach((key, values) ->
        lower.merge(
            key.toLowerCase(Locale.ROOT),
            List.copyOf(values),
            (some, more) -> Stream.concat(some.stream(), more.stream()).toList()));
    context = Map.copyOf(lower);
  }

  Optional<List<String>> values(String key) {
    return Optional.ofNullable(context.get(key));
  }
}
