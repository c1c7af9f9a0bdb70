package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.policy.ReportAddresses;
import org.mailstead.core.reports.ReportFigures;
import org.mailstead.core.reports.ReportFigures.DmarcFigure;
import org.mailstead.core.reports.ReportFigures.TlsFigure;
import org.mailstead.core.reports.ReportLimits;
import org.mailstead.smtp.server.Verdict;

/// Reports on DMARC and TLS, sent and received. The peer is 192.0.2.7.
class ReportsTest {
  private static final String FROM = "author@far.example";
  private static final String REPORTS = "dmarc-reports@example.test";

  private final MailflowFixture flow =
      new MailflowFixture(settings -> settings.with(AuthenticationSettings.standard()));
  private final CoreFixture core = flow.core;

  @AfterEach
  void close() {
    flow.close();
  }

  @Test
  @DisplayName(
      "RFC 9990: a day's mail is reported the day after, counts and all, also after a crash")
  void dmarcReportsAreSent() throws Exception {
    flow.reportFrom("postmaster@example.test");
    flow.dns
        .txt("far.example", "v=spf1 ip4:192.0.2.7 -all")
        .txt("_dmarc.far.example", "v=DMARC1; p=quarantine; sp=reject; rua=mailto:in@far.example");
    send(FROM, FROM);
    send(FROM, FROM);
    send("else@other.example", FROM);
    flow.flow().sendReports();
    flow.settle();
    assertThat(flow.sink.messages()).as("the day is not over").isEmpty();
    flow.restart();
    flow.clock.advance(Duration.ofDays(1));
    flow.flow().sendReports();
    flow.settle();
    assertThat(flow.sink.messages()).hasSize(1);
    TestSink.Message mail = flow.sink.messages().getFirst();
    assertThat(mail.addresses()).containsExactly("in@far.example");
    assertThat(mail.from().reversePath()).isEmpty();
    assertThat(mail.text())
        .contains(
            "From: <postmaster@example.test>",
            "Subject: Report Domain: far.example",
            "Submitter: mx.example.test",
            "application/gzip",
            "filename=\"mx.example.test!far.example!");
    String xml = unpacked(mail.text());
    assertThat(xml)
        .contains(
            "urn:ietf:params:xml:ns:dmarc-2.0",
            "<org_name>Example &amp; Co</org_name>",
            "<domain>far.example</domain>",
            "<p>quarantine</p>",
            "<sp>reject</sp>",
            "<source_ip>192.0.2.7</source_ip>",
            "<count>2</count>",
            "<disposition>pass</disposition>",
            "<count>1</count>",
            "<disposition>quarantine</disposition>",
            "<envelope_from>other.example</envelope_from>",
            "<scope>mfrom</scope>");
    // Once, whatever happens later.
    flow.restart();
    flow.clock.advance(Duration.ofDays(1));
    flow.flow().sendReports();
    flow.settle();
    assertThat(flow.sink.messages()).hasSize(1);
    flow.checkQueueEmpty();
  }

  @Test
  @DisplayName("RFC 9990 §4: somebody else's address gets reports only if its domain says so")
  void otherDestinationsMustAgree() {
    flow.reportFrom("postmaster@example.test");
    flow.dns
        .txt("_dmarc.a.example", "v=DMARC1; p=none; rua=mailto:x@victim.example")
        .txt("_dmarc.b.example", "v=DMARC1; p=none; rua=mailto:x@far.example")
        .txt("b.example._report._dmarc.far.example", "v=DMARC1");
    send("u@a.example", "u@a.example");
    send("u@b.example", "u@b.example");
    flow.clock.advance(Duration.ofDays(1));
    flow.flow().sendReports();
    flow.settle();
    assertThat(flow.sink.messages()).hasSize(1);
    assertThat(flow.sink.messages().getFirst().text()).contains("Report Domain: b.example");
  }

  @Test
  @DisplayName("RFC 8460: sessions are reported, failures with their cause")
  void tlsReportsAreSent() throws Exception {
    flow.reportFrom("postmaster@example.test");
    flow.dns.txt("_smtp._tls.far.example", "v=TLSRPTv1; rua=mailto:tls@far.example");
    try (var sending = flow.submission(core.anna(), "anna@example.test").to("bob@far.example")) {
      sending.verdict(MailflowFixture.message("anna@example.test", "One"));
    }
    flow.settle();
    flow.clock.advance(Duration.ofDays(1));
    flow.flow().sendReports();
    flow.settle();
    assertThat(flow.sink.messages()).hasSize(2);
    String text = flow.sink.messages().getLast().text();
    assertThat(text)
        .contains(
            "TLS-Report-Domain: far.example",
            "TLS-Report-Submitter: mx.example.test",
            "TLS-Required: No",
            "report-type=\"tlsrpt\"",
            "application/tlsrpt+gzip");
    assertThat(unpacked(text))
        .contains(
            "\"organization-name\":\"Example & Co\"",
            "\"policy-type\":\"no-policy-found\"",
            "\"policy-domain\":\"far.example\"",
            "\"total-failure-session-count\":1",
            "\"result-type\":\"starttls-not-supported\"",
            "\"receiving-mx-hostname\":\"sink.example\"");
  }

  @Test
  @DisplayName("Nothing is counted and nothing sent unless the operator names a sender")
  void offByDefault() {
    flow.dns.txt("_dmarc.far.example", "v=DMARC1; p=none; rua=mailto:in@far.example");
    send(FROM, FROM);
    flow.clock.advance(Duration.ofDays(1));
    flow.flow().sendReports();
    flow.settle();
    assertThat(flow.sink.messages()).isEmpty();
  }

  private static final String XML =
      """
      <?xml version="1.0"?>
      <feedback><report_metadata><org_name>Big</org_name><report_id>r1</report_id>
      <date_range><begin>%d</begin><end>%d</end></date_range></report_metadata>
      <policy_published><domain>example.test</domain><p>reject</p></policy_published>
      <record><row><source_ip>198.51.100.9</source_ip><count>7</count><policy_evaluated>
      <disposition>reject</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row>
      <identifiers><header_from>example.test</header_from></identifiers></record>
      <record><row><source_ip>192.0.2.1</source_ip><count>40</count><policy_evaluated>
      <disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row></record>
      </feedback>
      """;

  private String xml() {
    long now = flow.clock.instant().getEpochSecond() - 86_400;
    return XML.formatted(now, now + 86_399);
  }

  @Test
  @DisplayName(
      "Received reports are read into figures, once, in every packing, and still delivered")
  void receivedDmarcReports() throws Exception {
    wantReports();
    byte[] xml = xml().getBytes(StandardCharsets.UTF_8);
    assertThat(report("application/gzip", gzip(xml))).isInstanceOf(Verdict.Accepted.class);
    List<DmarcFigure> figures = figures();
    assertThat(figures)
        .extracting(
            DmarcFigure::domain,
            DmarcFigure::reporter,
            DmarcFigure::source,
            DmarcFigure::disposition,
            DmarcFigure::dkimAligned,
            DmarcFigure::count)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(
                "example.test", "Big", "198.51.100.9", "reject", false, 7L),
            org.assertj.core.groups.Tuple.tuple(
                "example.test", "Big", "192.0.2.1", "none", true, 40L));
    report("application/zip", zip(xml));
    report("text/xml", xml);
    assertThat(figures()).containsExactlyInAnyOrderElementsOf(figures);
    assertThat(flow.inbox(core.anna())).hasSize(3);
    var reader = new ReportFigures(core.directory(), ReportLimits.standard());
    assertThat(
            reader
                .dmarc(
                    core.organization(), Optional.of("no.example"), 0, 99_999, PageRequest.first())
                .items())
        .isEmpty();
    // Page by page.
    var first =
        reader.dmarc(
            core.organization(), Optional.empty(), 0, 99_999, new PageRequest(1, Optional.empty()));
    var second =
        reader.dmarc(
            core.organization(),
            Optional.empty(),
            0,
            99_999,
            new PageRequest(1, first.nextToken()));
    assertThat(first.items()).hasSize(1).doesNotContainAnyElementsOf(second.items());
    assertThat(second.items()).hasSize(1);
    // And gone when they are old.
    flow.clock.advance(Duration.ofDays(ReportFigures.DAYS_KEPT + 2));
    assertThat(reader.sweep(flow.clock.instant().getEpochSecond() / 86_400)).isEqualTo(2);
    assertThat(figures()).isEmpty();
  }

  @Test
  @DisplayName("Hostile reports cost nothing and are delivered like other mail")
  void hostileReports() throws Exception {
    wantReports();
    String entity =
        "<?xml version=\"1.0\"?><!DOCTYPE feedback [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
            + xml().substring(xml().indexOf("<feedback>")).replace("Big", "&x;");
    byte[] bomb = gzip(("<feedback>" + " ".repeat(30 << 20)).getBytes(StandardCharsets.US_ASCII));
    String deep = "<feedback>" + "<a>".repeat(5_000);
    String many =
        "<feedback>"
            + "<record><row><source_ip>::1</source_ip><count>1</count></row></record>"
                .repeat(20_001);
    for (byte[] body :
        List.of(
            entity.getBytes(StandardCharsets.UTF_8),
            bomb,
            zip(("<feedback>" + " ".repeat(30 << 20)).getBytes(StandardCharsets.US_ASCII)),
            deep.getBytes(StandardCharsets.US_ASCII),
            gzip(many.getBytes(StandardCharsets.US_ASCII)),
            new byte[] {0x1F, (byte) 0x8B, 8, 0, 1, 2, 3},
            new byte[] {'P', 'K', 3, 4, 0, 0},
            "<feedback></feedback>".getBytes(StandardCharsets.US_ASCII),
            xml().replace(">7<", ">-7<").getBytes(StandardCharsets.UTF_8),
            xml().replace("198.51.100.9", "a source").getBytes(StandardCharsets.UTF_8),
            xml()
                .replace("<domain>example.test", "<domain>bank.example")
                .getBytes(StandardCharsets.UTF_8),
            ("{\"a\":".repeat(3_000)).getBytes(StandardCharsets.US_ASCII),
            "{\"organization-name\":\"x\"}".getBytes(StandardCharsets.US_ASCII))) {
      assertThat(report("application/octet-stream", body)).isInstanceOf(Verdict.Accepted.class);
    }
    assertThat(figures()).isEmpty();
    assertThat(flow.inbox(core.anna())).hasSize(13);
  }

  @Test
  @DisplayName("Only what comes to the address for reports is read, and no forged report")
  void otherMailIsNotRead() throws Exception {
    byte[] xml = xml().getBytes(StandardCharsets.UTF_8);
    report("text/xml", xml, "anna@example.test");
    assertThat(figures()).isEmpty();
    wantReports();
    report("text/xml", xml, "anna@example.test");
    assertThat(figures()).isEmpty();
    flow.dns.txt("_dmarc.far.example", "v=DMARC1; p=quarantine");
    report("text/xml", xml);
    assertThat(figures()).isEmpty();
  }

  @Test
  @DisplayName("RFC 8460: received reports on encryption are read into figures")
  void receivedTlsReports() throws Exception {
    wantReports();
    Instant day = flow.clock.instant().minus(Duration.ofDays(1));
    String json =
        """
        {"organization-name":"Big","date-range":{"start-datetime":"%s","end-datetime":"%s"},
         "contact-info":"a@b.example","report-id":"t1","policies":[
          {"policy":{"policy-type":"sts","policy-string":["version: STSv1"],"policy-domain":"Example.Test"},
           "summary":{"total-successful-session-count":50,"total-failure-session-count":4},
           "failure-details":[{"result-type":"certificate-expired","failed-session-count":3}]},
          {"policy":{"policy-type":"tlsa","policy-domain":"bank.example"},
           "summary":{"total-successful-session-count":1,"total-failure-session-count":0}}]}
        """
            .formatted(day, day.plusSeconds(86_399));
    report("application/tlsrpt+gzip", gzip(json.getBytes(StandardCharsets.UTF_8)));
    assertThat(
            new ReportFigures(core.directory(), ReportLimits.standard())
                .tls(core.organization(), Optional.empty(), 0, 99_999, PageRequest.first())
                .items())
        .extracting(
            TlsFigure::domain, TlsFigure::policyType, TlsFigure::resultType, TlsFigure::count)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("example.test", "sts", "successful", 50L),
            org.assertj.core.groups.Tuple.tuple("example.test", "sts", "certificate-expired", 3L),
            org.assertj.core.groups.Tuple.tuple("example.test", "sts", "failed", 1L));
  }

  private void wantReports() {
    core.directory()
        .registrations()
        .createAlias(core.change("CreateAlias"), core.organization(), core.anna(), REPORTS);
    new ReportAddresses(core.directory())
        .put(core.change("PutReportSettings"), core.organization(), EmailAddress.parse(REPORTS));
  }

  private List<DmarcFigure> figures() {
    return new ReportFigures(core.directory(), ReportLimits.standard())
        .dmarc(core.organization(), Optional.empty(), 0, 99_999, PageRequest.first())
        .items();
  }

  private Verdict report(String type, byte[] body) {
    return report(type, body, REPORTS);
  }

  private Verdict report(String type, byte[] body, String to) {
    String message =
        "From: reports@far.example\r\nTo: "
            + to
            + "\r\nSubject: Report\r\nMIME-Version: 1.0\r\n"
            + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee there.\r\n--b\r\n"
            + "Content-Type: "
            + type
            + "\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + Base64.getMimeEncoder().encodeToString(body)
            + "\r\n--b--\r\n";
    try (var sending = flow.inbound("reports@far.example").to(to)) {
      return sending.verdict(message);
    }
  }

  private void send(String envelopeFrom, String from) {
    try (var sending = flow.inbound(envelopeFrom).to("anna@example.test")) {
      assertThat(sending.verdict(MailflowFixture.message(from, "Hello")))
          .isInstanceOf(Verdict.Accepted.class);
    }
  }

  private static byte[] gzip(byte[] octets) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(octets);
    }
    return out.toByteArray();
  }

  private static byte[] zip(byte[] octets) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("report.xml"));
      zip.write(octets);
    }
    return out.toByteArray();
  }

  private static String unpacked(String mail) throws IOException {
    int at = mail.indexOf("\r\n\r\n", mail.indexOf("Content-Transfer-Encoding: base64")) + 4;
    byte[] packed = Base64.getMimeDecoder().decode(mail.substring(at, mail.indexOf("\r\n--", at)));
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
