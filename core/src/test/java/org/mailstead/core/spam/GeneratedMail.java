package org.mailstead.core.spam;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.mailstead.base.Content;

/// Mail of two sorts that share most of their words, from a seed.
public final class GeneratedMail {
  private static final int COMMON = 3_000;
  private static final int OWN = 400;

  private final Random random;

  public GeneratedMail(long seed) {
    this.random = new Random(seed);
  }

  public String message(boolean isSpam) {
    var body = new StringBuilder();
    int words = 40 + random.nextInt(160);
    for (int i = 0; i < words; i++) {
      // One word in five is of the sort; of these one in five is the other's.
      boolean own = random.nextInt(5) == 0;
      boolean sort = own && random.nextInt(5) == 0 ? !isSpam : isSpam;
      body.append(
          own ? (sort ? "pill" : "work") + letters(zipf(OWN)) : "word" + letters(zipf(COMMON)));
      body.append(i % 12 == 11 ? "\r\n" : " ");
    }
    String from =
        isSpam
            ? "seller" + random.nextInt(5_000) + "@shop" + random.nextInt(900) + ".example"
            : "colleague" + random.nextInt(40) + "@partner" + random.nextInt(15) + ".example";
    return "From: <"
        + from
        + ">\r\nTo: <anna@example.test>\r\nSubject: "
        + (isSpam ? "offer" : "notes")
        + letters(random.nextInt(60))
        + "\r\nDate: Fri, 1 Jan 2027 00:00:00 +0000\r\nMessage-ID: <"
        + random.nextLong()
        + "@client.example>\r\n\r\n"
        + body
        + "\r\n";
  }

  public MessageTokens tokens(boolean isSpam) {
    return tokens(message(isSpam));
  }

  static MessageTokens tokens(String message) {
    try (Content content = Content.of(message.getBytes(StandardCharsets.UTF_8))) {
      return MessageTokens.of(content);
    }
  }

  private int zipf(int count) {
    return (int) (count * Math.pow(random.nextDouble(), 2.5));
  }

  private static String letters(int number) {
    var out = new StringBuilder();
    for (int rest = number; out.length() < 4; rest /= 26) out.append((char) ('a' + rest % 26));
    return out.toString();
  }
}
