package org.mailstead.core.access;

import java.net.Inet4Address;
import java.net.InetAddress;
import org.mailstead.base.MalformedException;

/// An IPv4 network in CIDR notation (RFC 4632 §3.1). Bits behind the prefix are ignored.
///
/// @param text as written
record IpRange(String text, int network, int mask) {
  /// @throws MalformedException not four octets and a prefix length
  static IpRange parse(String text) {
    int slash = text.indexOf('/');
    String[] octets = slash < 0 ? new String[0] : text.substring(0, slash).split("\\.", -1);
    if (octets.length != 4) throw malformed(text);
    int address = 0;
    for (String octet : octets) address = address << 8 | number(octet, 255, text);
    int length = number(text.substring(slash + 1), 32, text);
    int mask = length == 0 ? 0 : -1 << (32 - length);
    return new IpRange(text, address & mask, mask);
  }

  private static int number(String digits, int max, String text) {
    if (!digits.matches("0|[1-9][0-9]{0,2}")) throw malformed(text);
    int value = Integer.parseInt(digits);
    if (value > max) throw malformed(text);
    return value;
  }

  private static MalformedException malformed(String text) {
    return new MalformedException("not an IPv4 range in CIDR notation: " + text);
  }

  /// An IPv6 address is in no range; one that maps an IPv4 address comes from Java as IPv4.
  boolean contains(InetAddress peer) {
    if (!(peer instanceof Inet4Address)) return false;
    int address = 0;
    for (byte octet : peer.getAddress()) address = address << 8 | (octet & 0xFF);
    return (address & mask) == network;
  }
}
