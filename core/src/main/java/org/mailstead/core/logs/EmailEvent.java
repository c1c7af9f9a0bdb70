package org.mailstead.core.logs;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailstead.core.logs.LogRecord.Members;

/// What can become of a message, by the names and fields of WorkMail's nine e-mail events.
///
/// @spec https://docs.aws.amazon.com/workmail/latest/adminguide/tracking.html AWS WorkMail guide:
///   E-mail event logging
public sealed interface EmailEvent {
  Map<String, Object> members();

  /// @param status an enhanced status code (RFC 3463)
  record Bounced(String emailAddress, String reason, String status) {
    Map<String, Object> members() {
      return new Members()
          .put("emailAddress", emailAddress)
          .put("reason", reason)
          .put("status", status)
          .all();
    }
  }

  /// PASS, FAIL, GRAY or PROCESSING_FAILED for each check that was made.
  record Verdicts(
      Optional<String> spam,
      Optional<String> dkim,
      Optional<String> dmarc,
      Optional<String> dmarcPolicy,
      Optional<String> spf) {
    public static Verdicts none() {
      return new Verdicts(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  record OrganizationEmailReceived(
      List<String> recipients,
      String sender,
      Optional<String> from,
      Optional<String> subject,
      String messageId,
      Verdicts verdicts,
      Instant messageTimestamp)
      implements EmailEvent {
    @Override
    public Map<String, Object> members() {
      return new Members()
          .put("eventName", "ORGANIZATION_EMAIL_RECEIVED")
          .put("recipients", recipients)
          .put("sender", sender)
          .put("from", from)
          .put("subject", subject)
          .put("messageId", messageId)
          .put("spamVerdict", verdicts.spam)
          .put("dkimVerdict", verdicts.dkim)
          .put("dmarcVerdict", verdicts.dmarc)
          .put("dmarcPolicy", verdicts.dmarcPolicy)
          .put("spfVerdict", verdicts.spf)
          .put("messageTimestamp", messageTimestamp.toString())
          .all();
    }
  }

  record MailboxEmailDelivered(String recipient, String folder) implements EmailEvent {
    @Override
    public Map<String, Object> members() {
      return new Members()
          .put("eventName", "MAILBOX_EMAIL_DELIVERED")
          .put("recipient", recipient)
          .put("folder", folder)
          .all();
    }
  }

  /// @param ruleType INBOUND_RULE, OUTBOUND_RULE or MAILBOX_RULE
  record RuleApplied(
      String ruleName,
      String ruleType,
      List<RuleAction> ruleActions,
      Optional<String> targetFolder,
      Optional<String> targetRecipient)
      implements EmailEvent {
    public record RuleAction(String action, List<String> recipients) {}

    @Override
    public Map<String, Object> members() {
      return new Members()
          .put("eventName", "RULE_APPLIED")
          .put("ruleName", ruleName)
          .put("ruleType", ruleType)
          .put(
              "ruleActions",
              ruleActions.stream()
                  .map(a ->
                      new Members().put("action", a.action).put("recipients", a.recipients).all())
                  .toList())
          .put("targetFolder", targetFolder)
          .put("targetRecipient", targetRecipient)
          .all();
    }
  }

  record JournalingInitiated(String journalingAddress) implements EmailEvent {
    @Override
    public Map<String, Object> members() {
      return new Members()
          .put("eventName", "JOURNALING_INITIATED")
          .put("journalingAddress", journalingAddress)
          .all();
    }
  }

  record IncomingEmailBounced(Bounced bouncedRecipient) implements EmailEvent {
    @Override
    public Map<String, Object> members() {
      return new Members()
          .put("eventName", "INCOMING_EMAIL_BOUNCED")
          .put("bouncedRecipient", bouncedRecipient.members())
          .all();
    }
  }

  record OutgoingEmailSubmitted(
      List<String> recipients, String sender, Optional<String> from, Optional<String> subject)
      implements EmailEvent {
    @Override
    public Map<String, Object> members() {
      return new Members()
          .put("eventName", "OUTGOING_EMAIL_SUBMITTED")
          .put("recipients", recipients)
          .put("sender", sender)
          .put("from", from)
          .put("subject", subject)
          .all();
    }
  }

  record OutgoingEmailSent(String recipient, String sender, Optional<String> from, String messageId)
      implements EmailEvent {
    @Override
    public Map<String, Object> members() {
      return new Members()
          .put("eventName", "OUTGOING_EMAIL_SENT")
          .put("recipient", recipient)
          .put("sender", sender)
          .put("from", from)
          .put("messageId", messageId)
          .all();
    }
  }

  record OutgoingEmailBounced(Bounced bouncedRecipient) implements EmailEvent {
    @Override
    public Map<String, Object> members() {
      return new Members()
          .put("eventName", "OUTGOING_EMAIL_BOUNCED")
          .put("bouncedRecipient", bouncedRecipient.members())
          .all();
    }
  }

  /// @param policy NONE, QUARANTINE or REJECT
  record DmarcPolicyApplied(String from, List<String> recipients, String policy)
      implements EmailEvent {
    @Override
    public Map<String, Object> members() {
      return new Members()
          .put("eventName", "DMARC_POLICY_APPLIED")
          .put("from", from)
          .put("recipients", recipients)
          .put("policy", policy)
          .all();
    }
  }
}
