package org.mailstead.workmail.server;

import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.audit.AuditLog;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.core.rules.InboxRule;
import org.mailstead.core.rules.InboxRules;
import org.mailstead.core.rules.OutOfOffice;
import org.mailstead.workmail.wire.shapes.GetOutOfOfficeRequest;
import org.mailstead.workmail.wire.shapes.GetOutOfOfficeResponse;
import org.mailstead.workmail.wire.shapes.InboxRuleActions;
import org.mailstead.workmail.wire.shapes.InboxRuleConditions;
import org.mailstead.workmail.wire.shapes.InboxRuleImportance;
import org.mailstead.workmail.wire.shapes.ListInboxRulesRequest;
import org.mailstead.workmail.wire.shapes.ListInboxRulesResponse;
import org.mailstead.workmail.wire.shapes.PutInboxRulesRequest;
import org.mailstead.workmail.wire.shapes.PutInboxRulesResponse;
import org.mailstead.workmail.wire.shapes.PutOutOfOfficeRequest;
import org.mailstead.workmail.wire.shapes.PutOutOfOfficeResponse;

/// Inbox rules and out-of-office replies of users (USR-9). They are in the users' mailboxes, which
/// have no commit together with the audit log: the record follows the change, before the answer.
final class InboxRuleHandler {
  private final Directory directory;
  private final Mailboxes mailboxes;
  private final RandomGenerator random;

  InboxRuleHandler(Directory directory, Mailboxes mailboxes, RandomGenerator random) {
    this.directory = directory;
    this.mailboxes = mailboxes;
    this.random = random;
  }

  ListInboxRulesResponse list(Call call, ListInboxRulesRequest request) {
    InboxRules rules = rules(request.organizationId(), request.userId());
    return ListInboxRulesResponse.builder()
        .rules(rules.list().stream().map(InboxRuleHandler::shape).toList())
        .build();
  }

  PutInboxRulesResponse put(Call call, PutInboxRulesRequest request) {
    rules(request.organizationId(), request.userId())
        .put(request.rules().stream().map(InboxRuleHandler::rule).toList());
    record(call, request.organizationId());
    return new PutInboxRulesResponse();
  }

  GetOutOfOfficeResponse outOfOffice(Call call, GetOutOfOfficeRequest request) {
    OutOfOffice state = rules(request.organizationId(), request.userId()).outOfOffice();
    return GetOutOfOfficeResponse.builder()
        .enabled(state.enabled())
        .startTime(state.from())
        .endTime(state.until())
        .subject(state.subject())
        .internalText(state.internalText())
        .externalText(state.externalText())
        .build();
  }

  PutOutOfOfficeResponse putOutOfOffice(Call call, PutOutOfOfficeRequest request) {
    var state =
        new OutOfOffice(
            request.enabled(),
            request.startTime(),
            request.endTime(),
            request.subject(),
            request.internalText(),
            request.externalText());
    rules(request.organizationId(), request.userId())
        .putOutOfOffice(state, Long.toUnsignedString(random.nextLong(), 36));
    record(call, request.organizationId());
    return new PutOutOfOfficeResponse();
  }

  private InboxRules rules(String organization, String user) {
    var found = directory.users().describe(new OrganizationId(organization), user);
    return new InboxRules(
        mailboxes.open(
            found
                .mailbox()
                .orElseThrow(() ->
                    new DirectoryRefusedException(
                        DirectoryRefusal.ENTITY_NOT_FOUND, "The user has no mailbox."))));
  }

  private void record(Call call, String organization) {
    directory.audit().record(new AuditLog.Scope(organization), call.entry());
  }

  private static InboxRule rule(org.mailstead.workmail.wire.shapes.InboxRule shape) {
    InboxRuleActions actions = shape.actions();
    return new InboxRule(
        shape.name(),
        shape.enabled().orElse(true),
        conditions(shape.conditions()),
        conditions(shape.exceptions()),
        new InboxRule.Actions(
            actions.moveTo(),
            actions.copyTo(),
            actions.delete().orElse(false),
            actions.permanentlyDelete().orElse(false),
            addresses(actions.forwardTo()),
            addresses(actions.redirectTo()),
            actions.markAsRead().orElse(false),
            actions.markAsImportant().orElse(false),
            actions.flag().orElse(false),
            actions.stopProcessing().orElse(false)));
  }

  private static List<EmailAddress> addresses(List<String> texts) {
    return texts.stream().map(AddressHandler::deliverable).map(EmailAddress::parse).toList();
  }

  private static InboxRule.Conditions conditions(Optional<InboxRuleConditions> shape) {
    if (shape.isEmpty()) return InboxRule.Conditions.NONE;
    InboxRuleConditions given = shape.get();
    return new InboxRule.Conditions(
        given.from(),
        given.to(),
        given.cc(),
        given.sentTo(),
        given.subject(),
        given.body(),
        given.subjectOrBody(),
        given.importance().map(each -> InboxRule.Importance.valueOf(each.name())),
        given.hasAttachment().orElse(false),
        given.sentToMe().orElse(false),
        given.sentOnlyToMe().orElse(false),
        given.largerThanBytes(),
        given.smallerThanBytes());
  }

  private static org.mailstead.workmail.wire.shapes.InboxRule shape(InboxRule rule) {
    InboxRule.Actions actions = rule.actions();
    return org.mailstead.workmail.wire.shapes.InboxRule.builder()
        .name(rule.name())
        .enabled(rule.enabled())
        .conditions(shape(rule.conditions()))
        .exceptions(shape(rule.exceptions()))
        .actions(
            InboxRuleActions.builder()
                .moveTo(actions.moveTo())
                .copyTo(actions.copyTo())
                .delete(on(actions.delete()))
                .permanentlyDelete(on(actions.permanentlyDelete()))
                .forwardTo(actions.forwardTo().stream().map(EmailAddress::toString).toList())
                .redirectTo(actions.redirectTo().stream().map(EmailAddress::toString).toList())
                .markAsRead(on(actions.markAsRead()))
                .markAsImportant(on(actions.markAsImportant()))
                .flag(on(actions.flag()))
                .stopProcessing(on(actions.stop()))
                .build())
        .build();
  }

  private static Optional<InboxRuleConditions> shape(InboxRule.Conditions conditions) {
    if (conditions.isEmpty()) return Optional.empty();
    return Optional.of(
        InboxRuleConditions.builder()
            .from(conditions.from())
            .to(conditions.to())
            .cc(conditions.cc())
            .sentTo(conditions.sentTo())
            .subject(conditions.subject())
            .body(conditions.body())
            .subjectOrBody(conditions.subjectOrBody())
            .importance(
                conditions.importance().map(each -> InboxRuleImportance.valueOf(each.name())))
            .hasAttachment(on(conditions.hasAttachment()))
            .sentToMe(on(conditions.sentToMe()))
            .sentOnlyToMe(on(conditions.sentOnlyToMe()))
            .largerThanBytes(conditions.largerThanBytes())
            .smallerThanBytes(conditions.smallerThanBytes())
            .build());
  }

  /// What is off is left out.
  private static Optional<Boolean> on(boolean value) {
    return value ? Optional.of(true) : Optional.empty();
  }
}
