package org.mailstead.http.aws;

import java.time.Duration;

/// What a service that is asked may make grow, and how long it is waited for.
///
/// @param attemptCountMax tries of one request, the first included
/// @param delayFirst the longest pause before the second try; it doubles
/// @param delayMax the longest pause at all
/// @param connectMax to connect
/// @param answerMax from the request's first octet to the answer's header
/// @param idleMax without an octet of an answer's body
/// @param answerBytesMax an answer that is read whole (listings, errors, keys)
public record AwsLimits(
    int attemptCountMax,
    Duration delayFirst,
    Duration delayMax,
    Duration connectMax,
    Duration answerMax,
    Duration idleMax,
    int answerBytesMax) {
  /// For transfers in the background.
  public static final AwsLimits STANDARD =
      new AwsLimits(
          6,
          Duration.ofMillis(200),
          Duration.ofSeconds(20),
          Duration.ofSeconds(10),
          Duration.ofMinutes(5),
          Duration.ofMinutes(1),
          8 << 20);

  /// For what somebody waits for.
  public static final AwsLimits PROMPT =
      new AwsLimits(
          3,
          Duration.ofMillis(100),
          Duration.ofSeconds(1),
          Duration.ofSeconds(3),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          1 << 20);

  public AwsLimits {
    if (attemptCountMax < 1 || answerBytesMax < 1) {
      throw new IllegalArgumentException("every limit is at least 1");
    }
  }
}
