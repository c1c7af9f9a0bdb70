package org.mailstead.managesieve.server;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.mailstead.base.MalformedException;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.access.Credentials;
import org.mailstead.core.access.Principal;
import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.core.rules.MailboxScripts;
import org.mailstead.formats.sieve.SieveLimits;
import org.mailstead.formats.sieve.SieveScript;
import org.mailstead.managesieve.wire.CommandReader;
import org.mailstead.managesieve.wire.ManageSieveCommand;
import org.mailstead.managesieve.wire.ManageSieveLimits;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5804 RFC 5804
final class ManageSieveSession {
  private static final Logger LOG = LoggerFactory.getLogger(ManageSieveSession.class);
  private static final Duration TLS_HANDSHAKE_MAX = Duration.ofSeconds(30);

  private final ManageSieveSettings settings;
  private final ManageSieveLogin login;
  private final Mailboxes mailboxes;
  private final Optional<Supplier<SSLContext>> tls;
  private final Socket plain;
  private final Runnable bug;
  private final long begunNanos = System.nanoTime();
  private Socket socket;
  private PeerStream peer;
  private BufferedInputStream in;
  private CommandReader reader;
  private Optional<Principal> principal = Optional.empty();
  private boolean secure;
  private boolean over;
  private int failedLogins;
  private int errors;
  private volatile long writingSince;

  ManageSieveSession(
      ManageSieveSettings settings,
      ManageSieveLogin login,
      Mailboxes mailboxes,
      Optional<Supplier<SSLContext>> tls,
      Socket socket,
      Runnable bug)
      throws IOException {
    this.settings = settings;
    this.login = login;
    this.mailboxes = mailboxes;
    this.tls = tls;
    this.plain = socket;
    this.bug = bug;
    this.socket = socket;
    this.peer = new PeerStream(socket);
    this.in = new BufferedInputStream(peer);
    this.reader = new CommandReader(in);
  }

  /// How long the peer has not read what is written now.
  long writingNanos() {
    long since = writingSince;
    return since == 0 ? 0 : System.nanoTime() - since;
  }

  /// Ends the session from another thread.
  void drop() {
    try {
      plain.close();
    } catch (IOException e) {
      LOG.debug("closing a connection: {}", e.getMessage());
    }
  }

  void run() throws IOException {
    try {
      write(capabilities() + "OK \"Mailstead is ready\"\r\n");
      while (!over) next();
    } catch (EOFException e) {
      LOG.debug("the peer has left");
    } catch (SocketTimeoutException e) {
      write("BYE \"Too slow, or idle for too long\"\r\n");
    } catch (CommandReader.EndlessCommandException e) {
      LOG.info("connection from {} ends: {}", plain.getInetAddress(), e.getMessage());
      write("BYE \"Too long\"\r\n");
    } finally {
      socket.close();
    }
  }

  private void next() throws IOException {
    waitForCommand();
    ManageSieveCommand command;
    try {
      command = reader.read();
    } catch (MalformedException e) {
      no("", String.valueOf(e.getMessage()));
      if (++errors >= ManageSieveLimits.ERRORS_MAX) bye("", "Too many errors");
      return;
    }
    try {
      carryOut(command);
    } catch (MalformedException e) {
      no("", String.valueOf(e.getMessage()));
    } catch (RefusedException e) {
      no(code(e), e.publicText());
    } catch (UnavailableException e) {
      LOG.warn("a command cannot be carried out now: {}", e.getMessage());
      no("TRYLATER", "This is not possible now, try again later");
    } catch (RuntimeException e) {
      bug.run();
      LOG.error("a command ended in an error", e);
      bye("TRYLATER", "Internal error");
    }
  }

  /// Idle until the first octet, then as long as a command may take; before the login all together.
  private void waitForCommand() throws IOException {
    ManageSieveLimits limits = settings.limits();
    long loginEnd = begunNanos + limits.loginTimeout().toNanos();
    boolean known = principal.isPresent();
    peer.until(known ? System.nanoTime() + limits.idleTimeout().toNanos() : loginEnd);
    in.mark(1);
    if (in.read() < 0) throw new EOFException();
    in.reset();
    peer.until(known ? System.nanoTime() + limits.commandTimeout().toNanos() : loginEnd);
  }

  private void carryOut(ManageSieveCommand command) throws IOException {
    switch (command) {
      case ManageSieveCommand.Capability() -> write(capabilities() + "OK\r\n");
      case ManageSieveCommand.Noop(Optional<String> tag) ->
          // RFC 5804 §2.13.
          write(
              tag.map(text -> "OK (TAG " + string(text) + ") \"Done\"\r\n")
                  .orElse("OK \"Done\"\r\n"));
      case ManageSieveCommand.Logout() -> {
        write("OK \"Goodbye\"\r\n");
        over = true;
      }
      case ManageSieveCommand.StartTls() -> startTls();
      case ManageSieveCommand.Authenticate authenticate -> authenticate(authenticate);
      case ManageSieveCommand.Unauthenticate() -> {
        scripts();
        principal = Optional.empty();
        ok();
      }
      case ManageSieveCommand.HaveSpace(String name, long bytes) -> {
        scripts().checkSpace(name, bytes);
        ok();
      }
      case ManageSieveCommand.PutScript(String name, String script) -> {
        scripts().put(name, script);
        ok();
      }
      case ManageSieveCommand.CheckScript(String script) -> {
        scripts();
        var _ = SieveScript.parse(script);
        ok();
      }
      case ManageSieveCommand.ListScripts() -> {
        var out = new StringBuilder();
        for (MailboxScripts.Listed each : scripts().list()) {
          out.append(string(each.name())).append(each.active() ? " ACTIVE" : "").append("\r\n");
        }
        write(out + "OK\r\n");
      }
      case ManageSieveCommand.SetActive(String name) -> {
        scripts().activate(name.isEmpty() ? Optional.empty() : Optional.of(name));
        ok();
      }
      case ManageSieveCommand.GetScript(String name) -> {
        Optional<String> script = scripts().find(name);
        if (script.isEmpty()) no("NONEXISTENT", "There is no such script");
        else write(literal(script.get()) + "\r\nOK\r\n");
      }
      case ManageSieveCommand.DeleteScript(String name) -> {
        scripts().delete(name);
        ok();
      }
      case ManageSieveCommand.RenameScript(String name, String newName) -> {
        scripts().rename(name, newName);
        ok();
      }
    }
  }

  /// The scripts of who is logged in.
  ///
  /// @throws MalformedException nobody is
  private MailboxScripts scripts() throws IOException {
    if (principal.isEmpty()) throw new MalformedException("Log in first");
    if (!login.mayContinue(principal.get(), plain.getInetAddress())) {
      bye("", "You may not go on");
      throw new EOFException();
    }
    return new MailboxScripts(mailboxes.open(principal.get().mailbox()));
  }

  private void startTls() throws IOException {
    if (secure || tls.isEmpty()) {
      no("", secure ? "TLS is on already" : "TLS is not available");
      return;
    }
    if (principal.isPresent()) {
      no("", "Not after the login");
      return;
    }
    // RFC 5804 §2.2: nothing of what came in plain counts afterwards; a peer that sends ahead is
    // somebody in between.
    if (in.available() > 0) {
      bye("", "Nothing may follow STARTTLS before the handshake");
      return;
    }
    write("OK \"Begin TLS\"\r\n");
    SSLSocket secured =
        (SSLSocket)
            tls.get()
                .get()
                .getSocketFactory()
                .createSocket(
                    plain, plain.getInetAddress().getHostAddress(), plain.getPort(), true);
    secured.setUseClientMode(false);
    secured.setEnabledProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    plain.setSoTimeout((int) TLS_HANDSHAKE_MAX.toMillis());
    secured.startHandshake();
    socket = secured;
    peer = new PeerStream(secured);
    in = new BufferedInputStream(peer);
    reader = new CommandReader(in);
    secure = true;
    // RFC 5804 §2.2: the capabilities again, unasked.
    write(capabilities() + "OK\r\n");
  }

  private void authenticate(ManageSieveCommand.Authenticate command) throws IOException {
    if (principal.isPresent()) {
      no("", "You are logged in already");
      return;
    }
    if (!mayLogIn()) {
      no("ENCRYPT-NEEDED", "Start TLS first");
      return;
    }
    if (!command.mechanism().equals("PLAIN")) {
      no("", "This mechanism is not supported");
      return;
    }
    String response;
    if (command.initial().isPresent()) {
      response = command.initial().get();
    } else {
      write("\"\"\r\n");
      response = reader.readText();
      if (response.equals("*")) {
        no("", "The login was cancelled");
        return;
      }
    }
    try {
      principal = Optional.of(login.login(credentials(response), plain.getInetAddress()));
      ok();
    } catch (RefusedException e) {
      no("", "The name or the password is wrong");
      if (++failedLogins >= ManageSieveLimits.LOGINS_FAILED_MAX) bye("", "Too many logins");
    }
  }

  private boolean mayLogIn() {
    return secure || settings.plainLoginAllowed();
  }

  /// RFC 4616 §2.
  private static Credentials credentials(String base64) {
    String message;
    try {
      byte[] octets = Base64.getDecoder().decode(base64.getBytes(StandardCharsets.ISO_8859_1));
      message = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new MalformedException("The response is no base 64 of UTF-8");
    }
    String[] parts = message.split("\0", -1);
    if (parts.length != 3 || parts[1].isEmpty() || parts[2].isEmpty()) {
      throw new MalformedException("The response has not the form of PLAIN");
    }
    return new Credentials(
        parts[1], parts[2], Optional.of(parts[0]).filter(identity -> !identity.isEmpty()));
  }

  private String capabilities() {
    var out = new StringBuilder("\"IMPLEMENTATION\" \"Mailstead\"\r\n");
    out.append("\"SIEVE\" ").append(string(String.join(" ", SieveScript.extensions())));
    out.append("\r\n\"SASL\" ").append(mayLogIn() ? "\"PLAIN\"" : "\"\"").append("\r\n");
    if (!secure && tls.isPresent()) out.append("\"STARTTLS\"\r\n");
    out.append("\"MAXREDIRECTS\" \"").append(SieveLimits.REDIRECTS_MAX).append("\"\r\n");
    principal.ifPresent(each ->
        out.append("\"OWNER\" ").append(string(each.primaryAddress().toString())).append("\r\n"));
    out.append("\"UNAUTHENTICATE\"\r\n\"VERSION\" \"1.0\"\r\n");
    return out.toString();
  }

  private static String code(RefusedException e) {
    return switch (e.refusal()) {
      case NOT_FOUND -> "NONEXISTENT";
      case ALREADY_EXISTS -> "ALREADYEXISTS";
      case IN_USE -> "ACTIVE";
      case LIMIT_REACHED -> "QUOTA/MAXSCRIPTS";
      case TOO_LARGE -> "QUOTA/MAXSIZE";
      case OVER_QUOTA -> "QUOTA";
      case FORBIDDEN, AUTHENTICATION_FAILED, WRONG_STATE, RESERVED, INVALID, NOT_SUPPORTED -> "";
    };
  }

  private void ok() throws IOException {
    write("OK\r\n");
  }

  private void no(String code, String text) throws IOException {
    write("NO " + (code.isEmpty() ? "" : "(" + code + ") ") + string(text) + "\r\n");
  }

  private void bye(String code, String text) throws IOException {
    write("BYE " + (code.isEmpty() ? "" : "(" + code + ") ") + string(text) + "\r\n");
    over = true;
  }

  /// Quoted where that is allowed (RFC 5804 §4).
  private static String string(String text) {
    boolean quotable =
        text.getBytes(StandardCharsets.UTF_8).length <= ManageSieveLimits.QUOTED_BYTES_MAX
            && text.chars().noneMatch(c -> c == '\r' || c == '\n' || c == 0);
    return quotable
        ? "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\""
        : literal(text);
  }

  private static String literal(String text) {
    return "{" + text.getBytes(StandardCharsets.UTF_8).length + "}\r\n" + text;
  }

  private void write(String text) throws IOException {
    writingSince = System.nanoTime();
    try {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
    } finally {
      writingSince = 0;
    }
  }
}
