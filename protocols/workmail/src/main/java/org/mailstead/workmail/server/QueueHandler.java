package org.mailstead.workmail.server;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.audit.AuditLog;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.Listing.PageRequest;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.directory.OrganizationRecords;
import org.mailstead.core.queue.CountedRecipients;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.queue.QueueStatus;
import org.mailstead.core.queue.RecipientState;
import org.mailstead.workmail.wire.shapes.DeleteQueuedMessageRequest;
import org.mailstead.workmail.wire.shapes.DeleteQueuedMessageResponse;
import org.mailstead.workmail.wire.shapes.DescribeQueuedMessageRequest;
import org.mailstead.workmail.wire.shapes.DescribeQueuedMessageResponse;
import org.mailstead.workmail.wire.shapes.DescribeSendingUsageRequest;
import org.mailstead.workmail.wire.shapes.DescribeSendingUsageResponse;
import org.mailstead.workmail.wire.shapes.HoldQueuedMessageRequest;
import org.mailstead.workmail.wire.shapes.HoldQueuedMessageResponse;
import org.mailstead.workmail.wire.shapes.ListQueuedMessagesRequest;
import org.mailstead.workmail.wire.shapes.ListQueuedMessagesResponse;
import org.mailstead.workmail.wire.shapes.QueueOrigin;
import org.mailstead.workmail.wire.shapes.QueueRecipientState;
import org.mailstead.workmail.wire.shapes.QueueState;
import org.mailstead.workmail.wire.shapes.QueuedMessage;
import org.mailstead.workmail.wire.shapes.QueuedRecipient;
import org.mailstead.workmail.wire.shapes.ReleaseQueuedMessageRequest;
import org.mailstead.workmail.wire.shapes.ReleaseQueuedMessageResponse;
import org.mailstead.workmail.wire.shapes.RetryQueuedMessageRequest;
import org.mailstead.workmail.wire.shapes.RetryQueuedMessageResponse;
import org.mailstead.workmail.wire.shapes.SendingUsageOfUser;

/// The mail queue of an organization (FLW-8), and what has been used of the limits on recipients
/// (LIM-3). A message of another organization is one that is not there.
final class QueueHandler {
  /// Entries of the queue that one request looks at: a page may be short, or empty, and go on.
  private static final int LOOKED_AT_MAX = 5_000;

  private final Directory directory;
  private final MailQueue queue;
  private final QueueServices services;
  private final PageTokens tokens;
  private final InstantSource clock;

  QueueHandler(
      Directory directory, QueueServices services, PageTokens tokens, InstantSource clock) {
    this.directory = directory;
    this.queue = services.queue();
    this.services = services;
    this.tokens = tokens;
    this.clock = clock;
  }

  ListQueuedMessagesResponse list(Call call, ListQueuedMessagesRequest request) {
    OrganizationId organization = serving(request.organizationId());
    String context = "ListQueuedMessages " + organization;
    PageRequest page = tokens.page(context, request.maxResults(), request.nextToken());
    Optional<QueueId> after = page.token().map(QueueId::parse);
    List<QueuedMessage> found = new ArrayList<>();
    int lookedAt = 0;
    boolean more = true;
    while (more && found.size() < page.countMax() && lookedAt < LOOKED_AT_MAX) {
      List<QueueStatus.Summary> some = services.status().list(after, 200);
      more = some.size() == 200;
      for (QueueStatus.Summary each : some) {
        if (found.size() == page.countMax()) {
          more = true;
          break;
        }
        lookedAt++;
        after = Optional.of(each.id());
        if (each.envelope().organization().equals(organization)) found.add(message(each));
      }
    }
    return ListQueuedMessagesResponse.builder()
        .messages(found)
        .nextToken(
            tokens.seal(context, (more ? after : Optional.<QueueId>empty()).map(QueueId::toString)))
        .build();
  }

  DescribeQueuedMessageResponse describe(Call call, DescribeQueuedMessageRequest request) {
    QueueStatus.Details details = load(request.organizationId(), request.queueId());
    List<QueuedRecipient> recipients = new ArrayList<>();
    for (int i = 0; i < details.recipients().size(); i++) {
      RecipientState state = details.states().get(i);
      recipients.add(
          QueuedRecipient.builder()
              .address(details.recipients().get(i).address().toString())
              .state(QueueRecipientState.valueOf(state.status().name()))
              .attempts((long) state.attempts())
              .nextAttempt(Optional.of(state.nextAttempt()).filter(_ -> state.isPending()))
              .lastReply(Optional.of(state.lastReply()).filter(reply -> !reply.isEmpty()))
              .build());
    }
    return DescribeQueuedMessageResponse.builder()
        .message(message(details.summary()))
        .recipients(recipients)
        .build();
  }

  HoldQueuedMessageResponse hold(Call call, HoldQueuedMessageRequest request) {
    change(call, request.organizationId(), request.queueId(), queue::hold, "is held already");
    return new HoldQueuedMessageResponse();
  }

  ReleaseQueuedMessageResponse release(Call call, ReleaseQueuedMessageRequest request) {
    change(call, request.organizationId(), request.queueId(), queue::unhold, "is not held");
    return new ReleaseQueuedMessageResponse();
  }

  RetryQueuedMessageResponse retry(Call call, RetryQueuedMessageRequest request) {
    change(call, request.organizationId(), request.queueId(), queue::retry, "is held");
    return new RetryQueuedMessageResponse();
  }

  DeleteQueuedMessageResponse delete(Call call, DeleteQueuedMessageRequest request) {
    change(call, request.organizationId(), request.queueId(), queue::delete, "is gone");
    return new DeleteQueuedMessageResponse();
  }

  DescribeSendingUsageResponse usage(Call call, DescribeSendingUsageRequest request) {
    OrganizationId id = serving(request.organizationId());
    Organization organization = directory.organizations().load(id);
    long day = CountedRecipients.dayOf(clock.instant());
    long external = 0;
    long test = 0;
    TreeMap<String, Long> users = new TreeMap<>();
    for (CountedRecipients each : queue.counted(day, organization.account().value())) {
      external += each.external();
      test += each.test();
      if (each.external() > 0) users.merge(each.user(), (long) each.external(), Long::sum);
    }
    return DescribeSendingUsageResponse.builder()
        .resetTime(CountedRecipients.startOf(day + 1))
        .accountExternalRecipients(external)
        .accountExternalLimit((long) services.maxima().accountExternal())
        .accountTestDomainRecipients(test)
        .accountTestDomainLimit((long) services.maxima().accountTest())
        .userExternalLimit((long) services.maxima().userExternal())
        .users(
            users.entrySet().stream()
                .filter(user -> directory.lookups().exists(id, new EntityId(user.getKey())))
                .map(user ->
                    SendingUsageOfUser.builder()
                        .userId(user.getKey())
                        .externalRecipients(user.getValue())
                        .build())
                .toList())
        .build();
  }

  /// The queue has no commit together with the audit log: the record follows the change, before the
  /// answer.
  private void change(
      Call call,
      String organization,
      String queueId,
      Function<QueueId, MailQueue.Operated> change,
      String nothing) {
    QueueId id = load(organization, queueId).summary().id();
    switch (change.apply(id)) {
      case DONE -> directory.audit().record(new AuditLog.Scope(organization), call.entry());
      case NOT_FOUND -> throw notFound();
      case WORKED_ON ->
          throw new DirectoryRefusedException(
              DirectoryRefusal.ENTITY_STATE,
              "The message is being delivered now; ask again later.");
      case NOTHING_TO_DO ->
          throw new DirectoryRefusedException(
              DirectoryRefusal.ENTITY_STATE, "The message " + nothing + ".");
    }
  }

  private QueueStatus.Details load(String organization, String queueId) {
    OrganizationId id = serving(organization);
    return services
        .status()
        .find(QueueId.parse(queueId))
        .filter(found -> found.summary().envelope().organization().equals(id))
        .orElseThrow(QueueHandler::notFound);
  }

  private static DirectoryRefusedException notFound() {
    return new DirectoryRefusedException(
        DirectoryRefusal.ENTITY_NOT_FOUND, "No such message is in the queue.");
  }

  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND, ORGANIZATION_STATE
  private OrganizationId serving(String organization) {
    OrganizationId id = new OrganizationId(organization);
    // The queue knows nothing of organizations; their records refuse one that does not serve.
    directory.records().all(id, OrganizationRecords.Kind.SETTING);
    return id;
  }

  private static QueuedMessage message(QueueStatus.Summary summary) {
    QueueState state;
    if (summary.isHeld()) state = QueueState.HELD;
    else state = summary.isWorkedOn() ? QueueState.DELIVERING : QueueState.WAITING;
    return QueuedMessage.builder()
        .queueId(summary.id().toString())
        .origin(QueueOrigin.valueOf(summary.envelope().origin().name()))
        .state(state)
        .sender(summary.envelope().reversePath().map(EmailAddress::toString))
        .submitter(summary.envelope().submitter().map(EntityId::value))
        .recipients((long) summary.recipientCount())
        .pendingRecipients((long) summary.pendingCount())
        .received(summary.envelope().received())
        .nextAttempt(Optional.of(summary.due()).filter(_ -> state == QueueState.WAITING))
        .expires(summary.envelope().expires())
        .build();
  }
}
