package org.mailstead.workmail.server;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.policy.ReportAddresses;
import org.mailstead.core.reports.ReportFigures;
import org.mailstead.core.reports.ReportLimits;
import org.mailstead.workmail.wire.shapes.DeleteReportSettingsRequest;
import org.mailstead.workmail.wire.shapes.DeleteReportSettingsResponse;
import org.mailstead.workmail.wire.shapes.DmarcFigure;
import org.mailstead.workmail.wire.shapes.GetReportSettingsRequest;
import org.mailstead.workmail.wire.shapes.GetReportSettingsResponse;
import org.mailstead.workmail.wire.shapes.ListDmarcFiguresRequest;
import org.mailstead.workmail.wire.shapes.ListDmarcFiguresResponse;
import org.mailstead.workmail.wire.shapes.ListTlsReportFiguresRequest;
import org.mailstead.workmail.wire.shapes.ListTlsReportFiguresResponse;
import org.mailstead.workmail.wire.shapes.PutReportSettingsRequest;
import org.mailstead.workmail.wire.shapes.PutReportSettingsResponse;
import org.mailstead.workmail.wire.shapes.TlsReportFigure;

/// Where others' DMARC and TLS reports go, and what they said.
final class ReportHandler {
  private static final long SECONDS_PER_DAY = Duration.ofDays(1).toSeconds();

  private final ReportAddresses addresses;
  private final ReportFigures figures;
  private final PageTokens tokens;

  ReportHandler(Directory directory, PageTokens tokens) {
    this.addresses = new ReportAddresses(directory);
    this.figures = new ReportFigures(directory, ReportLimits.standard());
    this.tokens = tokens;
  }

  PutReportSettingsResponse put(Call call, PutReportSettingsRequest request) {
    addresses.put(
        call.change(),
        new OrganizationId(request.organizationId()),
        EmailAddress.parse(AddressHandler.deliverable(request.reportAddress())));
    return new PutReportSettingsResponse();
  }

  GetReportSettingsResponse get(Call call, GetReportSettingsRequest request) {
    return GetReportSettingsResponse.builder()
        .reportAddress(addresses.load(new OrganizationId(request.organizationId())).toString())
        .build();
  }

  DeleteReportSettingsResponse delete(Call call, DeleteReportSettingsRequest request) {
    addresses.delete(call.change(), new OrganizationId(request.organizationId()));
    return new DeleteReportSettingsResponse();
  }

  ListDmarcFiguresResponse dmarc(Call call, ListDmarcFiguresRequest request) {
    String context =
        "ListDmarcFigures "
            + request.organizationId()
            + request.domainName()
            + request.startDate()
            + request.endDate();
    Listing<ReportFigures.DmarcFigure> page =
        figures.dmarc(
            new OrganizationId(request.organizationId()),
            request.domainName().map(name -> name.toLowerCase(Locale.ROOT)),
            from(request.startDate()),
            to(request.endDate()),
            tokens.page(context, request.maxResults(), request.nextToken()));
    return ListDmarcFiguresResponse.builder()
        .figures(
            page.items().stream()
                .map(each ->
                    DmarcFigure.builder()
                        .date(date(each.day()))
                        .domainName(each.domain())
                        .reporter(each.reporter())
                        .sourceAddress(each.source())
                        .disposition(each.disposition())
                        .dkimAligned(each.dkimAligned())
                        .spfAligned(each.spfAligned())
                        .messageCount(each.count())
                        .build())
                .toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  ListTlsReportFiguresResponse tls(Call call, ListTlsReportFiguresRequest request) {
    String context =
        "ListTlsReportFigures "
            + request.organizationId()
            + request.domainName()
            + request.startDate()
            + request.endDate();
    Listing<ReportFigures.TlsFigure> page =
        figures.tls(
            new OrganizationId(request.organizationId()),
            request.domainName().map(name -> name.toLowerCase(Locale.ROOT)),
            from(request.startDate()),
            to(request.endDate()),
            tokens.page(context, request.maxResults(), request.nextToken()));
    return ListTlsReportFiguresResponse.builder()
        .figures(
            page.items().stream()
                .map(each ->
                    TlsReportFigure.builder()
                        .date(date(each.day()))
                        .domainName(each.domain())
                        .reporter(each.reporter())
                        .policyType(each.policyType())
                        .resultType(each.resultType())
                        .sessionCount(each.count())
                        .build())
                .toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  private static long from(Optional<Instant> start) {
    return start.map(time -> Math.floorDiv(time.getEpochSecond(), SECONDS_PER_DAY)).orElse(0L);
  }

  /// The day of the end is in it.
  private static long to(Optional<Instant> end) {
    return end.map(time -> Math.floorDiv(time.getEpochSecond(), SECONDS_PER_DAY) + 1)
        .orElse((long) Integer.MAX_VALUE);
  }

  private static Instant date(long day) {
    return Instant.ofEpochSecond(day * SECONDS_PER_DAY);
  }
}
