package org.mailstead.formats.sieve;

import org.mailstead.base.MalformedException;

/// Where something stands in a script; both count from 1, columns in characters.
record Place(int line, int column) {
  MalformedException malformed(String text) {
    return new MalformedException("line " + line + ", column " + column + ": " + text);
  }
}
