package org.mailstead.mailflow.reports;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import org.mailstead.mailflow.outside.OutsideRequest;

/// Posts a report on encryption over HTTPS. The address is somebody else's choice, and what is
/// answered is not read.
///
/// @spec https://www.rfc-editor.org/rfc/rfc8460#section-5.4 RFC 8460 §5.4
public final class ReportPost {
  private final OutsideRequest outside;

  public ReportPost(OutsideRequest outside) {
    this.outside = outside;
  }

  /// @throws IOException it was not taken
  void post(String address, byte[] packed) throws IOException {
    URI uri;
    try {
      uri = URI.create(address);
    } catch (IllegalArgumentException e) {
      throw new IOException("not an address", e);
    }
    if (!"https".equals(uri.getScheme())) throw new IOException("not an https address");
    int status =
        outside
            .send(
                "POST",
                uri,
                Map.of("Content-Type", "application/tlsrpt+gzip"),
                packed,
                ReportBounds.POST_MAX)
            .status();
    if (status / 100 != 2) throw new IOException("the server answers " + status);
  }
}
