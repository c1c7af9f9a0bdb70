package org.mailstead.mailflow.filter;

import java.util.Optional;
import org.mailstead.core.spam.SpamLearning;

/// What looks into messages, and what it learns.
///
/// @param learning of the built-in filter; empty: it knows neither words nor senders
public record Filtering(FilterSettings settings, Optional<SpamLearning> learning) {
  public static Filtering off() {
    return new Filtering(FilterSettings.off(), Optional.empty());
  }
}
