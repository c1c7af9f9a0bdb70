package org.mailstead.migration.imap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.imap.wire.ImapResponse;
import org.mailstead.migration.item.WriteResult;

/// The words in which providers ask to slow down, as they are documented or were reported.
final class ImapFailuresTest {
  private static ImapResponse.Status status(String word, String code, String text) {
    return new ImapResponse.Status(Optional.of("m1"), word, code, text);
  }

  @Test
  void exchangeSaysHowLong() {
    assertThat(
            ImapFailures.throttled(
                status(
                    "BAD",
                    "",
                    "Request is throttled. Suggested Backoff Time: 299961 milliseconds")))
        .contains(Duration.ofMillis(299_961));
    // A wait of days is not believed.
    assertThat(
            ImapFailures.throttled(
                status("BAD", "", "Suggested Backoff Time: 999999999 milliseconds")))
        .contains(Duration.ofHours(1));
  }

  /// Gmail's bandwidth limits count by the day; the others pass sooner.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NO|OVERQUOTA|Account exceeded command or bandwidth limits. (Failure)|600",
        "NO|ALERT|Account exceeded command or bandwidth limits. (Failure)|600",
        "BYE||Account exceeded command or bandwidth limits. 33if34|600",
        "NO|ALERT|Too many simultaneous connections. (Failure)|15",
        "NO|THROTTLED|Too many requests|15",
        "NO|UNAVAILABLE|Temporary System Error|15",
        "NO|INUSE|Mailbox is locked|15",
        "NO||Server Unavailable. 15|15",
        "BYE||Connection is closed. 13|15",
        "NO||Service temporarily unavailable, try again later|15",
        "BYE||Too many connections from this address|15",
        "NO|LIMIT|Rate exceeded|15",
        "NO||[UNAVAILABLE] Maximum number of connections from user+IP exceeded|15"
      })
  void theWordsOfProvidersMeanWait(String word, String code, String text, long seconds) {
    assertThat(ImapFailures.throttled(status(word, code == null ? "" : code, text)))
        .contains(Duration.ofSeconds(seconds));
    assertThatThrownBy(() ->
            ImapFailures.throwIfThrottled("fetch", status(word, code == null ? "" : code, text)))
        .isInstanceOf(UnavailableException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NO|TRYCREATE|Mailbox does not exist",
        "NO|OVERQUOTA|Quota exceeded (mailbox for user is full)",
        "NO|TOOBIG|Message exceeded fixed maximum message size",
        "NO|AUTHENTICATIONFAILED|Invalid credentials (Failure)",
        "BAD||Command Argument Error. 12"
      })
  void whatIsMeantForGoodIsNoThrottling(String word, String code, String text) {
    assertThat(ImapFailures.throttled(status(word, code == null ? "" : code, text))).isEmpty();
  }

  @Test
  void aFullMailboxIsToldFromAThrottledAccount() {
    assertThat(
            ImapFailures.appendRefused(status("NO", "OVERQUOTA", "Quota exceeded (mailbox full)")))
        .isEqualTo(WriteResult.Reason.OVER_QUOTA);
  }

  @Test
  void aLoginThatIsThrottledIsNotWrong() {
    assertThat(ImapFailures.loginRefused(status("NO", "UNAVAILABLE", "try again")))
        .isInstanceOf(UnavailableException.class);
    assertThat(ImapFailures.loginRefused(status("NO", "AUTHENTICATIONFAILED", "wrong")))
        .isInstanceOf(RefusedException.class);
  }
}
