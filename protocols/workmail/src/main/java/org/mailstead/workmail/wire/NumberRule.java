package org.mailstead.workmail.wire;

import java.util.List;

/// What the model demands of an integer.
public record NumberRule(int min, int max) {
  List<String> failures(int value) {
    if (value < min) return List.of("Member must have value greater than or equal to " + min);
    if (value > max) return List.of("Member must have value less than or equal to " + max);
    return List.of();
  }
}
