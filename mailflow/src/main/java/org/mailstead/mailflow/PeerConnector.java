package org.mailstead.mailflow;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.mailstead.mailflow.reports.TlsObservations;
import org.mailstead.mailflow.transport.StsPolicies;
import org.mailstead.mailflow.transport.StsPolicy;
import org.mailstead.mailflow.transport.TransportSecurity;
import org.mailstead.smtp.client.ClientSettings;
import org.mailstead.smtp.client.PeerRefusedException;
import org.mailstead.smtp.client.SmtpClient;
import org.mailstead.smtp.wire.SmtpReply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds the servers of a destination and connects to the first that answers, as safely as the
/// destination promises and the message demands: DANE, MTA-STS, REQUIRETLS, opportunistic TLS.
final class PeerConnector {
  private static final Logger LOG = LoggerFactory.getLogger(PeerConnector.class);

  private final MailflowSettings settings;
  private final MailExchangers exchangers;
  private final TransportSecurity security;
  private final GatewayRoutes gateways;
  private final SSLContext sslContext;
  private final Optional<TlsObservations> observations;

  PeerConnector(
      MailflowSettings settings,
      MailExchangers exchangers,
      TransportSecurity security,
      GatewayRoutes gateways,
      SSLContext sslContext,
      Optional<TlsObservations> observations) {
    this.settings = settings;
    this.exchangers = exchangers;
    this.security = security;
    this.gateways = gateways;
    this.sslContext = sslContext;
    this.observations = observations;
  }

  /// A connection, or why there is none.
  record Opened(@Nullable PeerConnection connection, AttemptResult failure) {}

  /// @param destination a domain, or the key of a gateway
  Opened open(String destination, TlsNeed need) {
    if (GatewayRoutes.isGateway(destination)) return openGateway(destination, need);
    return settings
        .smarthost()
        .map(smarthost -> openSmarthost(smarthost, need))
        .orElseGet(() -> openExchanger(destination, need));
  }

  private Opened openGateway(String destination, TlsNeed need) {
    Optional<Smarthost> gateway = gateways.find(destination);
    if (gateway.isEmpty()) return new Opened(null, GatewayRoutes.gone());
    Opened opened = openSmarthost(gateway.get(), need);
    return opened.connection() == null
        ? new Opened(null, GatewayRoutes.unreachable(opened.failure()))
        : opened;
  }

  private Opened openSmarthost(Smarthost smarthost, TlsNeed need) {
    // RFC 8689 §4.2.1: the operator has named the host, so its certificate is what is checked.
    ClientSettings.Tls tls =
        need == TlsNeed.REQUIRED && smarthost.tls() != ClientSettings.Tls.IMPLICIT_VERIFIED
            ? ClientSettings.Tls.VERIFIED
            : smarthost.tls();
    return switch (exchangers.findHost(smarthost.host())) {
      case MailExchangers.Route.Nowhere(SmtpReply reply) ->
          new Opened(null, result(reply, Optional.empty()));
      case MailExchangers.Route.Hosts(List<MailExchangers.Host> hosts) ->
          openFirst(
              hosts,
              smarthost.port(),
              _ -> new Wanted(tls, sslContext, "", new TransportSecurity.Demand.Verified()),
              smarthost.credentials(),
              need,
              SessionNotes.none());
    };
  }

  private Opened openExchanger(String domain, TlsNeed need) {
    return switch (exchangers.find(domain)) {
      case MailExchangers.Route.Nowhere(SmtpReply reply) ->
          new Opened(null, result(reply, Optional.empty()));
      case MailExchangers.Route.Hosts(List<MailExchangers.Host> hosts) -> {
        boolean looked = !domain.startsWith("[") && need != TlsNeed.RELAXED;
        StsPolicies.Found found =
            looked ? security.policy(domain) : new StsPolicies.Found(Optional.empty(), false);
        Optional<StsPolicy> enforced =
            found.policy().filter(policy -> policy.mode() == StsPolicy.Mode.ENFORCE);
        SessionNotes notes =
            looked ? new SessionNotes(observations, domain, found) : SessionNotes.none();
        int port = settings.remotePort();
        yield openFirst(
            hosts,
            port,
            host -> wanted(demand(need, domain, host, port, enforced)),
            Optional.empty(),
            need,
            notes);
      }
    };
  }

  private TransportSecurity.Demand demand(
      TlsNeed need,
      String domain,
      MailExchangers.Host host,
      int port,
      Optional<StsPolicy> enforced) {
    if (need == TlsNeed.RELAXED) return new TransportSecurity.Demand.Opportunistic();
    TransportSecurity.Demand demand =
        security.demand(domain, host.name(), port, host.secure(), enforced);
    if (need == TlsNeed.USUAL) return demand;
    return switch (demand) {
      case TransportSecurity.Demand.Dane _,
          TransportSecurity.Demand.Verified _,
          TransportSecurity.Demand.Forbidden _ ->
          demand;
      // RFC 8689 §4.2.1: the name must be as sure as the certificate that carries it.
      case TransportSecurity.Demand.Opportunistic _, TransportSecurity.Demand.Encrypted _ ->
          host.secure()
              ? new TransportSecurity.Demand.Verified()
              : new TransportSecurity.Demand.Forbidden(
                  "neither DNSSEC nor an MTA-STS policy vouches for its name (REQUIRETLS)");
    };
  }

  private Opened openFirst(
      List<MailExchangers.Host> hosts,
      int port,
      Function<MailExchangers.Host, Wanted> wanted,
      Optional<Smarthost.Credentials> credentials,
      TlsNeed need,
      SessionNotes notes) {
    int attempts = 0;
    AttemptResult last =
        AttemptResult.retry(SmtpReply.of(451, "4.4.1", "No server of the domain can be reached"));
    boolean allPermanent = true;
    for (MailExchangers.Host host : hosts) {
      if (attempts >= MailflowLimits.ADDRESS_ATTEMPTS_MAX) break;
      Wanted security = wanted.apply(host);
      if (!security.forbidden().isEmpty()) {
        LOG.info("{} is not used: {}", host.name(), security.forbidden());
        notes.forbidden(security.demand(), host.name(), security.forbidden());
        if (need == TlsNeed.REQUIRED) {
          last = requireTlsFailed(host.name(), security.forbidden());
          continue;
        }
        // RFC 8461 §5: never a reason to give up at once.
        last =
            new AttemptResult(
                AttemptResult.Kind.RETRY,
                SmtpReply.of(
                    451,
                    "4.7.5",
                    AttemptResult.clean(host.name() + " is not used: " + security.forbidden())),
                Optional.of(host.name()));
        allPermanent = false;
        continue;
      }
      for (InetAddress address : host.addresses()) {
        if (attempts++ >= MailflowLimits.ADDRESS_ATTEMPTS_MAX) break;
        String mta = host.name();
        try {
          SmtpClient client =
              connect(new InetSocketAddress(address, port), host.name(), security, notes);
          notes.connected(security.demand(), mta, address, client.isEncrypted());
          if (need == TlsNeed.REQUIRED && !client.extensions().isOffered("REQUIRETLS")) {
            client.quit();
            last = requireTlsFailed(mta, "it does not offer REQUIRETLS");
            continue;
          }
          if (credentials.isPresent()) {
            authenticate(client, credentials.get());
          }
          return new Opened(new PeerConnection(client, mta), last);
        } catch (PeerRefusedException e) {
          LOG.info("{} refuses: {}", mta, AttemptResult.clean(text(e)));
          if (text(e).startsWith("STARTTLS")) {
            notes.failed(security.demand(), mta, address, "starttls-not-supported", "");
            if (need == TlsNeed.REQUIRED) {
              last = requireTlsFailed(mta, "it does not encrypt");
              continue;
            }
          }
          last = result(e.reply(), Optional.of(mta));
          // RFC 7672 §2.2, RFC 8461 §5: that a server does not keep what its domain promises may be
          // somebody's work in between.
          allPermanent &= e.reply().isPermanent() && !security.isPromised();
        } catch (IOException e) {
          LOG.info("{} [{}] cannot be reached: {}", mta, address.getHostAddress(), text(e));
          if (e instanceof SSLException) {
            notes.failed(security.demand(), mta, address, SessionNotes.result(e), text(e));
            if (need == TlsNeed.REQUIRED) {
              last = requireTlsFailed(mta, "its certificate is not accepted: " + text(e));
              continue;
            }
          }
          String text = mta + " cannot be reached: " + AttemptResult.clean(text(e));
          last =
              new AttemptResult(
                  AttemptResult.Kind.RETRY,
                  SmtpReply.of(451, "4.4.1", AttemptResult.clean(text)),
                  Optional.of(mta));
          allPermanent = false;
        }
      }
    }
    // One server's refusal is not the domain's while another one may still say yes. A smarthost
    // that refuses our password does not refuse the recipient.
    boolean refusesUs = credentials.isPresent() && need != TlsNeed.REQUIRED;
    if (last.kind() == AttemptResult.Kind.FAILED && (!allPermanent || refusesUs)) {
      last = new AttemptResult(AttemptResult.Kind.RETRY, last.reply(), last.remoteMta());
    }
    return new Opened(null, last);
  }

  /// RFC 8689 §4.2.1, RFC 3463: X.7.30.
  private static AttemptResult requireTlsFailed(String mta, String reason) {
    return new AttemptResult(
        AttemptResult.Kind.FAILED,
        SmtpReply.of(
            550,
            "5.7.30",
            AttemptResult.clean("The sender requires TLS all the way: " + mta + ": " + reason)),
        Optional.of(mta));
  }

  /// @param forbidden why the host must not be used; empty: it may
  private record Wanted(
      ClientSettings.Tls tls,
      SSLContext context,
      String forbidden,
      TransportSecurity.Demand demand) {
    /// Whether the domain says that there is encryption.
    boolean isPromised() {
      return switch (tls) {
        case NONE, OPPORTUNISTIC -> false;
        case REQUIRED, VERIFIED, DANE, IMPLICIT_VERIFIED -> true;
      };
    }
  }

  private Wanted wanted(TransportSecurity.Demand demand) {
    return switch (demand) {
      case TransportSecurity.Demand.Opportunistic() ->
          new Wanted(ClientSettings.Tls.OPPORTUNISTIC, sslContext, "", demand);
      case TransportSecurity.Demand.Encrypted() ->
          new Wanted(ClientSettings.Tls.REQUIRED, sslContext, "", demand);
      case TransportSecurity.Demand.Dane(SSLContext context) ->
          new Wanted(ClientSettings.Tls.DANE, context, "", demand);
      case TransportSecurity.Demand.Verified() ->
          new Wanted(ClientSettings.Tls.VERIFIED, sslContext, "", demand);
      case TransportSecurity.Demand.Forbidden(String reason) ->
          new Wanted(ClientSettings.Tls.NONE, sslContext, reason, demand);
    };
  }

  private SmtpClient connect(
      InetSocketAddress address, String name, Wanted wanted, SessionNotes notes)
      throws IOException {
    if (wanted.tls() == ClientSettings.Tls.OPPORTUNISTIC && notes.isCounting()) {
      Optional<SmtpClient> tested = connectAsTested(address, name, notes);
      if (tested.isPresent()) return tested.get();
    }
    try {
      return SmtpClient.connect(address, name, clientSettings(wanted.tls()).with(wanted.context()));
    } catch (SSLException e) {
      // RFC 7435 §3: opportunistic means that broken encryption is no worse than none.
      if (wanted.tls() != ClientSettings.Tls.OPPORTUNISTIC) throw e;
      LOG.info("TLS with {} failed, going on without: {}", name, AttemptResult.clean(text(e)));
      return SmtpClient.connect(address, name, clientSettings(ClientSettings.Tls.NONE));
    }
  }

  /// As a policy that is being tried out would have it; empty: that fails, is told, and does not
  /// count (RFC 8461 §5).
  private Optional<SmtpClient> connectAsTested(
      InetSocketAddress address, String name, SessionNotes notes) throws IOException {
    Optional<StsPolicy> tested = notes.tested();
    if (tested.isEmpty()) return Optional.empty();
    TransportSecurity.Demand demand = new TransportSecurity.Demand.Verified();
    if (!tested.get().allows(name)) {
      notes.forbidden(demand, name, "the domain's MTA-STS policy does not name it");
      return Optional.empty();
    }
    try {
      return Optional.of(
          SmtpClient.connect(address, name, clientSettings(ClientSettings.Tls.VERIFIED)));
    } catch (SSLException e) {
      notes.failed(demand, name, address.getAddress(), SessionNotes.result(e), text(e));
      return Optional.empty();
    } catch (PeerRefusedException e) {
      if (!text(e).startsWith("STARTTLS")) throw e;
      return Optional.empty();
    }
  }

  private static void authenticate(SmtpClient client, Smarthost.Credentials credentials)
      throws IOException {
    try {
      client.authenticate(credentials.user(), credentials.password());
    } catch (IOException e) {
      client.close();
      throw e;
    }
  }

  private ClientSettings clientSettings(ClientSettings.Tls tls) {
    return ClientSettings.standard(settings.hostname(), sslContext)
        .with(tls)
        .with(settings.clientTimeouts());
  }

  private static AttemptResult result(SmtpReply reply, Optional<String> mta) {
    return new AttemptResult(
        reply.isPermanent() ? AttemptResult.Kind.FAILED : AttemptResult.Kind.RETRY, reply, mta);
  }

  static String text(IOException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }
}
