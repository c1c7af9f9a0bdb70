package org.mailstead.mailflow.dns;

import java.net.Inet4Address;
import java.net.InetAddress;

/// An address as people and reports write it.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5952#section-4 RFC 5952 §4
public final class PeerText {
  private PeerText() {}

  public static String of(InetAddress address) {
    if (address instanceof Inet4Address) return address.getHostAddress();
    byte[] octets = address.getAddress();
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = (octets[2 * i] & 0xFF) << 8 | (octets[2 * i + 1] & 0xFF);
    }
    int bestStart = -1;
    int bestCount = 1;
    for (int i = 0; i < 8; i++) {
      int count = 0;
      while (i + count < 8 && groups[i + count] == 0) count++;
      if (count > bestCount) {
        bestStart = i;
        bestCount = count;
      }
    }
    var text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == bestStart) {
        text.append("::");
        i += bestCount - 1;
        continue;
      }
      if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') text.append(':');
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }
}
