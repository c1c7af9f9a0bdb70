package org.mailstead.mailflow.authres;

import java.net.InetAddress;
import org.mailstead.mailflow.dns.PeerText;
import org.mailstead.mailflow.spf.SpfResult;

/// The trace field of an SPF check.
///
/// @spec https://www.rfc-editor.org/rfc/rfc7208#section-9.1 RFC 7208 §9.1
public final class ReceivedSpf {
  private ReceivedSpf() {}

  /// @param identity `mailfrom` or `helo`
  public static String field(
      SpfResult result,
      String receiver,
      InetAddress peer,
      String sender,
      String helo,
      String identity) {
    return "Received-SPF: "
        + result.verdict().word()
        + " ("
        + clean(receiver)
        + ": "
        + comment(result, PeerText.of(peer))
        + ")\r\n\treceiver="
        + quoted(receiver)
        + "; client-ip="
        + PeerText.of(peer)
        + ";\r\n\tenvelope-from="
        + quoted(sender)
        + ";\r\n\thelo="
        + quoted(helo)
        + "; identity="
        + identity
        + ";\r\n";
  }

  private static String comment(SpfResult result, String peer) {
    String domain = clean(result.domain());
    return switch (result.verdict()) {
      case PASS -> domain + " designates " + peer + " as permitted sender";
      case FAIL, SOFTFAIL -> domain + " does not designate " + peer + " as permitted sender";
      case NEUTRAL -> domain + " says nothing about " + peer;
      case NONE -> domain + " has no policy";
      case TEMPERROR, PERMERROR -> "error: " + clean(result.reason());
    };
  }

  private static String clean(String text) {
    String cut = text.length() > 255 ? text.substring(0, 255) : text;
    return cut.replaceAll("[^A-Za-z0-9 @.:_/%+=-]", "?");
  }

  private static String quoted(String text) {
    return "\"" + clean(text) + "\"";
  }
}
