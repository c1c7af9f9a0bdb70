package org.mailstead.core.access;

/// A right on one folder, by the letters of RFC 4314 §2.1.
public enum Right {
  LOOKUP('l'),
  READ('r'),
  KEEP_SEEN('s'),
  WRITE_FLAGS('w'),
  INSERT('i'),
  POST('p'),
  CREATE_FOLDERS('k'),
  DELETE_FOLDER('x'),
  DELETE_MESSAGES('t'),
  EXPUNGE('e'),
  ADMINISTER('a');

  private final char letter;

  Right(char letter) {
    this.letter = letter;
  }

  public char letter() {
    return letter;
  }
}
