package org.mailstead.core.flow;

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
    Optional<String> fallbackAction) {}
