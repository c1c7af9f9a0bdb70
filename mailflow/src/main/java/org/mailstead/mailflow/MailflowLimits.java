package org.mailstead.mailflow;

import java.time.Duration;

/// Bounds of mail on its way.
public final class MailflowLimits {
  /// From addresses that are looked up for one submission.
  public static final int FROM_COUNT_MAX = 50;

  /// Entries in memory whose destinations answer; more wait in the queue's time index.
  public static final int BACKLOG_COUNT_MAX = 2_000;

  /// Those of one sender.
  public static final int BACKLOG_PER_SENDER_MAX = 600;

  /// Those of one sender to one destination.
  public static final int BACKLOG_PER_LANE_MAX = 200;

  /// Those of one sender that go to several destinations.
  public static final int SEVERAL_PER_SENDER_MAX = 32;

  /// Entries in memory, and connections, for destinations that are not known to answer.
  public static final int UNPROVEN_COUNT_MAX = 4_000;

  /// Entries in memory for one of those.
  public static final int UNPROVEN_PER_DESTINATION_MAX = 4;

  /// Rows of the time index that one look between two regular ones passes over.
  public static final int EXTRA_LOOK_ROWS_MAX = 2_000;

  /// Local recipients of one entry that are delivered to at once.
  public static final int LOCAL_PARALLEL_MAX = 8;

  /// Addresses of a destination that one attempt tries.
  public static final int ADDRESS_ATTEMPTS_MAX = 8;

  /// Mail exchangers of one domain that are looked at.
  public static final int EXCHANGERS_MAX = 20;

  /// Recipients of one transaction to another server (RFC 5321 §4.5.3.1.8: 100 are always taken).
  public static final int RECIPIENTS_PER_TRANSACTION_MAX = 100;

  /// Messages over one connection.
  public static final int MESSAGES_PER_CONNECTION_MAX = 100;

  /// How long an unused connection waits for another message.
  public static final Duration CONNECTION_IDLE_MAX = Duration.ofSeconds(5);

  /// Unused connections kept in all.
  public static final int CONNECTIONS_IDLE_MAX = 100;

  /// A message that is returned whole by a failure report if the sender did not say otherwise.
  public static final int RETURNED_BYTES_MAX = 64 * 1024;

  /// What a report returns of a message's header section.
  public static final int RETURNED_HEADER_BYTES_MAX = 64 * 1024;

  /// A message with new header lines that is put together in memory; larger ones in a file.
  public static final int ASSEMBLED_MEMORY_BYTES_MAX = 1 << 20;

  /// Destinations whose state is remembered.
  public static final int DESTINATIONS_MAX = 10_000;

  /// Entries claimed from one shard at a time.
  public static final int CLAIMS_PER_SHARD_MAX = 50;

  private MailflowLimits() {}
}
