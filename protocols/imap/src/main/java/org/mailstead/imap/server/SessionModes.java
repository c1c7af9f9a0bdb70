package org.mailstead.imap.server;

/// What a client has enabled (RFC 5161). Nothing is ever disabled again.
final class SessionModes {
  private boolean condstore;
  private boolean qresync;
  private boolean rev2;
  private boolean utf8;

  /// RFC 7162 §3.1: from now on flag reports carry MODSEQ.
  boolean isCondstore() {
    return condstore;
  }

  /// RFC 7162 §3.2: from now on VANISHED instead of EXPUNGE.
  boolean isQresync() {
    return qresync;
  }

  /// RFC 9051 §6.3.1.
  boolean isRev2() {
    return rev2;
  }

  boolean isUtf8() {
    return utf8;
  }

  void enableCondstore() {
    condstore = true;
  }

  /// RFC 7162 §3.2.3: QRESYNC implies CONDSTORE.
  void enableQresync() {
    qresync = true;
    condstore = true;
  }

  void enableRev2() {
    rev2 = true;
    utf8 = true;
  }

  void enableUtf8() {
    utf8 = true;
  }
}
