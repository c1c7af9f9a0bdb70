package org.mailstead.mailflow.reports;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mailstead.base.MalformedException;
import org.mailstead.core.reports.ReportFigures.TlsFigure;
import org.mailstead.core.reports.ReportLimits;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A report of somebody else on encryption.
///
/// @spec https://www.rfc-editor.org/rfc/rfc8460#section-4.4 RFC 8460 §4.4
record ReceivedTls(String reporter, String reportId, List<TlsFigure> figures) {
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(ReportBounds.DEPTH_MAX)
                          .maxStringLength(64 << 10)
                          .maxNumberLength(30)
                          .maxNameLength(1_000)
                          .build())
                  .build())
          .build();

  /// What makes figures one.
  private record Key(String domain, String policyType, String resultType) {}

  /// @throws MalformedException what is wrong
  static ReceivedTls parse(byte[] document) {
    JsonNode root;
    try {
      root = JSON.readTree(document);
    } catch (JacksonException e) {
      // Its own text repeats pieces of the document.
      throw new MalformedException("a TLS report is not JSON as it must be");
    }
    String reporter = text(root, "organization-name");
    String id = text(root, "report-id");
    if (reporter.isEmpty() || id.isEmpty()) throw new MalformedException("not a TLS report");
    long day = day(root.path("date-range").path("start-datetime").asString(""));
    Map<Key, Long> counts = new LinkedHashMap<>();
    int read = 0;
    for (JsonNode each : root.path("policies")) {
      if (++read > ReportBounds.RECORDS_MAX) throw tooMany();
      String domain = text(each.path("policy"), "policy-domain").toLowerCase(Locale.ROOT);
      String type = text(each.path("policy"), "policy-type").toLowerCase(Locale.ROOT);
      if (domain.isEmpty()) throw new MalformedException("a policy of a TLS report has no domain");
      long good = count(each.path("summary").path("total-successful-session-count"));
      if (good > 0) counts.merge(new Key(domain, type, "successful"), good, Long::sum);
      long detailed = 0;
      for (JsonNode detail : each.path("failure-details")) {
        if (++read > ReportBounds.RECORDS_MAX) throw tooMany();
        long count = count(detail.path("failed-session-count"));
        detailed += count;
        String result = text(detail, "result-type").toLowerCase(Locale.ROOT);
        counts.merge(new Key(domain, type, result.isEmpty() ? "failed" : result), count, Long::sum);
      }
      // RFC 8460 §4.4: the summary may count more than the details tell.
      long bad = count(each.path("summary").path("total-failure-session-count"));
      if (bad > detailed) counts.merge(new Key(domain, type, "failed"), bad - detailed, Long::sum);
    }
    List<TlsFigure> figures = new ArrayList<>();
    counts.forEach((key, count) ->
        figures.add(
            new TlsFigure(day, key.domain(), reporter, key.policyType(), key.resultType(), count)));
    return new ReceivedTls(reporter, id, figures);
  }

  private static MalformedException tooMany() {
    return new MalformedException(
        "a TLS report has more than " + ReportBounds.RECORDS_MAX + " entries");
  }

  private static String text(JsonNode node, String member) {
    String text = node.path(member).asString("").strip();
    return RowText.clean(text.substring(0, Math.min(text.length(), ReportLimits.TEXT_CHARS_MAX)));
  }

  private static long count(JsonNode node) {
    long count = node.isIntegralNumber() ? node.asLong(0) : 0;
    return count < 0 || count > 1_000_000_000_000L ? 0 : count;
  }

  private static long day(String time) {
    try {
      return OffsetDateTime.parse(time).toEpochSecond() / Duration.ofDays(1).toSeconds();
    } catch (DateTimeException e) {
      throw new MalformedException("a TLS report has no time");
    }
  }
}
