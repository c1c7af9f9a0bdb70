package org.mailstead.formats.sieve;

/// How values are compared with keys.
///
/// @param relation of VALUE and COUNT; EQ otherwise
record Matching(Type type, Relation relation, Comparator comparator) {
  enum Type {
    IS,
    CONTAINS,
    MATCHES,
    /// RFC 5231.
    VALUE,
    COUNT
  }

  enum Relation {
    GT,
    GE,
    LT,
    LE,
    EQ,
    NE;

    boolean holds(int compared) {
      return switch (this) {
        case GT -> compared > 0;
        case GE -> compared >= 0;
        case LT -> compared < 0;
        case LE -> compared <= 0;
        case EQ -> compared == 0;
        case NE -> compared != 0;
      };
    }
  }
}
