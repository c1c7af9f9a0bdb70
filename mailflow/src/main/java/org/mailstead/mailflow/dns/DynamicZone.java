package org.mailstead.mailflow.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.domains.ZoneEditor;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.Update;

/// A zone that is written by dynamic updates to its primary server, signed with a shared secret,
/// over TCP. What must be there before a change is a prerequisite of the update, so that the server
/// itself compares.
///
/// @spec https://www.rfc-editor.org/rfc/rfc2136 RFC 2136
/// @spec https://www.rfc-editor.org/rfc/rfc8945 RFC 8945
public final class DynamicZone implements ZoneEditor {
  private static final int TXT_STRING_MAX = 255;
  private static final Duration RETRY = Duration.ofSeconds(30);

  /// What can be in a record's way.
  private static final List<Integer> TYPES =
      List.of(Type.TXT, Type.MX, Type.CNAME, Type.A, Type.AAAA);

  private final Name zone;
  private final InetSocketAddress server;
  private final TsigKey key;
  private final Duration timeout;

  /// @throws IllegalArgumentException the zone is not a domain name
  public DynamicZone(String zone, InetSocketAddress server, TsigKey key, Duration timeout) {
    this.zone =
        DnsResolver.parse(zone)
            .orElseThrow(() -> new IllegalArgumentException("not a domain name: " + zone));
    this.server = server;
    this.key = key;
    this.timeout = timeout;
  }

  @Override
  public String zone() {
    return DnsResolver.text(zone);
  }

  @Override
  public String provider() {
    return "dynamic updates at " + server.getHostString() + ":" + server.getPort();
  }

  @Override
  public List<RecordSet> read(String name) {
    Name owner = name(name);
    List<RecordSet> found = new ArrayList<>();
    for (int type : TYPES) {
      Message query = Message.newQuery(Record.newRecord(owner, type, DClass.IN));
      query.getHeader().unsetFlag(Flags.RD);
      Message answer = exchange(query);
      int code = answer.getRcode();
      if (code != Rcode.NOERROR && code != Rcode.NXDOMAIN) throw refused(code);
      if (!answer.getHeader().getFlag(Flags.AA)) {
        throw new RefusedException(
            Refusal.FORBIDDEN,
            server.getHostString() + " does not serve " + name + " itself (zone " + zone() + ")");
      }
      List<String> values = new ArrayList<>();
      int ttl = 0;
      for (Record record : answer.getSection(Section.ANSWER)) {
        if (!record.getName().equals(owner) || record.getType() != type) continue;
        values.add(value(record));
        ttl = (int) Math.min(record.getTTL(), Integer.MAX_VALUE);
        if (values.size() >= DnsLimits.RECORDS_MAX) break;
      }
      if (!values.isEmpty()) found.add(new RecordSet(Type.string(type), ttl, values));
    }
    return List.copyOf(found);
  }

  @Override
  public void replace(String name, Optional<RecordSet> before, RecordSet after) {
    Name owner = name(name);
    int type = Type.value(after.type());
    Update update = new Update(zone);
    if (before.isEmpty()) {
      // RFC 2136 §2.4.5, §2.4.3: an alias stands alone.
      if (type == Type.CNAME) update.absent(owner);
      else update.absent(owner, type);
    } else {
      // §2.4.2: exactly these values; their times to live do not count.
      for (String value : before.get().values()) update.present(record(owner, type, 0, value));
      for (String value : before.get().values()) {
        if (!after.values().contains(value)) update.delete(record(owner, type, 0, value));
      }
    }
    for (String value : after.values()) {
      update.add(record(owner, type, after.ttlSeconds(), value));
    }
    int code = exchange(update).getRcode();
    if (code != Rcode.NOERROR) throw refused(code);
  }

  private Message exchange(Message query) {
    Message answer;
    try {
      SimpleResolver resolver = new SimpleResolver(server);
      resolver.setTCP(true);
      resolver.setTimeout(timeout);
      // The name of an algorithm is a domain name (RFC 8945 §6).
      resolver.setTSIGKey(new TSIG(name(key.algorithm()), name(key.name()), decoded(key.secret())));
      answer = resolver.send(query);
    } catch (IOException e) {
      throw new UnavailableException(
          server.getHostString() + ":" + server.getPort() + " does not answer", RETRY, e);
    }
    int code = answer.getRcode();
    // RFC 8945 §5.3.2: who does not know the key cannot sign that.
    boolean mayBeUnsigned = code == Rcode.NOTAUTH || code == Rcode.FORMERR || code == Rcode.REFUSED;
    if (!answer.isVerified() && !mayBeUnsigned) {
      throw new UnavailableException(
          "the answer of " + server.getHostString() + " is not signed with the key " + key.name(),
          RETRY);
    }
    return answer;
  }

  private static byte[] decoded(String secret) {
    return java.util.Base64.getDecoder().decode(secret);
  }

  private RefusedException refused(int code) {
    String at = server.getHostString() + ": ";
    return switch (code) {
      case Rcode.YXDOMAIN, Rcode.YXRRSET, Rcode.NXDOMAIN, Rcode.NXRRSET ->
          new RefusedException(
              Refusal.WRONG_STATE, "The zone " + zone() + " changed meanwhile. Look again.");
      case Rcode.NOTAUTH ->
          new RefusedException(
              Refusal.FORBIDDEN,
              at
                  + "NOTAUTH: it is not the primary server of "
                  + zone()
                  + ", does not know the key "
                  + key.name()
                  + ", or its clock differs from ours.");
      case Rcode.REFUSED ->
          new RefusedException(
              Refusal.FORBIDDEN,
              at + "REFUSED: the key " + key.name() + " may not change this in " + zone() + ".");
      case Rcode.NOTZONE ->
          new RefusedException(Refusal.INVALID, at + "the name is not in the zone " + zone() + ".");
      default ->
          new RefusedException(
              Refusal.INVALID, at + "it refuses the update: " + Rcode.string(code) + ".");
    };
  }

  private static Name name(String text) {
    try {
      return Name.fromString(text.toLowerCase(Locale.ROOT), Name.root);
    } catch (TextParseException e) {
      throw new RefusedException(Refusal.INVALID, "not a domain name: " + text);
    }
  }

  private static String value(Record record) {
    return switch (record) {
      case TXTRecord txt -> DnsResolver.joined(txt);
      case MXRecord mx -> mx.getPriority() + " " + DnsResolver.text(mx.getTarget());
      case CNAMERecord cname -> DnsResolver.text(cname.getTarget());
      case Record other -> other.rdataToString();
    };
  }

  private static Record record(Name owner, int type, int ttl, String value) {
    return switch (type) {
      case Type.TXT -> {
        List<byte[]> strings = new ArrayList<>();
        byte[] octets = value.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        for (int at = 0; at < octets.length || at == 0; at += TXT_STRING_MAX) {
          strings.add(
              java.util.Arrays.copyOfRange(
                  octets, at, Math.min(octets.length, at + TXT_STRING_MAX)));
        }
        yield new TXTRecord(owner, DClass.IN, ttl, escaped(strings));
      }
      case Type.MX -> {
        int space = value.indexOf(' ');
        yield new MXRecord(
            owner,
            DClass.IN,
            ttl,
            Integer.parseInt(value.substring(0, space)),
            name(value.substring(space + 1)));
      }
      case Type.CNAME -> new CNAMERecord(owner, DClass.IN, ttl, name(value));
      default -> throw new IllegalArgumentException("not a type that we write: " + type);
    };
  }

  /// As zone files write what is not plain: `\034`.
  private static List<String> escaped(List<byte[]> strings) {
    List<String> texts = new ArrayList<>();
    for (byte[] string : strings) {
      var out = new StringBuilder();
      for (byte each : string) {
        int c = each & 0xFF;
        if (c < 32 || c > 126 || c == '"' || c == '\\') out.append("\\%03d".formatted(c));
        else out.append((char) c);
      }
      texts.add(out.toString());
    }
    return texts;
  }
}
