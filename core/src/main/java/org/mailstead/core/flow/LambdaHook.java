package org.mailstead.core.flow;

import java.time.Duration;
import java.util.Optional;

/// The function that a rule with the action RUN_LAMBDA calls.
///
/// @param isSynchronous whether its answer decides
/// @param timeoutMinutes how long it is tried
/// @param fallbackAction the name of the action when it does not answer
public record LambdaHook(
    String functionArn,
    boolean isSynchronous,
    Optional<Integer> timeoutMinutes,
    Optional<String> fallbackAction) {
  /// What a rule that does not say otherwise does when its function does not answer.
  public static final String FALLBACK_USUAL = "DEFAULT";

  public String fallback() {
    return fallbackAction.orElse(FALLBACK_USUAL);
  }

  public Duration timeout() {
    return Duration.ofMinutes(timeoutMinutes.orElse(FlowLimits.TIMEOUT_MINUTES_USUAL));
  }
}
