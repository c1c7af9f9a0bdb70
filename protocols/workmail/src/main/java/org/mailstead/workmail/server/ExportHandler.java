package org.mailstead.workmail.server;

import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.export.ExportJob;
import org.mailstead.core.export.Exports;
import org.mailstead.workmail.wire.shapes.CancelMailboxExportJobRequest;
import org.mailstead.workmail.wire.shapes.CancelMailboxExportJobResponse;
import org.mailstead.workmail.wire.shapes.DescribeMailboxExportJobRequest;
import org.mailstead.workmail.wire.shapes.DescribeMailboxExportJobResponse;
import org.mailstead.workmail.wire.shapes.ListMailboxExportJobsRequest;
import org.mailstead.workmail.wire.shapes.ListMailboxExportJobsResponse;
import org.mailstead.workmail.wire.shapes.MailboxExportJob;
import org.mailstead.workmail.wire.shapes.MailboxExportJobState;
import org.mailstead.workmail.wire.shapes.StartMailboxExportJobRequest;
import org.mailstead.workmail.wire.shapes.StartMailboxExportJobResponse;

/// Mailbox export jobs (MIG-10).
final class ExportHandler {
  private final Exports exports;
  private final PageTokens tokens;

  ExportHandler(Exports exports, PageTokens tokens) {
    this.exports = exports;
    this.tokens = tokens;
  }

  StartMailboxExportJobResponse start(Call call, StartMailboxExportJobRequest request) {
    ExportJob job =
        exports.start(
            call.change(),
            new OrganizationId(request.organizationId()),
            request.entityId(),
            new ExportJob.Target(
                request.clientToken(),
                request.description(),
                request.roleArn(),
                request.kmsKeyArn(),
                request.s3BucketName(),
                request.s3Prefix()));
    return StartMailboxExportJobResponse.builder().jobId(job.id()).build();
  }

  DescribeMailboxExportJobResponse describe(Call call, DescribeMailboxExportJobRequest request) {
    ExportJob job = exports.load(new OrganizationId(request.organizationId()), request.jobId());
    return DescribeMailboxExportJobResponse.builder()
        .entityId(job.entity().value())
        .description(job.target().description())
        .roleArn(job.target().roleArn())
        .kmsKeyArn(job.target().kmsKeyArn())
        .s3BucketName(job.target().bucket())
        .s3Prefix(job.target().prefix())
        .s3Path(job.path())
        .estimatedProgress(exports.progress(job))
        .state(state(job))
        .errorInfo(job.errorInfo())
        .startTime(job.started())
        .endTime(job.ended())
        .build();
  }

  ListMailboxExportJobsResponse list(Call call, ListMailboxExportJobsRequest request) {
    String context = "ListMailboxExportJobs " + request.organizationId();
    Listing<ExportJob> page =
        exports.list(
            new OrganizationId(request.organizationId()),
            tokens.page(context, request.maxResults(), request.nextToken()));
    return ListMailboxExportJobsResponse.builder()
        .jobs(page.items().stream().map(this::summary).toList())
        .nextToken(tokens.seal(context, page.nextToken()))
        .build();
  }

  CancelMailboxExportJobResponse cancel(Call call, CancelMailboxExportJobRequest request) {
    exports.cancel(call.change(), new OrganizationId(request.organizationId()), request.jobId());
    return new CancelMailboxExportJobResponse();
  }

  private MailboxExportJob summary(ExportJob job) {
    return MailboxExportJob.builder()
        .jobId(job.id())
        .entityId(job.entity().value())
        .description(job.target().description())
        .s3BucketName(job.target().bucket())
        .s3Path(job.path())
        .estimatedProgress(exports.progress(job))
        .state(state(job))
        .startTime(job.started())
        .endTime(job.ended())
        .build();
  }

  private static MailboxExportJobState state(ExportJob job) {
    return switch (job.state()) {
      case RUNNING -> MailboxExportJobState.RUNNING;
      case COMPLETED -> MailboxExportJobState.COMPLETED;
      case FAILED -> MailboxExportJobState.FAILED;
      case CANCELLED -> MailboxExportJobState.CANCELLED;
    };
  }
}
