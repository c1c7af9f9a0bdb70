package org.mailstead.workmail.wire;

import java.util.List;

/// What the model demands of a list's length.
public record ListRule(int min, int max) {
  List<String> failures(int length) {
    if (length < min) return List.of("Member must have length greater than or equal to " + min);
    if (length > max) return List.of("Member must have length less than or equal to " + max);
    return List.of();
  }
}
