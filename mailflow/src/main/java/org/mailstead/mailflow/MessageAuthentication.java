package org.mailstead.mailflow;

import java.net.IDN;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.formats.mime.AddressParser;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.formats.mime.MimeAddress;
import org.mailstead.mailflow.arc.ArcResult;
import org.mailstead.mailflow.arc.ArcVerifier;
import org.mailstead.mailflow.authres.AuthenticationResults;
import org.mailstead.mailflow.authres.ReceivedSpf;
import org.mailstead.mailflow.dkim.DkimResult;
import org.mailstead.mailflow.dkim.DkimVerifier;
import org.mailstead.mailflow.dkim.KeyLookup;
import org.mailstead.mailflow.dkim.SignedMessage;
import org.mailstead.mailflow.dmarc.DmarcEvaluator;
import org.mailstead.mailflow.dmarc.DmarcPolicy;
import org.mailstead.mailflow.dmarc.DmarcResult;
import org.mailstead.mailflow.dmarc.DmarcVerdict;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.spf.SpfEvaluator;
import org.mailstead.mailflow.spf.SpfQuery;
import org.mailstead.mailflow.spf.SpfResult;

/// Checks who a message from outside is really from, in the thread of the session that brings it
/// and before anything of it is stored. Nothing is locked meanwhile; SPF, DKIM and DMARC have a
/// [DnsBudget] each, so that a sender's maze for one of them does not starve the next.
final class MessageAuthentication {
  private static final String RESULTS = "Authentication-Results";

  private final String hostname;
  private final AuthenticationSettings settings;
  private final SpfEvaluator spf;
  private final DkimVerifier dkim;
  private final DmarcEvaluator dmarc;
  private final ArcVerifier arc;
  private final InstantSource clock;

  MessageAuthentication(
      String hostname, AuthenticationSettings settings, DnsResolver dns, InstantSource clock) {
    this.hostname = hostname;
    this.settings = settings;
    this.spf = new SpfEvaluator(dns);
    KeyLookup keys = new KeyLookup(dns);
    this.dkim = new DkimVerifier(keys, clock);
    this.dmarc = new DmarcEvaluator(dns);
    this.arc = new ArcVerifier(keys);
    this.clock = clock;
  }

  /// Whether mail from there is checked at all.
  boolean isChecked(InetAddress peer) {
    return settings.isChecked(peer);
  }

  Authenticated check(
      InetAddress peer, String helo, Optional<EmailAddress> reversePath, Content content) {
    DnsBudget spfBudget = DnsBudget.ofMessage();
    SpfResult heloResult = spf.check(SpfQuery.ofHelo(peer, helo, hostname, clock), spfBudget);
    // RFC 7208 §2.4: a report comes from nobody but the host that sends it.
    SpfResult counted =
        reversePath.isEmpty()
            ? heloResult
            : spf.check(
                SpfQuery.ofMailFrom(
                    peer,
                    reversePath.get().local(),
                    ascii(reversePath.get().domain()).orElse(reversePath.get().domain()),
                    helo,
                    hostname,
                    clock),
                spfBudget);
    SignedMessage message = SignedMessage.of(content);
    List<String> authors = authors(message);
    DnsBudget keyBudget = DnsBudget.ofMessage();
    List<DkimResult> signatures = dkim.verify(message, authors, keyBudget);
    ArcResult chain = arc.verify(message, keyBudget);
    DmarcResult policy = dmarc.evaluate(authors, counted, signatures, DnsBudget.ofMessage());
    boolean excused =
        policy.verdict() == DmarcVerdict.FAIL
            && chain.isVouchedBy(settings.trustedSealers(), policy.author());
    String sender = reversePath.map(EmailAddress::toString).orElse("postmaster@" + helo);
    String fields =
        results(heloResult, counted, reversePath, helo, signatures, policy, chain, excused).field()
            + ReceivedSpf.field(
                counted, hostname, peer, sender, helo, reversePath.isEmpty() ? "helo" : "mailfrom");
    return new Authenticated(heloResult, counted, signatures, policy, chain, excused, fields);
  }

  /// Domains of From in their ASCII form, each once.
  static List<String> authors(SignedMessage message) {
    Set<String> domains = new LinkedHashSet<>();
    for (HeaderFields.Field field : message.fields("From")) {
      for (MimeAddress address : AddressParser.parse(message.value(field))) {
        address
            .host()
            .filter(host -> !host.isEmpty())
            .flatMap(MessageAuthentication::ascii)
            .ifPresent(domains::add);
      }
    }
    return List.copyOf(domains);
  }

  /// Fields that claim to be our words (RFC 8601 §5): forged, whatever they say.
  List<HeaderFields.Field> forged(MessageHeader header) {
    List<HeaderFields.Field> found = new ArrayList<>();
    for (HeaderFields.Field field : header.findFields(RESULTS)) {
      Optional<String> server = AuthenticationResults.server(header.value(field));
      if (server.isPresent() && server.get().equalsIgnoreCase(hostname)) found.add(field);
    }
    return found;
  }

  /// What our own words in a message that we took in earlier say that DMARC wants done with it.
  Optional<DmarcPolicy> wanted(MessageHeader header) {
    for (HeaderFields.Field field : header.findFields(RESULTS)) {
      Optional<AuthenticationResults> parsed = AuthenticationResults.parse(header.value(field));
      if (parsed.isEmpty() || !parsed.get().server().equalsIgnoreCase(hostname)) continue;
      for (AuthenticationResults.Result result : parsed.get().results()) {
        if (!result.method().equals("dmarc") || !result.word().equals("fail")) continue;
        String wanted = result.properties().getOrDefault("policy.dmarc", "none");
        return switch (wanted) {
          case "quarantine" -> Optional.of(DmarcPolicy.QUARANTINE);
          case "reject" -> Optional.of(DmarcPolicy.REJECT);
          default -> Optional.empty();
        };
      }
    }
    return Optional.empty();
  }

  private AuthenticationResults results(
      SpfResult heloResult,
      SpfResult counted,
      Optional<EmailAddress> reversePath,
      String helo,
      List<DkimResult> signatures,
      DmarcResult policy,
      ArcResult chain,
      boolean excused) {
    List<AuthenticationResults.Result> all = new ArrayList<>();
    all.add(
        new AuthenticationResults.Result(
            "spf", heloResult.verdict().word(), "", Map.of("smtp.helo", helo)));
    reversePath.ifPresent(from ->
        all.add(
            new AuthenticationResults.Result(
                "spf",
                counted.verdict().word(),
                counted.reason(),
                Map.of("smtp.mailfrom", from.toString()))));
    if (signatures.isEmpty()) {
      all.add(new AuthenticationResults.Result("dkim", "none", "", Map.of()));
    }
    for (DkimResult each : signatures) {
      Map<String, String> properties = new LinkedHashMap<>();
      properties.put("header.d", each.domain());
      properties.put("header.s", each.selector());
      properties.put("header.a", each.algorithm());
      properties.put("header.b", each.signaturePrefix());
      all.add(
          new AuthenticationResults.Result(
              "dkim", each.verdict().word(), each.reason(), properties));
    }
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("header.from", policy.author());
    if (policy.verdict() == DmarcVerdict.FAIL) {
      properties.put("policy.dmarc", excused ? "none" : policy.policy().word());
    }
    all.add(
        new AuthenticationResults.Result(
            "dmarc",
            policy.verdict().word(),
            excused ? "excused by a trusted ARC chain" : policy.reason(),
            properties));
    all.add(
        new AuthenticationResults.Result("arc", chain.verdict().word(), chain.reason(), Map.of()));
    return new AuthenticationResults(hostname, all);
  }

  private static Optional<String> ascii(String domain) {
    try {
      String name = domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
      return Optional.of(IDN.toASCII(name, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
