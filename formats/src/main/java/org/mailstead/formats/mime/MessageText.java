package org.mailstead.formats.mime;

import java.nio.ByteBuffer;

/// All text of a message for search, decoded but not folded.
///
/// @param headers every field as `Name: value` lines, those of embedded messages not included
/// @param body text of every text part, file names, and embedded messages with their headers
/// @param complete false if a bound of [MimeLimits] cut it
@SuppressWarnings("DoNotCallSuggester")
public record MessageText(
    String subject,
    String from,
    String to,
    String cc,
    String bcc,
    String headers,
    String body,
    boolean complete) {

  public static MessageText of(ByteBuffer message, MimePart structure) {
    throw new UnsupportedOperationException("skeleton");
  }
}
