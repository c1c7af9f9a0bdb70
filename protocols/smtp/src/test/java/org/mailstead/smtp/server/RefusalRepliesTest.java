package org.mailstead.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.smtp.wire.SmtpReply;

final class RefusalRepliesTest {
  @Test
  void everyRefusalHasAReplyWhoseEnhancedCodeIsOfTheSameClass() {
    for (Refusal refusal : Refusal.values()) {
      SmtpReply reply = RefusalReplies.of(new RefusedException(refusal, "no"));
      assertThat(reply.code()).isGreaterThanOrEqualTo(400);
      assertThat(reply.enhancedCode().orElseThrow())
          .startsWith(Integer.toString(reply.code() / 100));
    }
    assertThat(RefusalReplies.of(new RefusedException(Refusal.OVER_QUOTA, "full")))
        .isEqualTo(SmtpReply.of(552, "5.2.2", "full"));
    assertThat(RefusalReplies.of(new RefusedException(Refusal.TOO_LARGE, "big")))
        .isEqualTo(SmtpReply.of(552, "5.3.4", "big"));
    assertThat(RefusalReplies.of(new RefusedException(Refusal.NOT_FOUND, "who")))
        .isEqualTo(SmtpReply.of(550, "5.1.1", "who"));
  }

  @Test
  void aRefusalsTextCannotForgeAReply() {
    var reply =
        RefusalReplies.of(new RefusedException(Refusal.INVALID, "no\r\n250 2.0.0 yes\0ü", "log"));
    assertThat(reply.toString()).isEqualTo("501 5.5.4 no  250 2.0.0 yes ?");
    assertThat(RefusalReplies.of(new RefusedException(Refusal.INVALID, "x".repeat(5000))).text())
        .hasSize(400);
    assertThat(RefusalReplies.of(new RefusedException(Refusal.INVALID, "")).text())
        .isEqualTo("refused");
  }

  @Test
  void aFullDiskIsToldFromOtherTroubleAndNoCauseIsShown() {
    var second = Duration.ofSeconds(1);
    assertThat(
            RefusalReplies.of(
                    new UnavailableException(
                        "cannot spool", second, new IOException("No space left on device")))
                .toString())
        .startsWith("452 4.3.1 ")
        .doesNotContain("device");
    assertThat(
            RefusalReplies.of(new UnavailableException("disk /data/x is broken", second))
                .toString())
        .startsWith("451 4.3.0 ")
        .doesNotContain("/data");
  }
}
