package org.mailstead.interop;

import com.unboundid.ldap.sdk.BindRequest;
import com.unboundid.ldap.sdk.FailoverServerSet;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPConnectionPool;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.PostConnectProcessor;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.ServerSet;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import com.unboundid.ldap.sdk.SingleServerSet;
import com.unboundid.ldap.sdk.StartTLSPostConnectProcessor;
import com.unboundid.util.ssl.HostNameSSLSocketVerifier;
import com.unboundid.util.ssl.PEMFileTrustManager;
import com.unboundid.util.ssl.SSLUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.directory.DirectoryProblem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Connections to the servers of one directory: one pool bound as the service, for searches, and
/// one for trying users' passwords. Pools are made when they are first needed, connections are
/// checked with certificate and host name, referrals are not followed (RFC 4511 §4.1.10): what a
/// server refers to is another server, which the operator has not named.
final class LdapServers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LdapServers.class);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(30);

  private final LdapDirectorySettings settings;
  private final ReentrantLock lock = new ReentrantLock();
  private Optional<LDAPConnectionPool> searches = Optional.empty();
  private Optional<LDAPConnectionPool> logins = Optional.empty();

  LdapServers(LdapDirectorySettings settings) {
    this.settings = settings;
  }

  /// Bound as the service.
  ///
  /// @throws UnavailableException no server answers, or the bind is refused
  LDAPConnectionPool searches() {
    lock.lock();
    try {
      if (searches.isEmpty()) {
        var bind = new SimpleBindRequest(settings.bindDn(), password());
        bind.setResponseTimeoutMillis(LdapLimits.LOGIN_WAIT_MAX.toMillis());
        LDAPConnectionPool pool = pool(LdapLimits.SEARCH_CONNECTIONS_MAX, Optional.of(bind));
        pool.setConnectionPoolName("searches of " + settings.directory().id());
        searches = Optional.of(pool);
      }
      return searches.orElseThrow();
    } finally {
      lock.unlock();
    }
  }

  /// Bound as nobody, then as whoever was tried last: for binds only.
  ///
  /// @throws UnavailableException no server answers
  LDAPConnectionPool logins() {
    lock.lock();
    try {
      if (logins.isEmpty()) {
        LDAPConnectionPool pool = pool(LdapLimits.LOGIN_CONNECTIONS_MAX, Optional.empty());
        pool.setConnectionPoolName("logins of " + settings.directory().id());
        logins = Optional.of(pool);
      }
      return logins.orElseThrow();
    } finally {
      lock.unlock();
    }
  }

  /// The secret as it is now; a bind with an empty one would be anonymous (RFC 4513 §5.1.2).
  private String password() {
    String password;
    try {
      password = settings.bindPassword().get();
    } catch (UncheckedIOException e) {
      throw new UnavailableException(
          "the bind password cannot be read: " + e.getMessage(), RETRY_AFTER, e);
    }
    if (password.isEmpty()) {
      throw new UnavailableException("the bind password is empty", RETRY_AFTER);
    }
    return password;
  }

  private LDAPConnectionPool pool(int connections, Optional<BindRequest> bind) {
    try {
      var pool = new LDAPConnectionPool(servers(), bind.orElse(null), 0, connections, null, false);
      pool.setMaxWaitTimeMillis(LdapLimits.LOGIN_WAIT_MAX.toMillis());
      pool.setCreateIfNecessary(false);
      pool.setMaxConnectionAgeMillis(Duration.ofMinutes(10).toMillis());
      pool.setRetryFailedOperationsDueToInvalidConnections(true);
      try {
        pool.releaseConnection(pool.getConnection()); // Whether anybody answers.
      } catch (LDAPException e) {
        pool.close();
        throw e;
      }
      return pool;
    } catch (LDAPException e) {
      throw away(e);
    } catch (IOException | GeneralSecurityException e) {
      throw new UnavailableException(
          "the trusted certificates cannot be read: " + e.getMessage(), RETRY_AFTER, e);
    }
  }

  /// STARTTLS, where it is used, comes before the pool's bind.
  private ServerSet servers() throws IOException, GeneralSecurityException {
    SSLContext tls = tls();
    var options = new LDAPConnectionOptions();
    options.setConnectTimeoutMillis((int) settings.connectTimeout().toMillis());
    options.setResponseTimeoutMillis(settings.answerTimeout().toMillis());
    options.setFollowReferrals(false);
    options.setUseSynchronousMode(true);
    options.setAbandonOnTimeout(true);
    options.setMaxMessageSize(LdapLimits.MESSAGE_BYTES_MAX);
    options.setSSLSocketVerifier(new HostNameSSLSocketVerifier(true));
    List<ServerSet> sets = new ArrayList<>();
    for (LdapUrl url : settings.urls()) {
      PostConnectProcessor afterConnect =
          url.tlsAtOnce() || settings.isPlaintextAllowed()
              ? null
              : new StartTLSPostConnectProcessor(tls);
      sets.add(
          new SingleServerSet(
              url.host(),
              url.port(),
              url.tlsAtOnce() ? tls.getSocketFactory() : null,
              options,
              null,
              afterConnect));
    }
    return new FailoverServerSet(sets.toArray(ServerSet[]::new));
  }

  private SSLContext tls() throws IOException, GeneralSecurityException {
    TrustManager trust;
    if (settings.caFile().isPresent()) {
      try {
        trust = new PEMFileTrustManager(settings.caFile().get().toFile());
      } catch (java.security.KeyStoreException e) {
        throw new IOException(settings.caFile().get() + ": " + e.getMessage(), e);
      }
    } else {
      trust = runtimeTrust();
    }
    return new SSLUtil(trust).createSSLContext("TLS");
  }

  private static TrustManager runtimeTrust() throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager) return manager;
    }
    throw new GeneralSecurityException("this JDK trusts nobody");
  }

  /// A failure of the directory itself, with a text for the operator: result code and the server's
  /// own words, which do not hold what we sent.
  static UnavailableException away(LDAPException e) {
    String text =
        e.getResultCode().equals(ResultCode.INVALID_CREDENTIALS)
            ? "the directory refuses the service's bind DN or password"
            : "the directory does not answer: "
                + e.getResultCode().getName()
                + " "
                + String.valueOf(e.getMessage());
    return new UnavailableException(text, RETRY_AFTER, e);
  }

  /// Whether a server answers and takes the service's bind.
  Optional<DirectoryProblem> problem() {
    try {
      // The root entry of the server (RFC 4512 §5.1) is there for everybody.
      var request =
          new SearchRequest(
              "", SearchScope.BASE, Filter.createPresenceFilter("objectClass"), "1.1");
      request.setResponseTimeoutMillis(LdapLimits.LOGIN_WAIT_MAX.toMillis());
      boolean alive = searches().search(request).getEntryCount() == 1;
      return alive
          ? Optional.empty()
          : Optional.of(new DirectoryProblem(false, "the directory shows no root entry"));
    } catch (LDAPException e) {
      reconnect();
      return Optional.of(problem(away(e)));
    } catch (UnavailableException e) {
      return Optional.of(problem(e));
    }
  }

  private static DirectoryProblem problem(UnavailableException e) {
    boolean refused =
        e.getCause() instanceof LDAPException cause
            && cause.getResultCode().equals(ResultCode.INVALID_CREDENTIALS);
    return new DirectoryProblem(refused, String.valueOf(e.getMessage()));
  }

  /// A connection that answered just now; give it back with [#release].
  ///
  /// @throws UnavailableException no server answers
  LDAPConnection connection() {
    LDAPConnectionPool pool = searches();
    try {
      LDAPConnection connection = pool.getConnection();
      try {
        connection.getRootDSE();
        return connection;
      } catch (LDAPException e) {
        // It was idle and the server has gone meanwhile: another one, or none.
        LOG.debug("a connection was stale: {}", e.getMessage());
        return pool.replaceDefunctConnection(connection);
      }
    } catch (LDAPException e) {
      reconnect();
      throw away(e);
    }
  }

  void release(LDAPConnection connection, boolean isUsable) {
    LDAPConnectionPool pool = searches();
    if (isUsable) pool.releaseConnection(connection);
    else pool.releaseDefunctConnection(connection);
  }

  /// Forgets the connections, so that the next use makes them anew: after a bind password or a
  /// certificate has changed.
  void reconnect() {
    lock.lock();
    try {
      searches.ifPresent(LDAPConnectionPool::close);
      logins.ifPresent(LDAPConnectionPool::close);
      searches = Optional.empty();
      logins = Optional.empty();
    } finally {
      lock.unlock();
    }
    LOG.debug("connections to {} are made anew", settings.directory().id());
  }

  @Override
  public void close() {
    reconnect();
  }
}
