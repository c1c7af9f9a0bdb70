package org.mailstead.core.logs;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.OrganizationId;

/// One line of a log. No record holds a password, a token or a word of a message's body.
public sealed interface LogRecord {
  LogGroup group();

  OrganizationId organization();

  Instant time();

  /// What the line says beside time, request id and organization: texts, numbers, truth values,
  /// lists and maps of them, by WorkMail's names. An absent value is left out.
  Map<String, Object> members();

  /// A rule decided about a login or a request.
  ///
  /// @param impersonatorId the migration administrator or the role that acted as the user
  /// @param scope AccessControl, DeviceAccessControl or ImpersonationAccessControl
  /// @param ruleIds the rules that matched
  record AccessControl(
      Instant time,
      OrganizationId organization,
      Optional<String> userId,
      Optional<String> impersonatorId,
      String protocol,
      String sourceIp,
      String scope,
      List<String> ruleIds,
      boolean granted)
      implements LogRecord {
    @Override
    public LogGroup group() {
      return LogGroup.ACCESS_CONTROL_LOGS;
    }

    @Override
    public Map<String, Object> members() {
      return new Members()
          .put("user_id", userId)
          .put("impersonator_id", impersonatorId)
          .put("protocol", protocol)
          .put("source_ip", sourceIp)
          .put("scope", scope)
          .put(
              "rule_id",
              ruleIds.isEmpty() ? Optional.empty() : Optional.of(String.join(",", ruleIds)))
          .put("access_granted", granted)
          .all();
    }
  }

  /// Somebody tried to log in.
  ///
  /// @param user the name as it was given
  /// @param failedReason in one word; empty when it succeeded
  record Authentication(
      Instant time,
      OrganizationId organization,
      Optional<String> userId,
      String user,
      String protocol,
      String sourceIp,
      Optional<String> userAgent,
      String method,
      boolean successful,
      Optional<String> failedReason,
      Optional<String> personalAccessTokenId)
      implements LogRecord {
    @Override
    public LogGroup group() {
      return LogGroup.AUTHENTICATION_LOGS;
    }

    @Override
    public Map<String, Object> members() {
      return new Members()
          .put("user_id", userId)
          .put("user", user)
          .put("protocol", protocol)
          .put("source_ip", sourceIp)
          .put("user_agent", userAgent)
          .put("method", method)
          .put("auth_successful", successful)
          .put("auth_failed_reason", failedReason)
          .put("personal_access_token_id", personalAccessTokenId)
          .all();
    }
  }

  /// The free/busy of another system was asked for.
  ///
  /// @param type EWS or LAMBDA
  record AvailabilityProvider(
      Instant time,
      OrganizationId organization,
      String type,
      Optional<String> domain,
      Optional<String> functionArn,
      Optional<String> ewsEndpoint,
      Optional<String> errorMessage,
      boolean successful)
      implements LogRecord {
    @Override
    public LogGroup group() {
      return LogGroup.WORKMAIL_AVAILABILITY_PROVIDER_LOGS;
    }

    @Override
    public Map<String, Object> members() {
      return new Members()
          .put("type", type)
          .put("domain", domain)
          .put("function_arn", functionArn)
          .put("ews_endpoint", ewsEndpoint)
          .put("error_message", errorMessage)
          .put("availability_event_successful", successful)
          .all();
    }
  }

  /// A user did something with a mailbox. One record a command, not one a message: a client that
  /// reads ten thousand flags costs one line.
  ///
  /// @param action read, read_hierarchy, read_summary, create, update, delete, move, copy and so on
  /// @param ownerId whose mailbox
  /// @param objectType Folder, Message or Attachment
  record MailboxAccess(
      Instant time,
      OrganizationId organization,
      String userId,
      Optional<String> impersonatorId,
      String protocol,
      String sourceIp,
      Optional<String> userAgent,
      String action,
      Optional<String> ownerId,
      String objectType,
      Optional<String> itemId,
      Optional<String> folderPath,
      Optional<String> folderId,
      boolean allowed)
      implements LogRecord {
    @Override
    public LogGroup group() {
      return LogGroup.WORKMAIL_MAILBOX_ACCESS_LOGS;
    }

    @Override
    public Map<String, Object> members() {
      return new Members()
          .put("user_id", userId)
          .put("impersonator_id", impersonatorId)
          .put("protocol", protocol)
          .put("source_ip", sourceIp)
          .put("user_agent", userAgent)
          .put("action", action)
          .put("owner_id", ownerId)
          .put("object_type", objectType)
          .put("item_id", itemId)
          .put("folder_path", folderPath)
          .put("folder_id", folderId)
          .put("action_allowed", allowed)
          .all();
    }
  }

  /// A personal access token was made or removed.
  ///
  /// @param action create or delete
  record PersonalAccessToken(
      Instant time,
      OrganizationId organization,
      String userId,
      String user,
      String protocol,
      String sourceIp,
      Optional<String> userAgent,
      String action,
      String name,
      Optional<Instant> expires,
      List<String> scopes)
      implements LogRecord {
    @Override
    public LogGroup group() {
      return LogGroup.WORKMAIL_PERSONAL_ACCESS_TOKEN_LOGS;
    }

    @Override
    public Map<String, Object> members() {
      return new Members()
          .put("user_id", userId)
          .put("user", user)
          .put("protocol", protocol)
          .put("source_ip", sourceIp)
          .put("user_agent", userAgent)
          .put("action", action)
          .put("name", name)
          .put("expires_time", expires.map(Instant::toString))
          .put("scopes", scopes)
          .all();
    }
  }

  /// Something became of a message.
  ///
  /// @param traceId the same for all events of a message
  record Email(Instant time, OrganizationId organization, String traceId, EmailEvent event)
      implements LogRecord {
    @Override
    public LogGroup group() {
      return LogGroup.EMAIL_EVENTS;
    }

    @Override
    public Map<String, Object> members() {
      return new Members().put("traceId", traceId).put("event", event.members()).all();
    }
  }

  /// Collects members in order, without the absent ones.
  final class Members {
    private final Map<String, Object> all = new LinkedHashMap<>();

    Members put(String name, Object value) {
      if (value instanceof Optional<?> optional) {
        optional.ifPresent(present -> all.put(name, present));
      } else {
        all.put(name, value);
      }
      return this;
    }

    Map<String, Object> all() {
      return all;
    }
  }
}
