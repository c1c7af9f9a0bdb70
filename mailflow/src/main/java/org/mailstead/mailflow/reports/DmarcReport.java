package org.mailstead.mailflow.reports;

import java.time.Instant;
import java.util.Map;
import org.mailstead.base.EmailAddress;
import org.mailstead.mailflow.dmarc.DmarcRecord;

/// An aggregate report as XML, in the form of RFC 9990. Who reads the older one (RFC 7489 appendix
/// C) finds every element that he knows.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9990#section-3.1 RFC 9990 §3.1
final class DmarcReport {
  private DmarcReport() {}

  /// @param end the last second of the day
  /// @param rows with their counts
  static String write(
      ReportSettings settings,
      EmailAddress from,
      String reportId,
      Instant begin,
      Instant end,
      String policyDomain,
      DmarcRecord policy,
      Map<DmarcRow, Long> rows) {
    var xml = new StringBuilder();
    xml.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.append("<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">\n");
    element(xml, 1, "version", "1.0");
    xml.append("  <report_metadata>\n");
    element(xml, 2, "org_name", settings.organizationName());
    element(xml, 2, "email", from.toString());
    element(xml, 2, "report_id", reportId);
    xml.append("    <date_range>\n");
    element(xml, 3, "begin", Long.toString(begin.getEpochSecond()));
    element(xml, 3, "end", Long.toString(end.getEpochSecond()));
    xml.append("    </date_range>\n");
    element(xml, 2, "generator", "Mailstead");
    xml.append("  </report_metadata>\n  <policy_published>\n");
    element(xml, 2, "domain", policyDomain);
    element(xml, 2, "p", policy.policy().word());
    policy.subdomains().ifPresent(sp -> element(xml, 2, "sp", sp.word()));
    policy.nonexistent().ifPresent(np -> element(xml, 2, "np", np.word()));
    element(xml, 2, "adkim", policy.isStrictDkim() ? "s" : "r");
    element(xml, 2, "aspf", policy.isStrictSpf() ? "s" : "r");
    element(xml, 2, "discovery_method", "treewalk");
    element(xml, 2, "testing", policy.isTesting() ? "y" : "n");
    xml.append("  </policy_published>\n");
    rows.forEach((row, count) -> record(xml, row, count));
    return xml.append("</feedback>\n").toString();
  }

  private static void record(StringBuilder xml, DmarcRow row, long count) {
    xml.append("  <record>\n    <row>\n");
    element(xml, 3, "source_ip", row.source());
    element(xml, 3, "count", Long.toString(count));
    xml.append("      <policy_evaluated>\n");
    element(xml, 4, "disposition", row.disposition());
    element(xml, 4, "dkim", row.dkimAligned() ? "pass" : "fail");
    element(xml, 4, "spf", row.spfAligned() ? "pass" : "fail");
    if (!row.override().isEmpty()) {
      xml.append("        <reason>\n");
      element(xml, 5, "type", row.override());
      xml.append("        </reason>\n");
    }
    xml.append("      </policy_evaluated>\n    </row>\n    <identifiers>\n");
    element(xml, 3, "header_from", row.headerFrom());
    element(xml, 3, "envelope_from", row.envelopeFrom());
    xml.append("    </identifiers>\n    <auth_results>\n");
    for (DmarcRow.Signature each : row.signatures()) {
      xml.append("      <dkim>\n");
      element(xml, 4, "domain", each.domain());
      element(xml, 4, "selector", each.selector());
      element(xml, 4, "result", each.result());
      xml.append("      </dkim>\n");
    }
    xml.append("      <spf>\n");
    element(xml, 4, "domain", row.spfDomain());
    element(xml, 4, "scope", row.envelopeFrom().isEmpty() ? "helo" : "mfrom");
    element(xml, 4, "result", row.spfResult());
    xml.append("      </spf>\n    </auth_results>\n  </record>\n");
  }

  private static void element(StringBuilder xml, int depth, String name, String text) {
    xml.append("  ".repeat(depth)).append('<').append(name).append('>');
    text.codePoints().forEach(c -> append(xml, c));
    xml.append("</").append(name).append(">\n");
  }

  /// XML 1.0 §2.2: some characters cannot stand in it, not even as references.
  private static void append(StringBuilder xml, int c) {
    boolean allowed =
        (c >= 0x20 && c <= 0xD7FF)
            || (c >= 0xE000 && c <= 0xFFFD)
            || (c >= 0x10000 && c <= 0x10FFFF);
    switch (c) {
      case '<' -> xml.append("&lt;");
      case '>' -> xml.append("&gt;");
      case '&' -> xml.append("&amp;");
      default -> xml.appendCodePoint(allowed ? c : '?');
    }
  }
}
