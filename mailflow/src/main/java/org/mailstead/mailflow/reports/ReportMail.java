package org.mailstead.mailflow.reports;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.mailstead.base.EmailAddress;

/// A report as a message: a few words for people, and the packed report.
final class ReportMail {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss xx", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(76, new byte[] {'\r', '\n'});

  private ReportMail() {}

  static byte[] packed(String text) {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /// Octets of the message.
  ///
  /// @param extraFields whole header lines
  /// @param container Content-Type without its boundary
  /// @param partType of the packed report
  /// @param filename of the packed report
  static byte[] write(
      Instant now,
      EmailAddress from,
      EmailAddress to,
      String hostname,
      String domain,
      String reportId,
      String extraFields,
      String container,
      String partType,
      String filename,
      byte[] packed) {
    String boundary = "=_report_" + reportId.replaceAll("[^A-Za-z0-9]", "");
    String text =
        "Date: "
            + DATE.format(now)
            + "\r\nFrom: <"
            + from
            + ">\r\nTo: <"
            + to
            + ">\r\nSubject: Report Domain: "
            + domain
            + "\r\n\tSubmitter: "
            + hostname
            + "\r\n\tReport-ID: <"
            + reportId
            + ">\r\nMessage-ID: <"
            + reportId
            + "."
            + Integer.toHexString(to.hashCode())
            + "@"
            + from.domain()
            + ">\r\nAuto-Submitted: auto-generated\r\n"
            + extraFields
            + "MIME-Version: 1.0\r\nContent-Type: "
            + container
            + ";\r\n\tboundary=\""
            + boundary
            + "\"\r\n\r\n--"
            + boundary
            + "\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
            + "This is a report of "
            + hostname
            + "\r\non mail of the domain "
            + domain
            + ".\r\nIt is made for programs and attached in packed form.\r\n\r\n--"
            + boundary
            + "\r\nContent-Type: "
            + partType
            + "\r\nContent-Disposition: attachment;\r\n\tfilename=\""
            + filename
            + "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + LINES.encodeToString(packed)
            + "\r\n--"
            + boundary
            + "--\r\n";
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
