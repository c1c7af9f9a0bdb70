package org.mailstead.mailflow.outside;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/// One HTTP request to a server that a stranger named. The name is looked up once, every address
/// must be one of the open network, and the connection goes to the addresses that were checked: a
/// name that means something else the second time (DNS rebinding) gains nothing, which is why this
/// is not `java.net.http`. With TLS the certificate must be the name's, not the address's.
/// Redirects are not followed, and of the answer only its head is read.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9112 RFC 9112 §2.1
public final class OutsideRequest {
  /// Who knows the addresses of names.
  public interface Names {
    InetAddress[] find(String host) throws UnknownHostException;
  }

  /// The head of an answer; field names in lower case, the last one of a name counts.
  public record Answer(int status, Map<String, String> fields) {
    public Optional<String> field(String name) {
      return Optional.ofNullable(fields.get(name));
    }
  }

  /// The head of an answer, in octets.
  static final int HEAD_BYTES_MAX = 16 * 1024;

  /// Addresses that are tried.
  static final int ADDRESSES_MAX = 4;

  private final SSLContext trust;
  private final Names names;
  private final Predicate<InetAddress> allowed;

  public OutsideRequest(SSLContext trust) {
    this(trust, InetAddress::getAllByName, OutsideRequest::isPublic);
  }

  public OutsideRequest(SSLContext trust, Names names, Predicate<InetAddress> allowed) {
    this.trust = trust;
    this.names = names;
    this.allowed = allowed;
  }

  /// Whether an address is one of the open network (the special-purpose registries of IANA, RFC
  /// 6890).
  public static boolean isPublic(InetAddress address) {
    byte[] octets = address.getAddress();
    int first = octets[0] & 0xFF;
    int second = octets[1] & 0xFF;
    boolean special;
    if (octets.length == 4) {
      special =
          first == 0
              || first >= 240
              || (first == 100 && (second & 0xC0) == 64)
              || (first == 192 && second == 0 && octets[2] == 0)
              || (first == 198 && (second & 0xFE) == 18);
    } else {
      // Unique local; 64:ff9b: and 2002: carry IPv4 addresses of any kind.
      special =
          (first & 0xFE) == 0xFC
              || (first == 0x20 && second == 0x02)
              || (first == 0 && second == 0x64)
              || (first == 0 && second == 0);
    }
    return !special
        && !address.isLoopbackAddress()
        && !address.isSiteLocalAddress()
        && !address.isLinkLocalAddress()
        && !address.isAnyLocalAddress()
        && !address.isMulticastAddress();
  }

  /// @param fields without Host, Content-Length and Connection, which are set here
  /// @param patience for all of it
  /// @throws IOException no server of the open network answered in time as HTTP wants it
  public Answer send(
      String method, URI uri, Map<String, String> fields, byte[] body, Duration patience)
      throws IOException {
    boolean encrypted = "https".equalsIgnoreCase(uri.getScheme());
    String host = uri.getHost();
    if (host == null || (!encrypted && !"http".equalsIgnoreCase(uri.getScheme()))) {
      throw new IOException("not an http address");
    }
    int port = uri.getPort() >= 0 ? uri.getPort() : encrypted ? 443 : 80;
    long end = System.nanoTime() + patience.toNanos();
    InetAddress[] addresses = names.find(bare(host));
    for (InetAddress each : addresses) {
      if (!allowed.test(each)) throw new IOException("an address that is not public");
    }
    IOException last = new IOException("a name without addresses");
    for (int i = 0; i < Math.min(addresses.length, ADDRESSES_MAX); i++) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(addresses[i], port), millis(end));
        return encrypted
            ? encrypted(socket, bare(host), port, method, uri, fields, body, end)
            : exchange(socket, method, uri, fields, body, end);
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  private Answer encrypted(
      Socket plain,
      String host,
      int port,
      String method,
      URI uri,
      Map<String, String> fields,
      byte[] body,
      long end)
      throws IOException {
    plain.setSoTimeout(millis(end));
    try (SSLSocket socket =
        (SSLSocket) trust.getSocketFactory().createSocket(plain, host, port, true)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      if (!isLiteral(host)) {
        parameters.setServerNames(java.util.List.of(new SNIHostName(host)));
      }
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return exchange(socket, method, uri, fields, body, end);
    } catch (IllegalArgumentException e) {
      throw new IOException("a name that no certificate can have", e);
    }
  }

  private static Answer exchange(
      Socket socket, String method, URI uri, Map<String, String> fields, byte[] body, long end)
      throws IOException {
    StringBuilder head = new StringBuilder();
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    head.append(method).append(' ').append(path).append(query).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(uri.getHost());
    if (uri.getPort() >= 0) head.append(':').append(uri.getPort());
    head.append("\r\n");
    fields.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Content-Length: ").append(body.length).append("\r\nConnection: close\r\n\r\n");
    String text = head.toString();
    if (!text.chars().allMatch(c -> c < 127 && (c >= 32 || c == '\r' || c == '\n'))) {
      throw new IOException("a request of other characters than ASCII's");
    }
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.write(body);
    out.flush();
    return answer(socket, end);
  }

  private static Answer answer(Socket socket, long end) throws IOException {
    InputStream in = new BufferedInputStream(socket.getInputStream());
    int left = HEAD_BYTES_MAX;
    while (true) {
      String first = line(socket, in, left, end);
      left -= first.length();
      int status = status(first);
      Map<String, String> fields = new TreeMap<>();
      for (String line = line(socket, in, left, end); !line.isEmpty(); ) {
        left -= line.length();
        int colon = line.indexOf(':');
        if (colon > 0) {
          fields.put(
              line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        line = line(socket, in, left, end);
      }
      // RFC 9110 §15.2: interim answers come before the one that counts.
      if (status >= 200) return new Answer(status, fields);
    }
  }

  private static int status(String line) throws IOException {
    if (!line.startsWith("HTTP/1.") || line.length() < 12) throw new IOException("not HTTP");
    try {
      return Integer.parseInt(line.substring(9, 12));
    } catch (NumberFormatException e) {
      throw new IOException("not HTTP", e);
    }
  }

  private static String line(Socket socket, InputStream in, int max, long end) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      // The time is for all of it: an octet every now and then does not lengthen it.
      socket.setSoTimeout(millis(end));
      int octet = in.read();
      if (octet < 0) throw new EOFException("the server ended the connection");
      if (octet == '\n') break;
      line.write(octet);
      if (line.size() >= max) throw new IOException("the head of the answer is too long");
    }
    String text = line.toString(StandardCharsets.ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  private static int millis(long end) throws IOException {
    long left = (end - System.nanoTime()) / 1_000_000;
    if (left <= 0) throw new SocketTimeoutException("no answer in time");
    return (int) Math.min(left, Integer.MAX_VALUE);
  }

  private static String bare(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static boolean isLiteral(String host) {
    return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
  }
}
