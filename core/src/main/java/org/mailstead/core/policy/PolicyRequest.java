package org.mailstead.core.policy;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What a caller wants to do: an action on a resource, and what is known about the request.
///
/// @param action `workmail:CreateUser`
/// @param resource an ARN, or `*` for an action on nothing in particular
/// @param context condition keys in small letters; a key that is not there is one that the request
///   does not have
public record PolicyRequest(String action, String resource, Map<String, List<String>> context) {
  public PolicyRequest {
    var lower = new TreeMap<String, List<String>>();
    context.forEach((key, values) -> lower.put(key.toLowerCase(Locale.ROOT), List.copyOf(values)));
    context = Map.copyOf(lower);
  }

  Optional<List<String>> values(String key) {
    return Optional.ofNullable(context.get(key));
  }
}
