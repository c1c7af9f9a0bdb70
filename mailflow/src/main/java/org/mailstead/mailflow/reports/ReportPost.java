package org.mailstead.mailflow.reports;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;

/// Posts a report on encryption over HTTPS. The address is somebody else's choice, so it must be
/// one of the open network, and what is answered is not read.
///
/// @spec https://www.rfc-editor.org/rfc/rfc8460#section-5.4 RFC 8460 §5.4
public final class ReportPost {
  private final HttpClient client;
  private final Predicate<InetAddress> allowed;

  public ReportPost(SSLContext trust) {
    this(trust, ReportPost::isPublic);
  }

  ReportPost(SSLContext trust, Predicate<InetAddress> allowed) {
    this.client =
        HttpClient.newBuilder()
            .sslContext(trust)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(ReportBounds.POST_MAX)
            .build();
    this.allowed = allowed;
  }

  private static boolean isPublic(InetAddress address) {
    boolean unique = address.getAddress().length == 16 && (address.getAddress()[0] & 0xFE) == 0xFC;
    return !address.isLoopbackAddress()
        && !address.isSiteLocalAddress()
        && !address.isLinkLocalAddress()
        && !address.isAnyLocalAddress()
        && !address.isMulticastAddress()
        && !unique;
  }

  /// @throws IOException it was not taken
  void post(String address, byte[] packed) throws IOException {
    try {
      URI uri = URI.create(address);
      if (!"https".equals(uri.getScheme()) || uri.getHost() == null) {
        throw new IOException("not an https address");
      }
      for (InetAddress each : InetAddress.getAllByName(uri.getHost())) {
        if (!allowed.test(each)) throw new IOException("an address that is not public");
      }
      HttpResponse<Void> response =
          client.send(
              HttpRequest.newBuilder(uri)
                  .timeout(ReportBounds.POST_MAX)
                  .header("Content-Type", "application/tlsrpt+gzip")
                  .POST(HttpRequest.BodyPublishers.ofByteArray(packed))
                  .build(),
              HttpResponse.BodyHandlers.discarding());
      if (response.statusCode() / 100 != 2) {
        throw new IOException("the server answers " + response.statusCode());
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("not an address", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
