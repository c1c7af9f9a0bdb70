package org.mailstead.core.logs;

import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.EntityId;
import org.mailstead.core.access.AccessDecision;
import org.mailstead.core.access.AccessRequest;
import org.mailstead.core.access.LoginAttempt;
import org.mailstead.core.access.LoginListener;
import org.mailstead.core.access.Principal;
import org.mailstead.core.access.Protocol;

/// Puts logins into the authentication log and what the rules said of them into the access control
/// log. An attempt whose address is nobody's belongs to no organization and is in neither.
public final class LoginLog implements LoginListener {
  private static final String SCOPE = "AccessControl";

  private final WorkMailLogs logs;
  private final InstantSource clock;

  public LoginLog(WorkMailLogs logs, InstantSource clock) {
    this.logs = logs;
    this.clock = clock;
  }

  @Override
  public void attempted(LoginAttempt attempt) {
    if (attempt.organization().isEmpty()) return;
    String protocol = attempt.protocol().workMailName();
    String peer = attempt.peer().getHostAddress();
    Optional<String> user = attempt.user().map(EntityId::value);
    // As WorkMail: the web application is not in this log.
    if (attempt.protocol() != Protocol.WEB_MAIL) {
      boolean successful = attempt.outcome().isAuthenticated();
      logs.add(
          new LogRecord.Authentication(
              attempt.time(),
              attempt.organization().get(),
              user,
              attempt.name(),
              protocol,
              peer,
              Optional.empty(),
              "basic",
              successful,
              successful ? Optional.empty() : Optional.of(reason(attempt.outcome())),
              attempt.tokenId()));
    }
    attempt
        .decision()
        .ifPresent(decision ->
            logs.add(
                new LogRecord.AccessControl(
                    attempt.time(),
                    attempt.organization().get(),
                    attempt.actingAs().map(EntityId::value).or(() -> user),
                    attempt.actingAs().flatMap(_ -> user),
                    protocol,
                    peer,
                    SCOPE,
                    decision.rules(),
                    decision.isAllowed())));
  }

  @Override
  public void ended(Principal principal, AccessRequest request, AccessDecision decision) {
    logs.add(
        new LogRecord.AccessControl(
            clock.instant(),
            request.organization(),
            Optional.of(principal.user().value()),
            principal.actor().map(EntityId::value).or(request::impersonationRole),
            request.protocol().workMailName(),
            request.peer().getHostAddress(),
            SCOPE,
            decision.rules(),
            decision.isAllowed()));
  }

  private static String reason(LoginAttempt.Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT);
  }
}
