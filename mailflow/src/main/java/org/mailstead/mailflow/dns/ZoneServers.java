package org.mailstead.mailflow.dns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/// Asks the name servers of a zone themselves, past every cache, so that an answer is what the
/// zone's owner has written and not what somebody remembers. Thread-safe.
public final class ZoneServers {
  /// Servers of a zone that are asked, one after another, until one answers.
  static final int SERVERS_MAX = 6;

  private final DnsResolver resolver;
  private final int port;
  private final Duration timeout;

  /// A zone and where its servers are.
  public record Zone(String name, List<InetSocketAddress> servers) {}

  /// Where a name's zone is.
  public sealed interface Located {
    record Found(Zone zone) implements Located {}

    /// Nobody has delegated the name.
    record NoZone() implements Located {}

    record Failed(String reason) implements Located {}
  }

  /// What is asked for.
  public enum Kind {
    TXT(Type.TXT),
    MX(Type.MX),
    CNAME(Type.CNAME);

    private final int type;

    Kind(int type) {
      this.type = type;
    }
  }

  /// @param resolver finds the servers, and follows aliases out of the zone
  /// @param port of the servers; 53 outside of tests
  /// @param timeout for one server
  public ZoneServers(DnsResolver resolver, int port, Duration timeout) {
    this.resolver = resolver;
    this.port = port;
    this.timeout = timeout;
  }

  /// The zone that holds the name: the nearest name at or above it that has name servers. Names of
  /// one label are not looked at: they belong to registries.
  public Located locate(String name, DnsBudget budget) {
    String at = name;
    while (at.indexOf('.') > 0) {
      DnsAnswer<String> servers = resolver.ns(at, budget);
      switch (servers) {
        case DnsAnswer.Found<String>(List<String> names, var _) -> {
          return located(at, names, budget);
        }
        case DnsAnswer.Failed<String>(var _, String reason) -> {
          return new Located.Failed("name servers of " + at + ": " + reason);
        }
        case DnsAnswer.NoData<String> _, DnsAnswer.NoName<String> _ ->
            at = at.substring(at.indexOf('.') + 1);
      }
    }
    return new Located.NoZone();
  }

  private Located located(String zone, List<String> names, DnsBudget budget) {
    List<InetSocketAddress> servers = new ArrayList<>();
    for (String name : names) {
      if (servers.size() >= SERVERS_MAX) break;
      List<InetAddress> addresses = new ArrayList<>(resolver.a(name, false, budget).values());
      if (addresses.isEmpty()) addresses.addAll(resolver.aaaa(name, false, budget).values());
      for (InetAddress address : addresses) {
        if (servers.size() < SERVERS_MAX) servers.add(new InetSocketAddress(address, port));
      }
    }
    if (servers.isEmpty()) {
      return new Located.Failed(
          "the name servers of " + zone + " (" + String.join(", ", names) + ") have no address");
    }
    return new Located.Found(new Zone(zone, List.copyOf(servers)));
  }

  /// Records in the form of [org.mailstead.core.directory.MailDomainRecord]: the text, `10 host`,
  /// or the target. An alias is only followed when something else than it is asked for; what lies
  /// outside of the zone or in a zone below it is asked of the resolver.
  public DnsAnswer<String> ask(Zone zone, String name, Kind kind, DnsBudget budget) {
    Optional<Name> parsed = DnsResolver.parse(name);
    if (parsed.isEmpty()) return new DnsAnswer.NoName<>(DnsAnswer.Security.INSECURE);
    String reason = "no server answered";
    for (InetSocketAddress server : zone.servers()) {
      Duration left = budget.take();
      if (!left.isPositive()) return failed("the time for the check is over");
      Duration patience = left.compareTo(timeout) < 0 ? left : timeout;
      Message message;
      try {
        message = send(server, parsed.get(), kind, patience);
      } catch (ExecutionException | TimeoutException e) {
        reason = server.getAddress().getHostAddress() + " does not answer";
        continue;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return failed("interrupted");
      }
      int code = message.getRcode();
      if (code != Rcode.NOERROR && code != Rcode.NXDOMAIN) {
        reason = server.getAddress().getHostAddress() + " answers " + Rcode.string(code);
        continue;
      }
      // RFC 1034 §4.3.2: without AA it is a referral into a zone below, or no server of this zone.
      if (!message.getHeader().getFlag(Flags.AA)) return elsewhere(name, kind, budget);
      return read(message, parsed.get(), kind, budget);
    }
    return failed(reason);
  }

  /// How long the zone lets others keep a set of records, in seconds: the shortest life of its
  /// members. Empty if no server of the zone has it.
  public OptionalLong life(Zone zone, String name, Kind kind, DnsBudget budget) {
    Optional<Name> parsed = DnsResolver.parse(name);
    if (parsed.isEmpty()) return OptionalLong.empty();
    for (InetSocketAddress server : zone.servers()) {
      Duration left = budget.take();
      if (!left.isPositive()) return OptionalLong.empty();
      try {
        Message message =
            send(server, parsed.get(), kind, left.compareTo(timeout) < 0 ? left : timeout);
        OptionalLong life =
            message.getSection(Section.ANSWER).stream()
                .filter(each -> each.getName().equals(parsed.get()) && each.getType() == kind.type)
                .mapToLong(Record::getTTL)
                .min();
        if (life.isPresent()) return life;
      } catch (ExecutionException | TimeoutException e) {
        // The next one may answer.
        continue;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return OptionalLong.empty();
      }
    }
    return OptionalLong.empty();
  }

  private static Message send(InetSocketAddress server, Name name, Kind kind, Duration patience)
      throws ExecutionException, TimeoutException, InterruptedException {
    SimpleResolver asking = new SimpleResolver(server);
    asking.setTimeout(patience);
    Message query = Message.newQuery(Record.newRecord(name, kind.type, DClass.IN));
    query.getHeader().unsetFlag(Flags.RD);
    // Over TCP, if need be, it is asked a second time.
    return asking
        .sendAsync(query)
        .toCompletableFuture()
        .get(patience.toMillis() * 2, TimeUnit.MILLISECONDS);
  }

  private DnsAnswer<String> read(Message message, Name name, Kind kind, DnsBudget budget) {
    List<String> values = new ArrayList<>();
    Optional<Name> alias = Optional.empty();
    for (Record record : message.getSection(Section.ANSWER)) {
      if (values.size() >= DnsLimits.RECORDS_MAX) break;
      if (!record.getName().equals(name)) continue;
      switch (record) {
        case TXTRecord txt when kind == Kind.TXT -> values.add(DnsResolver.joined(txt));
        case MXRecord mx when kind == Kind.MX ->
            values.add(mx.getPriority() + " " + DnsResolver.text(mx.getTarget()));
        case CNAMERecord cname when kind == Kind.CNAME ->
            values.add(DnsResolver.text(cname.getTarget()));
        case CNAMERecord cname -> alias = Optional.of(cname.getTarget());
        case Record _ -> {} // A signature, or what nobody asked for.
      }
    }
    if (values.isEmpty() && alias.isPresent()) {
      return elsewhere(DnsResolver.text(alias.get()), kind, budget);
    }
    if (!values.isEmpty()) return new DnsAnswer.Found<>(values, DnsAnswer.Security.INSECURE);
    return message.getRcode() == Rcode.NXDOMAIN
        ? new DnsAnswer.NoName<>(DnsAnswer.Security.INSECURE)
        : new DnsAnswer.NoData<>(DnsAnswer.Security.INSECURE);
  }

  private DnsAnswer<String> elsewhere(String name, Kind kind, DnsBudget budget) {
    return switch (kind) {
      case TXT -> resolver.txt(name, budget);
      case CNAME -> resolver.cname(name, budget);
      case MX ->
          switch (resolver.mx(name, false, budget)) {
            case DnsAnswer.Found<DnsResolver.MailExchanger>(var values, var security) ->
                new DnsAnswer.Found<>(
                    values.stream().map(mx -> mx.preference() + " " + mx.host()).toList(),
                    security);
            case DnsAnswer.NoData<DnsResolver.MailExchanger>(var security) ->
                new DnsAnswer.NoData<>(security);
            case DnsAnswer.NoName<DnsResolver.MailExchanger>(var security) ->
                new DnsAnswer.NoName<>(security);
            case DnsAnswer.Failed<DnsResolver.MailExchanger>(var cause, String reason) ->
                new DnsAnswer.Failed<>(cause, reason);
          };
    };
  }

  private static DnsAnswer<String> failed(String reason) {
    return new DnsAnswer.Failed<>(DnsAnswer.Cause.UNREACHABLE, reason);
  }
}
