package org.mailstead.imap.server;

/// What is announced. A word stands here only if the whole of it works.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9051 RFC 9051 §6.1.1
final class Capabilities {
  private static final String AFTER_LOGIN =
      " IDLE NAMESPACE UIDPLUS MOVE MULTIAPPEND UNSELECT CHILDREN LIST-EXTENDED LIST-STATUS"
          + " STATUS=SIZE SPECIAL-USE CREATE-SPECIAL-USE ESEARCH SEARCHRES SORT THREAD=REFERENCES"
          + " THREAD=ORDEREDSUBJECT CONDSTORE QRESYNC BINARY QUOTA QUOTA=RES-STORAGE ACL"
          + " RIGHTS=kxte OBJECTID SAVEDATE UTF8=ACCEPT";

  private Capabilities() {}

  /// @param startTls whether STARTTLS can be given now
  /// @param loginAllowed whether a password would be taken on this connection as it is
  static String text(
      boolean loggedIn, boolean startTls, boolean loginAllowed, long appendBytesMax) {
    // RFC 7888 §5: LITERAL+ includes LITERAL-; only one of the two may be announced.
    StringBuilder out = new StringBuilder("IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE");
    if (!loggedIn) {
      if (startTls) out.append(" STARTTLS");
      out.append(loginAllowed ? " AUTH=PLAIN" : " LOGINDISABLED");
      return out.toString();
    }
    return out.append(AFTER_LOGIN).append(" APPENDLIMIT=").append(appendBytesMax).toString();
  }
}
