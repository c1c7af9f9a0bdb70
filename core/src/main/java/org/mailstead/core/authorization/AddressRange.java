package org.mailstead.core.authorization;

import java.net.InetAddress;
import java.util.Optional;
import org.mailstead.base.MalformedException;

/// An IPv4 or IPv6 address with a prefix length (RFC 4632 §3.1, RFC 4291 §2.3).
record AddressRange(byte[] address, int bits) {
  /// @param text `192.0.2.0/24`, or a single address
  /// @throws MalformedException not of that form
  static AddressRange parse(String text) {
    int slash = text.indexOf('/');
    byte[] address =
        octets(slash < 0 ? text : text.substring(0, slash))
            .orElseThrow(() -> new MalformedException("'" + text + "' is no IP address or range"));
    String bits = slash < 0 ? "" : text.substring(slash + 1);
    if (slash >= 0
        && (!bits.matches("[0-9]{1,3}") || Integer.parseInt(bits) > address.length * 8)) {
      throw new MalformedException("'" + text + "' is no IP address or range");
    }
    return new AddressRange(address, slash < 0 ? address.length * 8 : Integer.parseInt(bits));
  }

  boolean contains(String text) {
    Optional<byte[]> other = octets(text);
    if (other.isEmpty() || other.get().length != address.length) return false;
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >>> (bit & 7);
      if ((address[bit >> 3] & mask) != (other.get()[bit >> 3] & mask)) return false;
    }
    return true;
  }

  private static Optional<byte[]> octets(String text) {
    try {
      return Optional.of(InetAddress.ofLiteral(text).getAddress());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
