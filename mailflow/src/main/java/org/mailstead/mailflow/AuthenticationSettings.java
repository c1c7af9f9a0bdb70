package org.mailstead.mailflow;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// How mail is authenticated.
///
/// @param isInboundChecked whether SPF, DKIM, DMARC and ARC are checked on mail from outside
/// @param trustedNetworks servers on our side: what they hand in is not checked
/// @param trustedSealers domains whose ARC seals may make up for a broken DMARC (RFC 8617 §7.2)
public record AuthenticationSettings(
    boolean isInboundChecked, List<Network> trustedNetworks, Set<String> trustedSealers) {
  public AuthenticationSettings {
    trustedNetworks = List.copyOf(trustedNetworks);
    trustedSealers = Set.copyOf(trustedSealers);
  }

  /// A range of addresses.
  public record Network(InetAddress address, int bits) {
    /// @throws IllegalArgumentException not of the form `192.0.2.0/24`
    public static Network parse(String text) {
      String[] parts = text.strip().split("/", -1);
      InetAddress address = InetAddress.ofLiteral(parts[0]);
      int most = address.getAddress().length * 8;
      int bits = parts.length == 1 ? most : Integer.parseInt(parts[1]);
      if (parts.length > 2 || bits < 0 || bits > most) {
        throw new IllegalArgumentException("not a network: " + text);
      }
      return new Network(address, bits);
    }

    boolean contains(InetAddress other) {
      byte[] one = address.getAddress();
      byte[] two = other.getAddress();
      if (one.length != two.length) return false;
      for (int i = 0; i < bits; i++) {
        int mask = 0x80 >> (i % 8);
        if ((one[i / 8] & mask) != (two[i / 8] & mask)) return false;
      }
      return true;
    }
  }

  public static AuthenticationSettings standard() {
    List<Network> own = new ArrayList<>();
    own.add(Network.parse("127.0.0.0/8"));
    own.add(Network.parse("::1/128"));
    return new AuthenticationSettings(true, own, Set.of());
  }

  public static AuthenticationSettings off() {
    return new AuthenticationSettings(false, List.of(), Set.of());
  }

  boolean isChecked(InetAddress peer) {
    return isInboundChecked && !isTrusted(peer);
  }

  /// Whether it is a server on our side.
  boolean isTrusted(InetAddress peer) {
    return trustedNetworks.stream().anyMatch(each -> each.contains(peer));
  }
}
