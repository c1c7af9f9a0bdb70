package org.mailstead.imap.wire;

/// What came of reading one command line.
public sealed interface Parsed {
  record Command(String tag, ImapCommand command) implements Parsed {}

  /// The grammar or a limit is broken; the line has been read to its end.
  ///
  /// @param tag `*` when even that could not be read
  record Malformed(String tag, String text) implements Parsed {}

  /// The grammar holds, but a literal is not acceptable; the line has been read to its end.
  ///
  /// @param code a response code without brackets, perhaps empty
  record Refused(String tag, String code, String text) implements Parsed {}

  /// The connection cannot be brought back into step.
  record Fatal(String text) implements Parsed {}
}
