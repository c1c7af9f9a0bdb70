package org.mailstead.smtp.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.smtp.wire.MailFrom.BodyKind;
import org.mailstead.smtp.wire.MailFrom.DsnReturn;
import org.mailstead.smtp.wire.RcptTo.Notify;
import org.mailstead.smtp.wire.RcptTo.OriginalRecipient;

final class CommandParserTest {
  private static SmtpCommand parse(String line) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    return CommandParser.parse(bytes, 0, bytes.length);
  }

  @Test
  void aMailCommandWithEveryParameter() {
    assertThat(
            parse(
                "mail from:<@x,@y:a@EXAMPLE.com> size=12 body=8bitmime smtputf8 ret=hdrs"
                    + " envid=a+2Bb auth=<>"))
        .isEqualTo(
            new SmtpCommand.Mail(
                new MailFrom(
                    Optional.of(new EmailAddress("a", "example.com")),
                    java.util.OptionalLong.of(12),
                    BodyKind.EIGHT_BIT_MIME,
                    true,
                    Optional.of(DsnReturn.HEADERS),
                    Optional.of("a+b"))));
    assertThat(parse("MAIL FROM:<>"))
        .isEqualTo(new SmtpCommand.Mail(MailFrom.of(Optional.empty())));
  }

  @Test
  void aRecipientWithEveryParameter() {
    assertThat(
            parse(
                "RCPT TO:<\"a b\"@[IPv6:::1]> NOTIFY=success,DELAY ORCPT=RFC822;x+20y@example.org"))
        .isEqualTo(
            new SmtpCommand.Rcpt(
                Optional.of(new EmailAddress("a b", "[IPv6:::1]")),
                Set.of(Notify.SUCCESS, Notify.DELAY),
                Optional.of(new OriginalRecipient("rfc822", "x y@example.org"))));
    assertThat(parse("RCPT TO:<POSTMASTER>"))
        .isEqualTo(new SmtpCommand.Rcpt(Optional.empty(), Set.of(), Optional.empty()));
  }

  @Test
  void failuresAreReportedUnlessNotifySaysOtherwise() {
    var to = new EmailAddress("a", "b");
    assertThat(RcptTo.of(to).isFailureReported()).isTrue();
    assertThat(new RcptTo(to, Set.of(Notify.NEVER), Optional.empty()).isFailureReported())
        .isFalse();
    assertThat(new RcptTo(to, Set.of(Notify.DELAY), Optional.empty()).isFailureReported())
        .isFalse();
  }

  @Test
  void chunksAndLoginsAreRead() {
    assertThat(parse("BDAT 1000")).isEqualTo(new SmtpCommand.Bdat(1000, false));
    assertThat(parse("bdat  0  last ")).isEqualTo(new SmtpCommand.Bdat(0, true));
    assertThat(parse("BDAT 99999999999999999999"))
        .isEqualTo(new SmtpCommand.Bdat(Long.MAX_VALUE, false));
    assertThat(parse("auth plain AGE="))
        .isEqualTo(new SmtpCommand.Auth("PLAIN", Optional.of("AGE=")));
    for (String bad : new String[] {"BDAT", "BDAT -1", "BDAT 1 FIRST", "BDAT 1 LAST x", "AUTH"}) {
      assertThatThrownBy(() -> parse(bad)).isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void anyAddressThatIsWrittenIsReadBackTheSame() {
    long seed = new Random().nextLong();
    System.out.println("anyAddressThatIsWrittenIsReadBackTheSame: seed " + seed);
    var random = new Random(seed);
    String characters = "abcXYZ019.!#$%&'*+-/=?^_`{|}~ \"\\<>()[],;:@äδ漢";
    String[] domains = {
      "example.org", "a", "x_y.example", "bücher.example", "[192.0.2.1]", "[ipv6:2001:db8::1]"
    };
    for (int i = 0; i < 20_000; i++) {
      var local = new StringBuilder();
      int length = 1 + random.nextInt(15);
      for (int j = 0; j < length; j++) {
        local.append(characters.charAt(random.nextInt(characters.length())));
      }
      var address = new EmailAddress(local.toString(), domains[random.nextInt(domains.length)]);
      var command = parse("RCPT TO:<" + PathText.write(address) + "> NOTIFY=NEVER");
      if (!(command instanceof SmtpCommand.Rcpt rcpt)) throw new AssertionError(command);
      if (rcpt.address().isEmpty()) {
        assertThat(address.local()).isEqualToIgnoringCase("postmaster");
        continue;
      }
      assertThat(rcpt.address().get().local()).isEqualTo(address.local());
      assertThat(rcpt.address().get().domain()).isEqualTo(address.domain());
      assertThat(rcpt.notifications()).containsExactly(Notify.NEVER);
    }
  }

  @Test
  void anyTextSurvivesXtext() {
    long seed = new Random().nextLong();
    System.out.println("anyTextSurvivesXtext: seed " + seed);
    var random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      var text = new StringBuilder();
      for (int j = random.nextInt(20); j > 0; j--) text.append((char) (' ' + random.nextInt(0x5F)));
      text.append("é+=");
      String encoded = XText.encode(text.toString());
      assertThat(encoded).matches("[!-~]*").doesNotContain("=");
      assertThat(XText.decode(encoded)).isEqualTo(text.toString());
    }
    for (String bad : new String[] {"+", "+4", "+4g", "+4a", "a=b", "a b", "+0A", "+00", "+FF"}) {
      assertThatThrownBy(() -> XText.decode(bad)).isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void anyOctetsAreACommandOrMalformedAndNothingElse() {
    long seed = new Random().nextLong();
    System.out.println("anyOctetsAreACommandOrMalformedAndNothingElse: seed " + seed);
    var random = new Random(seed);
    List<String> seeds = new ArrayList<>();
    seeds.add(
        "MAIL FROM:<@a,@b:\"x\\\"y\"@[IPv6:2001:db8::1]> SIZE=1 BODY=8BITMIME SMTPUTF8 RET=FULL");
    seeds.add("RCPT TO:<user@example.org> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a+2Bb@example.org");
    seeds.add("BDAT 12345678901234567890 LAST");
    seeds.add("AUTH PLAIN AGFsaWNlAHNlY3JldA==");
    seeds.add("EHLO [IPv6:::1]");
    seeds.add("VRFY <\"x\"@y>");
    int parsed = 0;
    int malformed = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = seeds.get(random.nextInt(seeds.size())).getBytes(StandardCharsets.UTF_8);
      bytes = java.util.Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length + 3));
      for (int j = random.nextInt(4); j > 0; j--) {
        bytes[random.nextInt(bytes.length)] =
            random.nextBoolean()
                ? (byte) random.nextInt(256)
                : (byte) "<>@:;,\"\\ =+[].".charAt(random.nextInt(14));
      }
      try {
        var command = CommandParser.parse(bytes, 0, bytes.length);
        assertThat(command).isNotNull();
        parsed++;
      } catch (MalformedException e) {
        assertThat(e.getMessage()).matches("[ -~]+");
        malformed++;
      }
    }
    assertThat(parsed).isGreaterThan(1000);
    assertThat(malformed).isGreaterThan(1000);
  }
}
