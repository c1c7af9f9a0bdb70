package org.mailstead.mailflow.reports;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mailstead.base.EmailAddress;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A report on encryption as JSON.
///
/// @spec https://www.rfc-editor.org/rfc/rfc8460#section-4.4 RFC 8460 §4.4
final class TlsReport {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private TlsReport() {}

  /// Of one policy.
  private record Policy(String type, List<String> text, List<String> mxHosts) {}

  /// @param end the last second of the day
  /// @param rows with their counts
  static String write(
      ReportSettings settings,
      EmailAddress from,
      String reportId,
      Instant begin,
      Instant end,
      String domain,
      Map<TlsRow, Long> rows) {
    ObjectNode report = JSON.createObjectNode();
    report.put("organization-name", settings.organizationName());
    report
        .putObject("date-range")
        .put("start-datetime", begin.toString())
        .put("end-datetime", end.toString());
    report.put("contact-info", from.toString());
    report.put("report-id", reportId);
    ArrayNode policies = report.putArray("policies");
    Map<Policy, List<Map.Entry<TlsRow, Long>>> byPolicy = new LinkedHashMap<>();
    for (Map.Entry<TlsRow, Long> each : rows.entrySet()) {
      TlsRow row = each.getKey();
      byPolicy
          .computeIfAbsent(
              new Policy(row.policyType(), row.policyText(), row.mxHosts()), _ -> new ArrayList<>())
          .add(each);
    }
    byPolicy.forEach((policy, counted) -> policy(policies.addObject(), domain, policy, counted));
    return report.toString();
  }

  private static void policy(
      ObjectNode out, String domain, Policy policy, List<Map.Entry<TlsRow, Long>> counted) {
    ObjectNode named = out.putObject("policy");
    named.put("policy-type", policy.type());
    if (!policy.text().isEmpty()) {
      policy.text().forEach(named.putArray("policy-string")::add);
    }
    named.put("policy-domain", domain);
    if (!policy.mxHosts().isEmpty()) policy.mxHosts().forEach(named.putArray("mx-host")::add);
    long good = 0;
    long bad = 0;
    for (Map.Entry<TlsRow, Long> each : counted) {
      if (each.getKey().isFailure()) bad += each.getValue();
      else good += each.getValue();
    }
    out.putObject("summary")
        .put("total-successful-session-count", good)
        .put("total-failure-session-count", bad);
    if (bad == 0) return;
    ArrayNode details = out.putArray("failure-details");
    for (Map.Entry<TlsRow, Long> each : counted) {
      TlsRow row = each.getKey();
      if (!row.isFailure()) continue;
      ObjectNode detail = details.addObject();
      detail.put("result-type", row.resultType());
      if (!row.receivingMx().isEmpty()) detail.put("receiving-mx-hostname", row.receivingMx());
      if (!row.receivingIp().isEmpty()) detail.put("receiving-ip", row.receivingIp());
      detail.put("failed-session-count", each.getValue());
      if (!row.failureReason().isEmpty()) {
        detail.put("failure-reason-code", row.failureReason());
      }
    }
  }
}
