package org.mailstead.mailflow.dkim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.mailflow.TestDns;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.dns.DnsSettings;

/// What dkimpy (Debian's python3-dkim) signs verifies here, and the other way round.
class DkimPyTest {
  private static final String MESSAGE =
      "From: anna@ours.example\r\nTo: bob@far.example\r\nSubject: Gr\u00fc\u00dfe  und\r\n\t mehr\r\n\r\n"
          + "one\ttwo  three \r\n\r\n.dots\r\n\r\n\r\n";

  @BeforeAll
  static void available() throws Exception {
    boolean present = false;
    try {
      present = run("import dkim, nacl.signing", "").exit() == 0;
    } catch (IOException e) {
      // No python at all.
    }
    assumeTrue(present, "skipped: Debian's python3-dkim and python3-nacl are not installed");
  }

  @Test
  void whatItSignsVerifiesHere() throws Exception {
    KeyPair rsa = TestKeys.rsa(2048);
    KeyPair ed = TestKeys.ed25519();
    for (String forms :
        List.of("simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed")) {
      String[] form = forms.split("/");
      for (KeyPair pair : List.of(rsa, ed)) {
        boolean isRsa = pair == rsa;
        String script =
            "import sys, dkim\nm = sys.stdin.buffer.read()\n"
                + "sys.stdout.buffer.write(dkim.sign(m, b's', b'ours.example', "
                + (isRsa ? "b'''" + TestKeys.pem(pair) + "'''" : "b'" + seed(pair) + "'")
                + ", canonicalize=(b'"
                + form[0]
                + "', b'"
                + form[1]
                + "'), signature_algorithm=b'"
                + (isRsa ? "rsa-sha256" : "ed25519-sha256")
                + "'))";
        Ran signed = run(script, MESSAGE);
        assertThat(signed.exit()).as(signed.output()).isZero();
        try (TestDns dns =
            new TestDns().txt("s._domainkey.ours.example", TestKeys.record(pair.getPublic()))) {
          List<DkimResult> results =
              new DkimVerifier(new KeyLookup(resolver(dns)), InstantSource.system())
                  .verify(message(signed.output() + MESSAGE), List.of(), DnsBudget.ofMessage());
          assertThat(results)
              .as("%s %s", forms, results)
              .extracting(DkimResult::verdict)
              .containsExactly(DkimVerdict.PASS);
        }
      }
    }
  }

  @Test
  void whatWeSignVerifiesThere() throws Exception {
    for (KeyPair pair : List.of(TestKeys.rsa(2048), TestKeys.ed25519())) {
      SigningAlgorithm algorithm =
          pair.getPublic().getAlgorithm().equals("RSA")
              ? SigningAlgorithm.RSA_SHA256
              : SigningAlgorithm.ED25519_SHA256;
      SigningKey key = new SigningKey("ours.example", "s", algorithm, pair.getPrivate());
      String signature =
          new DkimSigner(InstantSource.system()).sign(message(MESSAGE), List.of(key));
      String script =
          "import sys, dkim\nm = sys.stdin.buffer.read()\n"
              + "print(dkim.verify(m, dnsfunc=lambda name, **more: b'"
              + TestKeys.record(pair.getPublic())
              + "'))";
      Ran ran = run(script, signature + MESSAGE);
      assertThat(ran.output()).contains("True");
    }
  }

  private static String seed(KeyPair pair) {
    byte[] encoded = pair.getPrivate().getEncoded();
    return Base64.getEncoder()
        .encodeToString(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
  }

  private static SignedMessage message(String text) {
    return SignedMessage.of(Content.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static DnsResolver resolver(TestDns dns) {
    return new DnsResolver(
        DnsSettings.standard().withResolver(dns.address(), Duration.ofSeconds(2)),
        InstantSource.system());
  }

  private record Ran(int exit, String output) {}

  private static Ran run(String script, String input) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("/usr/bin/python3", "-c", script));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var out = process.getOutputStream()) {
      out.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Ran(process.exitValue(), output);
  }
}
