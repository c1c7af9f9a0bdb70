package org.mailstead.core.spam;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;

final class MessageTokensTest {
  private static final Duration SOON = Duration.ofSeconds(3);

  private static MessageTokens tokens(byte[] message) {
    return Assertions.assertTimeout(
        SOON,
        () -> {
          try (Content content = Content.of(message)) {
            return MessageTokens.of(content);
          }
        });
  }

  private static MessageTokens tokens(String message) {
    return tokens(message.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void knowsSubjectAuthorTextAndLinks() {
    var found =
        tokens(
                "From: \"Eva Muster\" <Eva@Mail.Example.com>\r\nSubject: =?utf-8?q?K=C3=A4se_billig?=\r\n"
                    + "Content-Type: text/html; charset=utf-8\r\n\r\n"
                    + "<p>Don't pay $99.95!</p><a href=\"http://shop.example.net/x\">here</a>\r\n")
            .words();
    assertThat(found)
        .contains(
            "subject:kase",
            "subject:billig",
            "from:eva",
            "from:eva@mail.example.com",
            "from:@example.com",
            "don't",
            "pay",
            "$99.95!",
            "here",
            "link:@shop.example.net",
            "link:@example.net",
            "part:text/html",
            "charset:utf-8")
        .doesNotContain("href");
  }

  @Test
  void decodesWhatIsEncodedAndPairsScriptsWithoutSpaces() {
    var found =
        tokens(
                "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                    + java.util.Base64.getMimeEncoder()
                        .encodeToString("free money 免费中奖".getBytes(StandardCharsets.UTF_8)))
            .words();
    assertThat(found).contains("free", "money", "免费", "费中", "中奖");
  }

  @Test
  void isBoundedWhateverComes() {
    var random = new Random(1);
    byte[] noise = new byte[2 << 20];
    random.nextBytes(noise);
    List<byte[]> hostile =
        List.of(
            octets("Subject: x\r\n\r\n" + "a".repeat(10 << 20)),
            octets("Subject: x\r\n\r\n" + "a.".repeat(5 << 20)),
            octets("Subject: x\r\n\r\n" + "://".repeat(1 << 20)),
            octets("Subject: " + "a ".repeat(1 << 20) + "\r\n\r\n"),
            octets("X-Flood: y\r\n".repeat(300_000) + "\r\nbody"),
            octets("From: " + "<a@b.example>, ".repeat(200_000) + "\r\n\r\n"),
            octets("Content-Type: text/html\r\n\r\n" + "<a".repeat(3 << 20)),
            octets("Content-Type: text/plain; charset=\0nonsense\0\r\n\r\n\0\0\0text\0"),
            octets("Content-Type: text/plain; charset=utf-16\r\n\r\nabc"),
            octets("Subject: =?x-none?b?====?= =?utf-8?q?=ZZ?=\r\n\r\n"),
            octets(nested(5_000)),
            new byte[4 << 20],
            new byte[0],
            noise);
    for (byte[] message : hostile) {
      assertThat(tokens(message).count()).isLessThanOrEqualTo(SpamLimits.TOKENS_MAX);
    }
    var words = new StringBuilder("Subject: x\r\n\r\n");
    for (int i = 0; i < 100_000; i++) words.append("w").append(i).append(' ');
    assertThat(tokens(words.toString()).count()).isEqualTo(SpamLimits.TOKENS_MAX);
  }

  private static String nested(int depth) {
    var out = new StringBuilder();
    for (int i = 0; i < depth; i++) {
      out.append("Content-Type: multipart/mixed; boundary=b")
          .append(i)
          .append("\r\n\r\n--b")
          .append(i)
          .append("\r\n");
    }
    return out.append("\r\ntext").toString();
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
