package org.mailstead.mailflow;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.smtp.server.SessionFacts;

/// The lines that this server puts before a message.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5321#section-4.4 RFC 5321 §4.4
final class TraceFields {
  private static final int HELLO_CHARS_MAX = 255;

  private final String hostname;

  TraceFields(String hostname) {
    this.hostname = hostname;
  }

  /// For final delivery only: the way back (RFC 5321 §4.4).
  static String returnPath(Optional<EmailAddress> reversePath) {
    return "Return-Path: " + AddressText.inBrackets(reversePath) + "\r\n";
  }

  /// @param id of the delivery or queue entry
  /// @param recipient the only one; with several, naming one would tell it to the others (RFC 5321
  ///   §7.2)
  String received(SessionFacts session, String id, Optional<EmailAddress> recipient, Instant time) {
    StringBuilder text = new StringBuilder(256);
    text.append("Received: from ").append(hello(session.helloName()));
    text.append(" (").append(literal(session.peer())).append(")\r\n");
    session
        .tls()
        .ifPresent(tls ->
            text.append("\t(using ")
                .append(word(tls.protocol()))
                .append(" with cipher ")
                .append(word(tls.cipherSuite()))
                .append(")\r\n"));
    text.append("\tby ").append(hostname).append(" with ").append(word(session.protocol()));
    text.append(" id ").append(id);
    // Other servers that read this may not know RFC 6531.
    recipient
        .map(AddressText::of)
        .filter(AddressText::isAscii)
        .ifPresent(address -> text.append("\r\n\tfor <").append(address).append('>'));
    text.append(";\r\n\t").append(DateText.of(time)).append("\r\n");
    return text.toString();
  }

  /// RFC 5321 §4.1.3: an address as a domain literal.
  static String literal(InetAddress address) {
    String text = address.getHostAddress();
    if (!(address instanceof Inet6Address)) return "[" + text + "]";
    int zone = text.indexOf('%');
    return "[IPv6:" + (zone < 0 ? text : text.substring(0, zone)) + "]";
  }

  /// What the peer calls itself, which may be anything: only what a domain or literal is made of.
  private static String hello(String name) {
    String cut = name.length() > HELLO_CHARS_MAX ? name.substring(0, HELLO_CHARS_MAX) : name;
    String clean = cut.replaceAll("[^A-Za-z0-9.:_\\[\\]-]", "?");
    return clean.isEmpty() ? "unknown" : clean;
  }

  private static String word(String text) {
    return text.replaceAll("[^A-Za-z0-9._-]", "?");
  }
}
