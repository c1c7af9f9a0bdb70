package org.mailstead.core.access;

import java.time.Duration;

/// How logins are slowed down and remembered (design §6).
///
/// @param freeFailuresOfAccount failures of one name from one network before its attempts wait
/// @param freeFailuresOfNetwork failures of one network (/24, /64) before its attempts wait; high,
///   because many people may share one
/// @param firstDelay doubles with every further failure
/// @param longestDelay never longer: nobody is banned
/// @param forgetAfter failures are forgotten after this long without one
/// @param longestWait an attempt that would have to wait longer, because others of the same name
///   and network wait already, is turned away for now
/// @param rememberFor how long a verified credential is known without hashing
public record LoginLimits(
    int freeFailuresOfAccount,
    int freeFailuresOfNetwork,
    Duration firstDelay,
    Duration longestDelay,
    Duration forgetAfter,
    Duration longestWait,
    Duration rememberFor,
    int trackedMax,
    int rememberedMax) {
  public static final int NAME_CHARS_MAX = 320;
  public static final int PASSWORD_CHARS_MAX = 256;

  public static LoginLimits standard() {
    return new LoginLimits(
        3,
        30,
        Duration.ofMillis(250),
        Duration.ofSeconds(5),
        Duration.ofMinutes(15),
        Duration.ofSeconds(30),
        Duration.ofMinutes(10),
        100_000,
        100_000);
  }
}
