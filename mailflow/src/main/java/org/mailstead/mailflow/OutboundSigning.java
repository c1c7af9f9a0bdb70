package org.mailstead.mailflow;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.Content;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.MailDomain;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.signing.DkimKey;
import org.mailstead.core.signing.DkimKeys;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.mailflow.arc.ArcSealer;
import org.mailstead.mailflow.arc.ArcVerdict;
import org.mailstead.mailflow.authres.AuthenticationResults;
import org.mailstead.mailflow.dkim.DkimSigner;
import org.mailstead.mailflow.dkim.SignedMessage;
import org.mailstead.mailflow.dkim.SigningAlgorithm;
import org.mailstead.mailflow.dkim.SigningKey;
import org.mailstead.mailflow.dns.DnsAnswer;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts our word on what leaves: a DKIM signature by each published key of the author's domain on
/// mail of our users and our own reports; an ARC set on mail from elsewhere that goes on.
///
/// Signing comes last, when the octets are final and it is known that they leave. A key that is not
/// published would only break things, so the DNS is asked first; if it does not answer, the key is
/// taken for published.
final class OutboundSigning {
  private static final Logger LOG = LoggerFactory.getLogger(OutboundSigning.class);

  private final String hostname;
  private final Directory directory;
  private final DkimKeys keys;
  private final DnsResolver dns;
  private final DkimSigner signer;
  private final ArcSealer sealer;
  private final MessageAssembly assembly;

  OutboundSigning(
      String hostname,
      Directory directory,
      DkimKeys keys,
      DnsResolver dns,
      MessageAssembly assembly,
      InstantSource clock) {
    this.hostname = hostname;
    this.directory = directory;
    this.keys = keys;
    this.dns = dns;
    this.signer = new DkimSigner(clock);
    this.sealer = new ArcSealer(clock);
    this.assembly = assembly;
  }

  /// The message as it leaves. Closing it leaves `message` open.
  ///
  /// @throws UnavailableException what is needed cannot be had now
  Content signed(QueueEnvelope envelope, Content message) {
    String fields = fields(envelope, message);
    // Without new fields a copy would only cost; the offset is none, so that both share the bytes.
    return fields.isEmpty() ? new Borrowed(message) : assembly.assemble(fields, message, List.of());
  }

  private String fields(QueueEnvelope envelope, Content message) {
    try {
      SignedMessage parsed = SignedMessage.of(message);
      return switch (envelope.origin()) {
        case SUBMISSION, REPORT, JOURNAL -> signature(envelope.organization(), parsed);
        case INBOUND -> seal(envelope.organization(), parsed);
      };
    } catch (RefusedException e) {
      LOG.warn("a message leaves without a signature: {}", e.logText());
      return "";
    }
  }

  private String signature(OrganizationId organization, SignedMessage message) {
    List<String> authors = MessageAuthentication.authors(message);
    // With several authors' domains nobody's signature speaks for all of them; the first is signed.
    if (authors.isEmpty()) return "";
    List<SigningKey> published = published(organization, authors.getFirst());
    return signer.sign(message, published);
  }

  private String seal(OrganizationId organization, SignedMessage message) {
    for (HeaderFields.Field field : message.fields("Authentication-Results")) {
      String value = message.value(field);
      Optional<AuthenticationResults> parsed = AuthenticationResults.parse(value);
      if (parsed.isEmpty() || !parsed.get().server().equalsIgnoreCase(hostname)) continue;
      String domain = directory.organizations().load(organization).defaultMailDomain();
      List<SigningKey> published = published(organization, domain);
      if (published.isEmpty()) return "";
      // RFC 8617 §4.1.2: one algorithm a set; every receiver knows RSA.
      return sealer.seal(message, state(parsed.get()), value, published.getFirst()).orElse("");
    }
    return "";
  }

  private static ArcVerdict state(AuthenticationResults results) {
    for (AuthenticationResults.Result result : results.results()) {
      if (!result.method().equals("arc")) continue;
      return switch (result.word()) {
        case "pass" -> ArcVerdict.PASS;
        case "fail" -> ArcVerdict.FAIL;
        default -> ArcVerdict.NONE;
      };
    }
    return ArcVerdict.NONE;
  }

  /// Keys of a domain of ours that others can verify with; RSA first.
  private List<SigningKey> published(OrganizationId organization, String domain) {
    if (!isOurs(organization, domain)) return List.of();
    DnsBudget budget = DnsBudget.ofMessage();
    List<SigningKey> found = new ArrayList<>();
    for (DkimKey key : keys.keys(organization, domain)) {
      if (!key.isActive() || !isPublished(key, domain, budget)) continue;
      found.add(
          new SigningKey(
              domain,
              key.selector(),
              switch (key.algorithm()) {
                case RSA -> SigningAlgorithm.RSA_SHA256;
                case ED25519 -> SigningAlgorithm.ED25519_SHA256;
              },
              keys.privateKey(organization, domain, key.selector())));
    }
    return found;
  }

  private boolean isOurs(OrganizationId organization, String domain) {
    try {
      MailDomain found = directory.domains().load(organization, domain);
      return found.verified();
    } catch (RefusedException e) {
      return false;
    }
  }

  private boolean isPublished(DkimKey key, String domain, DnsBudget budget) {
    String wanted = material(key.record());
    return switch (dns.txt(key.selector() + "._domainkey." + domain, budget)) {
      case DnsAnswer.Found<String>(List<String> texts, var _) ->
          texts.stream().anyMatch(text -> material(text).equals(wanted));
      case DnsAnswer.NoData<String> _, DnsAnswer.NoName<String> _ -> false;
      case DnsAnswer.Failed<String> _ -> true;
    };
  }

  /// The key itself, whatever stands around it.
  private static String material(String record) {
    String packed = record.replaceAll("\\s", "");
    int at = packed.indexOf("p=");
    if (at < 0) return "";
    int end = packed.indexOf(';', at);
    return packed.substring(at, end < 0 ? packed.length() : end);
  }

  /// Somebody else's content.
  private record Borrowed(Content content) implements Content {
    @Override
    public long length() {
      return content.length();
    }

    @Override
    public java.nio.ByteBuffer buffer() {
      return content.buffer();
    }

    @Override
    public java.io.InputStream open() throws java.io.IOException {
      return content.open();
    }

    @Override
    public void close() {}
  }
}
