package org.mailstead.smtp.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.mailstead.base.MalformedException;

final class ReplyReaderTest {
  @Test
  void enhancedCodesAreTakenOffEveryLine() {
    assertThat(ReplyReader.parse(List.of("550-5.1.1 first", "550 5.1.1 second")))
        .isEqualTo(new SmtpReply(550, Optional.of("5.1.1"), List.of("first", "second")));
    assertThat(ReplyReader.parse(List.of("250 2.0.0")))
        .isEqualTo(new SmtpReply(250, Optional.of("2.0.0"), List.of("")));
    assertThat(ReplyReader.parse(List.of("250"))).isEqualTo(SmtpReply.plain(250, ""));
    // RFC 2034 §4: another class is not an enhanced code.
    assertThat(ReplyReader.parse(List.of("250 5.1.1 odd")))
        .isEqualTo(SmtpReply.plain(250, "5.1.1 odd"));
    assertThat(ReplyReader.parse(List.of("250 2.0.0x"))).isEqualTo(SmtpReply.plain(250, "2.0.0x"));
  }

  @Test
  void whatIsNoReplyIsMalformed() {
    for (var lines :
        List.of(
            List.of(""),
            List.of("25"),
            List.of("abc hello"),
            List.of("100 early"),
            List.of("999 late"),
            List.of("250_x"),
            List.of("250-a", "251 b"))) {
      assertThatThrownBy(() -> ReplyReader.parse(lines)).isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void controlAndForeignCharactersInRepliesAreMadeHarmless() {
    assertThat(ReplyReader.parse(List.of("550 a\u0007b\u00e4\rc")).text()).isEqualTo("a?b??c");
    assertThatThrownBy(() -> SmtpReply.plain(250, "a\r\nb"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void extensionsAreReadWithTheirParameters() {
    var extensions =
        Extensions.parse(
            new SmtpReply(
                250,
                Optional.empty(),
                List.of("host", "pipelining", "SIZE 1000", "AUTH=LOGIN", "AUTH PLAIN login", "")));
    assertThat(extensions.isOffered("PIPELINING")).isTrue();
    assertThat(extensions.isOffered("HOST")).isFalse();
    assertThat(extensions.sizeMax()).isEqualTo(OptionalLong.of(1000));
    assertThat(extensions.mechanisms()).containsExactlyInAnyOrder("PLAIN", "LOGIN");
    assertThat(Extensions.none().sizeMax()).isEmpty();
  }
}
