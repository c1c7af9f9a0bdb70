package org.mailstead.migration.imap;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.MalformedException;
import org.mailstead.imap.client.ClientCommand;
import org.mailstead.imap.client.ImapClient;

/// The connections to one mailbox: opened when needed, used again, thrown away when broken. For
/// several threads.
final class ImapConnections implements AutoCloseable {
  private final ImapServerAddress server;
  private final ImapLogin login;
  private final Optional<ContentSpool> spool;
  private final Deque<ImapClient> idle = new ArrayDeque<>();
  private final Set<ImapClient> busy = new HashSet<>();
  private boolean closed;

  ImapConnections(ImapServerAddress server, ImapLogin login, ContentSpool spool) {
    this.server = server;
    this.login = login;
    this.spool = Optional.of(spool);
  }

  /// What a piece of work does with a connection.
  @FunctionalInterface
  interface Use<T> {
    T on(ImapClient client) throws IOException;
  }

  /// Works on a connection of its own; one that breaks is not used again.
  <T> T use(Use<T> use) throws IOException {
    ImapClient client = take();
    boolean sound = false;
    try {
      T result = use.on(client);
      sound = true;
      return result;
    } catch (MalformedException e) {
      throw new IOException("the server does not keep to the protocol: " + e.getMessage(), e);
    } catch (org.mailstead.base.RefusedException e) {
      sound = true;
      throw e;
    } finally {
      if (sound) giveBack(client);
      else discard(client);
    }
  }

  ImapClient take() throws IOException {
    synchronized (this) {
      if (closed) throw new IOException("closed");
      ImapClient client = idle.pollLast();
      if (client != null) {
        busy.add(client);
        return client;
      }
    }
    ImapClient client = open();
    synchronized (this) {
      busy.add(client);
    }
    return client;
  }

  void giveBack(ImapClient client) {
    synchronized (this) {
      busy.remove(client);
      if (!closed) {
        idle.addLast(client);
        return;
      }
    }
    client.abort();
  }

  void discard(ImapClient client) {
    synchronized (this) {
      busy.remove(client);
    }
    client.abort();
  }

  private ImapClient open() throws IOException {
    InetSocketAddress address = new InetSocketAddress(server.host(), server.port());
    if (address.isUnresolved()) throw new IOException("no address for " + server.host());
    boolean implicit = server.security() == ImapServerAddress.Security.TLS;
    ImapClient client;
    try {
      client =
          ImapClient.connect(
              address, implicit ? Optional.of(trust()) : Optional.empty(), server.timeout(), spool);
    } catch (MalformedException e) {
      throw new IOException("no IMAP server: " + e.getMessage(), e);
    }
    boolean sound = false;
    try {
      if (server.security() == ImapServerAddress.Security.STARTTLS) client.startTls(trust());
      logIn(client);
      if (client.capabilities().contains("QRESYNC")) {
        client.execute(new ClientCommand.Enable(List.of("QRESYNC")));
      }
      client.useRawNames();
      sound = true;
      return client;
    } catch (MalformedException e) {
      throw new IOException("the server does not keep to the protocol: " + e.getMessage(), e);
    } finally {
      if (!sound) client.abort();
    }
  }

  private SSLContext trust() throws IOException {
    if (server.trust().isPresent()) return server.trust().get();
    try {
      return SSLContext.getDefault();
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IOException("no TLS", e);
    }
  }

  private void logIn(ImapClient client) throws IOException {
    Set<String> offered = client.capabilities();
    ClientCommand command =
        switch (login) {
          case ImapLogin.Password(String user, Secret password) ->
              offered.contains("AUTH=PLAIN")
                  ? plain("", user, password)
                  : new ClientCommand.Login(user, password.value());
          case ImapLogin.Administrator(String user, String administrator, Secret password) ->
              plain(user, administrator, password);
          case ImapLogin.Bearer(String user, TokenSource tokens) ->
              new ClientCommand.Authenticate(
                  "XOAUTH2",
                  ("user=" + user + "\u0001auth=Bearer " + tokens.token().value() + "\u0001\u0001")
                      .getBytes(StandardCharsets.UTF_8));
        };
    ImapClient.Result result = client.execute(command);
    if (result.isOk()) return;
    if (login instanceof ImapLogin.Bearer bearer) bearer.tokens().discard();
    throw ImapFailures.loginRefused(result.status());
  }

  /// RFC 4616 §2.
  private static ClientCommand plain(String identity, String user, Secret password) {
    String message = identity + "\u0000" + user + "\u0000" + password.value();
    return new ClientCommand.Authenticate("PLAIN", message.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    List<ImapClient> resting;
    List<ImapClient> working;
    synchronized (this) {
      closed = true;
      resting = List.copyOf(idle);
      working = List.copyOf(busy);
      idle.clear();
      busy.clear();
    }
    for (ImapClient client : resting) {
      try {
        client.close();
      } catch (IOException e) {
        client.abort();
      }
    }
    working.forEach(ImapClient::abort);
  }
}
