package org.mailstead.mailflow.reports;

import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.mailstead.base.MalformedException;
import org.mailstead.core.reports.ReportFigures.DmarcFigure;
import org.mailstead.core.reports.ReportLimits;

/// An aggregate report of somebody else, old form or new: elements count by their names, in
/// whatever namespace. No DTD, no entities: a document with one is refused.
///
/// @param domain whose policy it is about
/// @param day on which the reported time begins, since 1970-01-01, UTC
record ReceivedDmarc(
    String reporter, String reportId, String domain, long day, List<DmarcFigure> figures) {
  private static final String FEEDBACK = "feedback";

  /// Whether the document is one at all.
  static boolean isOne(byte[] document) {
    try {
      XMLStreamReader reader = reader(document);
      while (reader.hasNext()) {
        int event = reader.next();
        if (event == XMLStreamConstants.DTD) return true;
        if (event == XMLStreamConstants.START_ELEMENT) {
          return reader.getLocalName().equals(FEEDBACK);
        }
      }
      return false;
    } catch (XMLStreamException e) {
      return false;
    }
  }

  /// @throws MalformedException what is wrong
  static ReceivedDmarc parse(byte[] document) {
    try {
      return new Reading().read(reader(document));
    } catch (XMLStreamException e) {
      // Its own text repeats pieces of the document.
      throw new MalformedException("a DMARC report is not well-formed XML");
    }
  }

  private static XMLStreamReader reader(byte[] document) throws XMLStreamException {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    return factory.createXMLStreamReader(new ByteArrayInputStream(document));
  }

  /// What makes rows one.
  private record Row(String source, String disposition, boolean dkim, boolean spf) {}

  private static final class Reading {
    private final Map<String, String> once = new HashMap<>();
    private final Map<Row, Long> rows = new LinkedHashMap<>();
    private Map<String, String> record = new HashMap<>();
    private int recordCount;

    ReceivedDmarc read(XMLStreamReader reader) throws XMLStreamException {
      Deque<String> path = new ArrayDeque<>();
      var text = new StringBuilder();
      boolean root = false;
      while (reader.hasNext()) {
        switch (reader.next()) {
          case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
              throw new MalformedException("a DMARC report has no DTD and no entities");
          case XMLStreamConstants.START_ELEMENT -> {
            if (path.size() >= ReportBounds.DEPTH_MAX) {
              throw new MalformedException("a DMARC report is nested too deeply");
            }
            if (path.isEmpty() && !reader.getLocalName().equals(FEEDBACK)) {
              throw new MalformedException("not a DMARC report");
            }
            root = true;
            path.addLast(reader.getLocalName());
            text.setLength(0);
            if (isRecord(path)) record = new HashMap<>();
          }
          case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
            int room = ReportLimits.TEXT_CHARS_MAX - text.length();
            if (room > 0) {
              String piece = reader.getText();
              text.append(piece, 0, Math.min(room, piece.length()));
            }
          }
          case XMLStreamConstants.END_ELEMENT -> {
            end(path, RowText.clean(text.toString().strip()));
            path.removeLast();
            text.setLength(0);
          }
          default -> {}
        }
      }
      if (!root) throw new MalformedException("not a DMARC report");
      return report();
    }

    private static boolean isRecord(Deque<String> path) {
      return path.size() == 2 && path.peekLast() != null && path.getLast().equals("record");
    }

    private void end(Deque<String> path, String text) {
      if (isRecord(path)) {
        if (++recordCount > ReportBounds.RECORDS_MAX) {
          throw new MalformedException(
              "a DMARC report has more than " + ReportBounds.RECORDS_MAX + " records");
        }
        addRecord();
        return;
      }
      String name = String.join("/", path);
      if (name.startsWith("feedback/record/row/")) {
        record.putIfAbsent(name.substring("feedback/record/row/".length()), text);
      } else if (!name.startsWith("feedback/record")) {
        once.putIfAbsent(name, text);
      }
    }

    private void addRecord() {
      String source = field("source_ip");
      if (!source.matches("[0-9a-fA-F:.]{2,45}")) {
        throw new MalformedException("a record of a DMARC report has no source address");
      }
      String count = field("count");
      if (!count.matches("[0-9]{1,15}")) {
        throw new MalformedException("a record of a DMARC report has no count");
      }
      String disposition = field("policy_evaluated/disposition").toLowerCase(Locale.ROOT);
      if (!disposition.matches("none|pass|quarantine|reject")) disposition = "none";
      rows.merge(
          new Row(
              source.toLowerCase(Locale.ROOT),
              disposition,
              field("policy_evaluated/dkim").equalsIgnoreCase("pass"),
              field("policy_evaluated/spf").equalsIgnoreCase("pass")),
          Long.parseLong(count),
          Long::sum);
    }

    private String field(String name) {
      return Optional.ofNullable(record.get(name)).orElse("");
    }

    private ReceivedDmarc report() {
      String domain = load("feedback/policy_published/domain").toLowerCase(Locale.ROOT);
      String reporter = load("feedback/report_metadata/org_name");
      String id = load("feedback/report_metadata/report_id");
      String begin = load("feedback/report_metadata/date_range/begin");
      if (!begin.matches("[0-9]{1,11}")) {
        throw new MalformedException("a DMARC report has no time");
      }
      long day = Long.parseLong(begin) / Duration.ofDays(1).toSeconds();
      List<DmarcFigure> figures = new ArrayList<>();
      rows.forEach((row, count) ->
          figures.add(
              new DmarcFigure(
                  day,
                  domain,
                  reporter,
                  row.source(),
                  row.disposition(),
                  row.dkim(),
                  row.spf(),
                  count)));
      return new ReceivedDmarc(reporter, id, domain, day, figures);
    }

    private String load(String name) {
      return Optional.ofNullable(once.get(name))
          .filter(text -> !text.isEmpty())
          .orElseThrow(() -> new MalformedException("a DMARC report has no " + name));
    }
  }
}
