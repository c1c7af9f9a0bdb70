package org.mailstead.server.command.migrate;

import java.net.InetSocketAddress;
import org.mailstead.migration.plan.SettingsFault;

/// `host:port` on a command line.
final class HostAndPort {
  private static final int PORT_MAX = 65_535;

  private HostAndPort() {}

  /// A port alone is one of the loopback address: what is meant for others must say so.
  ///
  /// @param option for the fault
  /// @throws SettingsFault it is none
  static InetSocketAddress parse(String option, String text) {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > PORT_MAX) {
      throw new SettingsFault(option + " takes host:port, not " + text);
    }
    String host = colon < 1 ? "127.0.0.1" : text.substring(0, colon);
    return new InetSocketAddress(host, Integer.parseInt(port));
  }
}
