package org.mailstead.http;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.WindowRateControl;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.mailstead.base.UnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The HTTP engine (Jetty) behind our interface: opens the listeners, speaks HTTP/1.1 and, over
/// TLS, HTTP/2 by ALPN; handlers run on virtual threads.
///
/// The engine's own loggers (`org.eclipse.jetty`) show pieces of bodies at DEBUG, passwords among
/// them: no configuration of logging that we ship or describe sets them below INFO.
public final class HttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

  /// Requests under way get so long to end when the server closes.
  private static final Duration CLOSING_MAX = Duration.ofSeconds(2);

  /// Selectors and acceptors only; handlers do not run on these.
  private static final int PLATFORM_THREAD_COUNT_MAX = 16;

  /// Control frames of one HTTP/2 connection a second: more is a flood (CVE-2023-44487 and its
  /// kin).
  private static final int CONTROL_FRAME_RATE_MAX = 128;

  private final Server server;
  private final Map<String, ServerConnector> connectors = new HashMap<>();
  private final Optional<SslContextFactory.Server> tls;
  private final Optional<Supplier<SSLContext>> contexts;

  /// @param contexts asked at the start and at each [#reloadTls]; needed if a listener has TLS
  public HttpServer(HttpSettings settings, Routes routes, Optional<Supplier<SSLContext>> contexts) {
    HttpLimits limits = settings.limits();
    this.contexts = contexts;
    this.tls = contexts.map(c -> tlsFactory(c.get()));
    QueuedThreadPool threads = new QueuedThreadPool(PLATFORM_THREAD_COUNT_MAX, 4);
    threads.setName("http");
    threads.setDaemon(true);
    // Not the engine's bound of 200 but ours decides, see EngineHandler.
    VirtualThreadPool virtual = new VirtualThreadPool(limits.connectionCountMax());
    virtual.setName("http-request");
    threads.setVirtualThreadsExecutor(virtual);
    server = new Server(threads);
    server.addBean(virtual);
    server.setErrorHandler((request, response, callback) -> {
      // Answers of the engine itself (bad request line, fields too long): no page, no version.
      response.getHeaders().put("Content-Type", "text/plain; charset=utf-8");
      response.write(true, java.nio.ByteBuffer.allocate(0), callback);
      return true;
    });
    server.setStopTimeout(CLOSING_MAX.toMillis());
    server.setHandler(new EngineHandler(routes, limits));
    for (HttpListener listener : settings.listeners()) {
      ServerConnector connector = connector(listener, limits);
      connector.setName(listener.name());
      connector.setHost(listener.address().getHostAddress());
      connector.setPort(listener.port());
      connector.setIdleTimeout(limits.idleMax().toMillis());
      connectors.put(listener.name(), connector);
      server.addConnector(connector);
    }
    server.addBean(new NetworkConnectionLimit(limits.connectionCountMax(), server));
  }

  /// @throws UnavailableException a port is in use or may not be bound; the text names it
  public void start() {
    try {
      server.start();
    } catch (Exception e) {
      close();
      throw new UnavailableException("HTTP: " + rootText(e), Duration.ofSeconds(10), e);
    }
    connectors.forEach((name, c) -> LOG.info("{} listens on port {}", name, c.getLocalPort()));
  }

  /// The port that a listener is bound to.
  public int port(String listener) {
    ServerConnector connector = connectors.get(listener);
    if (connector == null || connector.getLocalPort() < 1) {
      throw new IllegalStateException("no open HTTP listener " + listener);
    }
    return connector.getLocalPort();
  }

  /// The address that a listener is bound to.
  public InetSocketAddress address(String listener) {
    int port = port(listener);
    ServerConnector connector = connectors.get(listener);
    return new InetSocketAddress(connector == null ? "" : connector.getHost(), port);
  }

  /// Takes a new certificate for new connections; those that are open stay.
  public void reloadTls() {
    if (tls.isEmpty() || contexts.isEmpty()) return;
    SSLContext context = contexts.get().get();
    try {
      tls.get().reload(factory -> factory.setSslContext(context));
    } catch (Exception e) {
      throw new IllegalStateException("TLS material was not taken", e);
    }
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      LOG.warn("HTTP server did not stop cleanly: {}", rootText(e));
    }
  }

  private ServerConnector connector(HttpListener listener, HttpLimits limits) {
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.setRequestHeaderSize(limits.headerBytesMax());
    configuration.setSendServerVersion(false);
    configuration.setIdleTimeout(limits.idleMax().toMillis());
    HttpConnectionFactory http1 = new HttpConnectionFactory(configuration);
    if (!listener.tls()) return new ServerConnector(server, 1, 1, http1);
    SslContextFactory.Server factory =
        tls.orElseThrow(
            () -> new IllegalArgumentException("listener " + listener.name() + " needs TLS"));
    // SNI is not compared with Host: clients reach us by address and by several names.
    configuration.addCustomizer(new SecureRequestCustomizer(false));
    HTTP2ServerConnectionFactory http2 = new HTTP2ServerConnectionFactory(configuration);
    http2.setMaxConcurrentStreams(limits.streamCountMax());
    http2.setRateControlFactory(new WindowRateControl.Factory(CONTROL_FRAME_RATE_MAX));
    ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
    alpn.setDefaultProtocol(http1.getProtocol());
    return new ServerConnector(
        server, 1, 1, new SslConnectionFactory(factory, alpn.getProtocol()), alpn, http2, http1);
  }

  private static SslContextFactory.Server tlsFactory(SSLContext context) {
    SslContextFactory.Server factory = new SslContextFactory.Server();
    factory.setSslContext(context);
    factory.setIncludeProtocols("TLSv1.2", "TLSv1.3");
    factory.setRenegotiationAllowed(false);
    factory.setSniRequired(false);
    return factory;
  }

  private static String rootText(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) root = root.getCause();
    String outer = String.valueOf(thrown.getMessage());
    String inner = String.valueOf(root.getMessage());
    return outer.contains(inner) ? outer : outer + ": " + inner;
  }
}
