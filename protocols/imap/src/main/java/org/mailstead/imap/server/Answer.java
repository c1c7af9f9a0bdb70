package org.mailstead.imap.server;

/// The tagged answer of a command.
///
/// @param code a response code without brackets, perhaps empty
record Answer(Word word, String code, String text) {
  enum Word {
    OK,
    NO,
    BAD
  }

  static Answer ok(String text) {
    return new Answer(Word.OK, "", text);
  }

  static Answer ok(String code, String text) {
    return new Answer(Word.OK, code, text);
  }

  static Answer no(String code, String text) {
    return new Answer(Word.NO, code, text);
  }

  static Answer bad(String text) {
    return new Answer(Word.BAD, "", text);
  }
}
