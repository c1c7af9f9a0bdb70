package org.mailstead.mailflow.dns;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.IDN;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.ExtendedResolver;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.dnssec.ValidatingResolver;

/// Asks the DNS: the operator's resolver if a setting names one, otherwise the system's. Answers
/// are remembered as long as they say, within [DnsLimits]. A question blocks its thread for the
/// setting's time-out or what the budget has left, whichever is shorter. Thread-safe.
///
/// Two ways to ask: the usual one, and a *validated* one that says whether DNSSEC vouches for the
/// answer. The second costs several questions more, so only those who need to know use it.
public final class DnsResolver {
  /// The root's keys of 2017 and 2024, as IANA publishes them in root-anchors.xml.
  private static final String ROOT_ANCHORS =
      """
      . 172800 IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
      . 172800 IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
      """;

  private static final int EDNS_BYTES = 1232;

  private final DnsSettings settings;
  private final Resolver plain;
  private final Resolver validating;
  private final DnsCache cache;

  /// @throws IllegalArgumentException the trust anchors cannot be read
  public DnsResolver(DnsSettings settings, InstantSource clock) {
    this.settings = settings;
    this.plain = resolver(settings);
    this.cache = new DnsCache(clock);
    this.validating =
        switch (settings.validation()) {
          case OWN -> validating(settings, clock);
          case RESOLVER -> {
            Resolver asking = resolver(settings);
            asking.setEDNS(0, EDNS_BYTES, ExtendedFlags.DO, List.of());
            yield asking;
          }
          case OFF -> plain;
        };
  }

  /// Octets of each TXT record, its strings joined (RFC 7208 §3.3), one char each.
  public DnsAnswer<String> txt(String name, DnsBudget budget) {
    return answer(
        ask(name, Type.TXT, false, budget),
        record -> record instanceof TXTRecord txt ? Optional.of(joined(txt)) : Optional.empty());
  }

  /// Mail exchangers in the order of the answer.
  public DnsAnswer<MailExchanger> mx(String name, boolean validated, DnsBudget budget) {
    return answer(
        ask(name, Type.MX, validated, budget),
        record ->
            record instanceof MXRecord mx
                ? Optional.of(new MailExchanger(mx.getPriority(), text(mx.getTarget())))
                : Optional.empty());
  }

  /// IPv4 addresses.
  public DnsAnswer<InetAddress> a(String name, boolean validated, DnsBudget budget) {
    return answer(
        ask(name, Type.A, validated, budget),
        record -> record instanceof ARecord a ? Optional.of(a.getAddress()) : Optional.empty());
  }

  /// IPv6 addresses.
  public DnsAnswer<InetAddress> aaaa(String name, boolean validated, DnsBudget budget) {
    return answer(
        ask(name, Type.AAAA, validated, budget),
        record ->
            record instanceof AAAARecord aaaa ? Optional.of(aaaa.getAddress()) : Optional.empty());
  }

  /// Names of an address.
  public DnsAnswer<String> ptr(InetAddress address, DnsBudget budget) {
    return answer(
        ask(text(ReverseMap.fromAddress(address)), Type.PTR, false, budget),
        record ->
            record instanceof PTRRecord ptr
                ? Optional.of(text(ptr.getTarget()))
                : Optional.empty());
  }

  /// Where a name points to, itself not followed.
  public DnsAnswer<String> cname(String name, DnsBudget budget) {
    return answer(
        ask(name, Type.CNAME, false, budget),
        record ->
            record instanceof CNAMERecord alias
                ? Optional.of(text(alias.getTarget()))
                : Optional.empty());
  }

  /// Certificate associations (RFC 6698), validated.
  public DnsAnswer<TlsaRecord> tlsa(String name, DnsBudget budget) {
    return answer(
        ask(name, Type.TLSA, true, budget),
        record ->
            record instanceof TLSARecord tlsa
                ? Optional.of(
                    new TlsaRecord(
                        tlsa.getCertificateUsage(),
                        tlsa.getSelector(),
                        tlsa.getMatchingType(),
                        tlsa.getCertificateAssociationData()))
                : Optional.empty());
  }

  int cachedCount() {
    return cache.size();
  }

  /// Who takes mail for a domain.
  ///
  /// @param host in lower case without the final dot; empty for the root (RFC 7505)
  public record MailExchanger(int preference, String host) {}

  private sealed interface Asked {
    record Answered(Reply reply) implements Asked {}

    record Unanswered(DnsAnswer.Cause cause, String reason) implements Asked {}
  }

  private static <T> DnsAnswer<T> answer(Asked asked, Function<Record, Optional<T>> read) {
    return switch (asked) {
      case Asked.Unanswered(DnsAnswer.Cause cause, String reason) ->
          new DnsAnswer.Failed<>(cause, reason);
      case Asked.Answered(Reply reply) -> {
        if (!reply.exists()) yield new DnsAnswer.NoName<>(reply.security());
        List<T> values = new ArrayList<>(reply.records().size());
        for (Record record : reply.records()) read.apply(record).ifPresent(values::add);
        yield values.isEmpty()
            ? new DnsAnswer.NoData<>(reply.security())
            : new DnsAnswer.Found<>(values, reply.security());
      }
    };
  }

  private Asked ask(String name, int type, boolean validated, DnsBudget budget) {
    Optional<Name> parsed = parse(name);
    if (parsed.isEmpty()) {
      return new Asked.Answered(new Reply(List.of(), false, DnsAnswer.Security.INSECURE));
    }
    return ask(
        parsed.get(),
        type,
        validated && settings.validation() != DnsSettings.Validation.OFF,
        budget);
  }

  private Asked ask(Name asked, int type, boolean validated, DnsBudget budget) {
    var question = new DnsCache.Question(asked, type, validated);
    Optional<Reply> known = cache.find(question);
    if (known.isPresent()) return new Asked.Answered(known.get());
    Name name = asked;
    boolean secure = validated;
    long life = DnsLimits.CACHE_LIFE_MAX.toSeconds();
    int bytes = 0;
    // RFC 1034 §3.6.2: an alias leads on. A resolver sends the whole chain in one answer; whatever
    // is missing is asked for, and a chain that goes on for too long is a broken zone.
    for (int turn = 0; turn <= DnsLimits.ALIASES_MAX; turn++) {
      Message message;
      try {
        message = send(name, type, validated, budget);
      } catch (NoAnswer e) {
        return new Asked.Unanswered(e.cause, e.getMessage() == null ? "" : e.getMessage());
      }
      secure &= message.getHeader().getFlag(Flags.AD);
      bytes += message.numBytes();
      Walk walk = walk(message, name, type);
      life = Math.min(life, walk.lifeSeconds());
      DnsAnswer.Security security =
          secure ? DnsAnswer.Security.SECURE : DnsAnswer.Security.INSECURE;
      boolean missing = message.getRcode() == Rcode.NXDOMAIN;
      if (!walk.records().isEmpty() || missing || walk.end().equals(name)) {
        Reply reply = new Reply(walk.records(), !walk.records().isEmpty() || !missing, security);
        if (walk.records().isEmpty()) life = Math.min(life, negativeLife(message));
        if (bytes <= DnsLimits.CACHED_BYTES_MAX) {
          cache.put(question, reply, Duration.ofSeconds(life));
        }
        return new Asked.Answered(reply);
      }
      name = walk.end();
    }
    return new Asked.Unanswered(DnsAnswer.Cause.UNREACHABLE, "too many aliases");
  }

  /// @param end the name at the end of the aliases in this answer
  private record Walk(List<Record> records, Name end, long lifeSeconds) {}

  private static Walk walk(Message message, Name start, int type) {
    Name name = start;
    long life = DnsLimits.CACHE_LIFE_MAX.toSeconds();
    List<Record> answers = message.getSection(Section.ANSWER);
    for (int turn = 0; turn <= DnsLimits.ALIASES_MAX; turn++) {
      List<Record> records = new ArrayList<>();
      Optional<CNAMERecord> alias = Optional.empty();
      for (Record record : answers) {
        if (!record.getName().equals(name) || records.size() >= DnsLimits.RECORDS_MAX) continue;
        if (record.getType() == type) {
          records.add(record);
          life = Math.min(life, record.getTTL());
        } else if (record instanceof CNAMERecord found) {
          alias = Optional.of(found);
        }
      }
      if (!records.isEmpty() || alias.isEmpty()) return new Walk(records, name, life);
      life = Math.min(life, alias.get().getTTL());
      name = alias.get().getTarget();
    }
    return new Walk(List.of(), name, life);
  }

  /// RFC 2308 §5: the smaller of the SOA record's own life and the one it names.
  private static long negativeLife(Message message) {
    for (Record record : message.getSection(Section.AUTHORITY)) {
      if (record instanceof SOARecord soa) {
        return Math.min(
            Math.min(soa.getTTL(), soa.getMinimum()), DnsLimits.NEGATIVE_LIFE_MAX.toSeconds());
      }
    }
    return 0;
  }

  private Message send(Name name, int type, boolean validated, DnsBudget budget) throws NoAnswer {
    Duration left = budget.take();
    if (!left.isPositive()) {
      throw new NoAnswer(DnsAnswer.Cause.BUDGET, "the time or number of questions is spent");
    }
    // The resolver tries again within its own time-out; validation asks for keys on the way down.
    Duration patience = settings.timeout().multipliedBy(validated ? 4 : 2);
    if (left.compareTo(patience) < 0) patience = left;
    Message query = Message.newQuery(Record.newRecord(name, type, DClass.IN));
    try {
      Message message =
          (validated ? validating : plain)
              .sendAsync(query)
              .toCompletableFuture()
              .get(patience.toMillis(), TimeUnit.MILLISECONDS);
      int code = message.getRcode();
      if (code == Rcode.NOERROR || code == Rcode.NXDOMAIN) return message;
      if (validated && settings.validation() == DnsSettings.Validation.OWN && isBogus(message)) {
        throw new NoAnswer(DnsAnswer.Cause.BOGUS, "the DNSSEC signatures do not verify");
      }
      throw new NoAnswer(DnsAnswer.Cause.UNREACHABLE, "DNS answers " + Rcode.string(code));
    } catch (ExecutionException e) {
      throw new NoAnswer(DnsAnswer.Cause.UNREACHABLE, "DNS does not answer");
    } catch (TimeoutException e) {
      throw new NoAnswer(DnsAnswer.Cause.UNREACHABLE, "DNS does not answer in time");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NoAnswer(DnsAnswer.Cause.UNREACHABLE, "interrupted");
    }
  }

  /// Our validator says why it answers SERVFAIL; a server that fails by itself gives no reason.
  private static boolean isBogus(Message message) {
    return message.getSection(Section.ADDITIONAL).stream()
        .anyMatch(record -> record.getDClass() == ValidatingResolver.VALIDATION_REASON_QCLASS);
  }

  private static Resolver resolver(DnsSettings settings) {
    Resolver resolver =
        settings.resolver().isPresent()
            ? new ExtendedResolver(List.of(new SimpleResolver(settings.resolver().get())))
            : new ExtendedResolver();
    // An ExtendedResolver's own time-out is for all of its servers and attempts together.
    if (resolver instanceof ExtendedResolver extended) {
      extended.setRetries(2);
      for (Resolver each : extended.getResolvers()) each.setTimeout(settings.timeout());
      extended.setTimeout(settings.timeout().multipliedBy(2));
    }
    return resolver;
  }

  private static Resolver validating(DnsSettings settings, InstantSource clock) {
    Resolver asking = resolver(settings);
    var validating = new ValidatingResolver(asking, asClock(clock));
    try {
      String anchors = settings.trustAnchors().orElse(ROOT_ANCHORS);
      validating.loadTrustAnchors(
          new ByteArrayInputStream(anchors.getBytes(StandardCharsets.US_ASCII)));
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException("the DNSSEC trust anchors cannot be read", e);
    }
    validating.setEDNS(0, EDNS_BYTES, ExtendedFlags.DO, List.of());
    return validating;
  }

  private static Clock asClock(InstantSource source) {
    return source.withZone(ZoneOffset.UTC);
  }

  private static String joined(TXTRecord txt) {
    var all = new ByteArrayOutputStream();
    for (Object part : txt.getStringsAsByteArrays()) all.writeBytes((byte[]) part);
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  /// The name in the DNS's own form; empty if it cannot be one.
  static Optional<Name> parse(String name) {
    String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    try {
      String ascii =
          bare.chars().allMatch(c -> c < 128) ? bare : IDN.toASCII(bare, IDN.ALLOW_UNASSIGNED);
      // Only in zone files is a backslash an escape.
      return Optional.of(Name.fromString(ascii.replace("\\", "\\\\") + "."));
    } catch (TextParseException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String text(Name name) {
    String text = name.toString(true).toLowerCase(Locale.ROOT);
    return text.equals(".") ? "" : text;
  }

  private static final class NoAnswer extends Exception {
    private static final long serialVersionUID = 1L;
    private final DnsAnswer.Cause cause;

    NoAnswer(DnsAnswer.Cause cause, String reason) {
      super(reason, null, false, false);
      this.cause = cause;
    }
  }
}
