package org.mailstead.mailflow.spf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.mailstead.mailflow.TestDns;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.dns.DnsSettings;
import org.xbill.DNS.Rcode;

/// Policies and what they come to. `spf/vectors.txt` holds ours, written from RFC 7208; the system
/// property `spf.vectors` names another file in the same form, such as the public OpenSPF suite
/// converted.
///
/// A file is a list of scenarios; in each, `zone` lines (name, type, value; tabs between) come
/// before `test` lines (name, peer, HELO, MAIL FROM, results that are right, explanation).
class SpfVectorsTest {
  @TestFactory
  List<DynamicTest> vectors() throws IOException {
    String other = System.getProperty("spf.vectors", "");
    if (!other.isEmpty()) return read(Files.readString(Path.of(other)));
    try (InputStream in = SpfVectorsTest.class.getResourceAsStream("/spf/vectors.txt")) {
      return read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static List<DynamicTest> read(String file) {
    List<DynamicTest> tests = new ArrayList<>();
    List<String[]> zone = new ArrayList<>();
    boolean testing = false;
    for (String line : file.split("\n")) {
      if (line.isBlank() || line.startsWith("#")) continue;
      String[] fields = line.split("\t", -1);
      if (fields[0].equals("zone")) {
        if (testing) zone = new ArrayList<>();
        testing = false;
        zone.add(fields);
      } else {
        testing = true;
        List<String[]> records = zone;
        tests.add(DynamicTest.dynamicTest(fields[1], () -> run(records, fields)));
      }
    }
    assertThat(tests).isNotEmpty();
    return tests;
  }

  private static void run(List<String[]> zone, String[] test) {
    try (TestDns dns = new TestDns()) {
      for (String[] record : zone) add(dns, record[1], record[2], record[3]);
      DnsResolver resolver =
          new DnsResolver(
              DnsSettings.standard().withResolver(dns.address(), Duration.ofSeconds(2)),
              InstantSource.system());
      InetAddress peer = InetAddress.ofLiteral(test[2]);
      String from = test[4];
      int at = from.lastIndexOf('@');
      SpfQuery query =
          from.isEmpty()
              ? SpfQuery.ofHelo(peer, test[3], "receiver.example", InstantSource.system())
              : SpfQuery.ofMailFrom(
                  peer,
                  at < 0 ? "" : from.substring(0, at),
                  from.substring(at + 1),
                  test[3],
                  "receiver.example",
                  InstantSource.system());
      SpfResult result = new SpfEvaluator(resolver).check(query, DnsBudget.ofMessage());
      assertThat(result.verdict().word()).as("%s", result).isIn(Arrays.asList(test[5].split(",")));
      if (test.length > 6 && !test[6].isEmpty()) {
        assertThat(result.explanation().orElse("DEFAULT")).isEqualTo(test[6]);
      }
    }
  }

  private static void add(TestDns dns, String name, String type, String value) {
    switch (type) {
      case "TXT" -> dns.txt(name, Arrays.asList(value.replace("\\n", "\n").split("\u0001", -1)));
      case "A", "AAAA" -> dns.address(name, value);
      case "MX" -> {
        String[] parts = value.split(" ", -1);
        dns.mx(name, Integer.parseInt(parts[0]), parts[1].isEmpty() ? "." : parts[1]);
      }
      case "PTR" -> dns.ptr(address(name), value);
      case "CNAME" -> dns.cname(name, value);
      case "TIMEOUT" -> dns.fail(name, Rcode.SERVFAIL);
      default -> throw new IllegalArgumentException(type);
    }
  }

  /// `4.3.2.1.in-addr.arpa` or the address itself.
  private static String address(String name) {
    if (!name.endsWith(".arpa")) return name;
    List<String> labels = new ArrayList<>(Arrays.asList(name.split("\\.")));
    boolean six = labels.get(labels.size() - 2).equals("ip6");
    labels = labels.subList(0, labels.size() - 2).reversed();
    if (!six) return String.join(".", labels);
    var text = new StringBuilder();
    for (int i = 0; i < labels.size(); i++) {
      if (i > 0 && i % 4 == 0) text.append(':');
      text.append(labels.get(i));
    }
    return text.toString();
  }
}
