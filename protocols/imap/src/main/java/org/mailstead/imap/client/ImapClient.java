package org.mailstead.imap.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.MalformedException;
import org.mailstead.imap.wire.BufferPool;
import org.mailstead.imap.wire.ImapDates;
import org.mailstead.imap.wire.ImapInput;
import org.mailstead.imap.wire.ImapResponse;
import org.mailstead.imap.wire.ResponseParser;
import org.mailstead.imap.wire.ResponseWriter;

/// One connection to an IMAP server, answers as records: one command at a time with [#execute], or
/// several under way with [#send] and [#await]. Messages are streamed, without waiting for each
/// go-ahead where the server has LITERAL+. Not for several threads at once.
public final class ImapClient implements AutoCloseable {
  private static final BufferPool BUFFERS = new BufferPool();
  private static final int COPY_BYTES = 1 << 16;
  private static final int INPUT_BYTES = 1 << 15;

  /// @param data the untagged responses in order
  public record Result(ImapResponse.Status status, List<ImapResponse> data) {
    public boolean isOk() {
      return status.isOk();
    }

    /// Untagged data that begin with this word, or have it second, after a number.
    public List<ImapResponse.Data> named(String word) {
      List<ImapResponse.Data> found = new ArrayList<>();
      for (ImapResponse response : data) {
        if (response instanceof ImapResponse.Data named
            && (named.text(0).equalsIgnoreCase(word) || named.text(1).equalsIgnoreCase(word))) {
          found.add(named);
        }
      }
      return found;
    }
  }

  private final String host;
  private final ImapInput input;
  private final ResponseWriter writer;
  private final ResponseParser parser;
  private Socket socket;
  private Set<String> capabilities = new HashSet<>();
  private int tagCount;
  private boolean rawNames;

  /// Completions that came while something else was awaited, by tag.
  private final Map<String, ImapResponse.Status> early = new HashMap<>();

  private ImapClient(String host, Socket socket, Optional<ContentSpool> spool) throws IOException {
    this.host = host;
    this.socket = socket;
    this.input = new ImapInput(socket.getInputStream(), () -> {}, INPUT_BYTES);
    this.writer = new ResponseWriter(socket.getOutputStream(), BUFFERS);
    this.parser = new ResponseParser(input, spool);
  }

  /// Connects and reads the greeting.
  ///
  /// @param tls TLS from the first octet, the certificate checked against the host's name
  /// @param timeout for connecting and for each wait for an answer
  public static ImapClient connect(
      InetSocketAddress address, Optional<SSLContext> tls, Duration timeout) throws IOException {
    return connect(address, tls, timeout, Optional.empty());
  }

  /// @param spool takes large literals, so that a message of any size needs little memory
  public static ImapClient connect(
      InetSocketAddress address,
      Optional<SSLContext> tls,
      Duration timeout,
      Optional<ContentSpool> spool)
      throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(address, (int) timeout.toMillis());
      socket.setSoTimeout((int) timeout.toMillis());
      socket.setTcpNoDelay(true);
      Socket connection =
          tls.isPresent() ? secure(socket, address.getHostString(), tls.get()) : socket;
      ImapClient client = new ImapClient(address.getHostString(), connection, spool);
      client.greet();
      return client;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private void greet() throws IOException {
    if (!(parser.read() instanceof ImapResponse.Status greeting) || !greeting.isOk()) {
      throw new IOException("the server does not greet with OK");
    }
    learn(greeting);
  }

  private static SSLSocket secure(Socket socket, String host, SSLContext context)
      throws IOException {
    SSLSocket secured =
        (SSLSocket) context.getSocketFactory().createSocket(socket, host, socket.getPort(), true);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    secured.setSSLParameters(parameters);
    secured.startHandshake();
    return secured;
  }

  /// RFC 9051 §6.2.1; what came in plain text, capabilities included, is forgotten.
  public void startTls(SSLContext context) throws IOException {
    String tag = newTag();
    writer.text(tag).text(" STARTTLS\r\n").flush();
    Result result = readResult(tag, response -> {});
    if (!result.isOk()) throw new IOException("STARTTLS refused: " + result.status().text());
    socket = secure(socket, host, context);
    input.switchTo(socket.getInputStream());
    writer.switchTo(socket.getOutputStream());
    capabilities = new HashSet<>();
  }

  /// What the server has announced, in upper case; asked for when it has not.
  public Set<String> capabilities() throws IOException {
    if (capabilities.isEmpty()) execute(new ClientCommand.Capability());
    return Set.copyOf(capabilities);
  }

  /// Executes a command and keeps all its responses.
  public Result execute(ClientCommand command) throws IOException {
    List<ImapResponse> data = new ArrayList<>();
    ImapResponse.Status status = execute(command, data::add);
    return new Result(status, data);
  }

  /// Executes a command and hands each untagged response over as it comes, for large answers.
  public ImapResponse.Status execute(ClientCommand command, Consumer<ImapResponse> each)
      throws IOException {
    String tag = newTag();
    writer.text(tag).space();
    Optional<Result> refused = write(tag, command, each);
    if (refused.isPresent()) return refused.get().status();
    writer.crlf().flush();
    writer.release();
    Result result =
        command instanceof ClientCommand.Authenticate sasl
            ? authenticate(tag, sasl, each)
            : readResult(tag, each);
    if ((command instanceof ClientCommand.Login || command instanceof ClientCommand.Authenticate)
        && result.isOk()) {
      // RFC 9051 §6.2.3: they may differ now.
      capabilities = new HashSet<>();
      learn(result.status());
    }
    return result.status();
  }

  /// Mailbox names in commands are octets as the server listed them, one char each, from now on:
  /// for servers whose names are not proper modified UTF-7.
  public void useRawNames() {
    rawNames = true;
  }

  /// Sends a command without waiting for its completion.
  ///
  /// @return its tag, for [#await]
  public String send(ClientCommand command) throws IOException {
    String tag = newTag();
    writer.text(tag).space();
    Optional<Result> refused = write(tag, command, response -> {});
    if (refused.isPresent()) {
      early.put(tag, refused.get().status());
      return tag;
    }
    writer.crlf().flush();
    return tag;
  }

  /// The completion of a command sent before. Completions of others that come first are kept.
  ///
  /// @param each told of untagged responses, of whichever command under way
  public ImapResponse.Status await(String tag, Consumer<ImapResponse> each) throws IOException {
    while (true) {
      ImapResponse.Status known = early.remove(tag);
      if (known != null) return known;
      ImapResponse response = read();
      if (response instanceof ImapResponse.Status status && status.tag().isPresent()) {
        early.put(status.tag().get(), status);
      } else {
        each.accept(response);
      }
    }
  }

  /// The next response, whatever it is.
  public ImapResponse read() throws IOException {
    ImapResponse response = parser.read();
    if (response instanceof ImapResponse.Status status && status.tag().isEmpty()) learn(status);
    return response;
  }

  /// Closes the connection without a word: for one that is broken or has answers under way.
  public void abort() {
    try {
      socket.close();
    } catch (IOException e) {
      // It is closed as far as it can be.
    }
    writer.release();
  }

  private ResponseWriter mailbox(String name) throws IOException {
    if (!rawNames) return writer.mailbox(name);
    writer.octet('"');
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '\r' || c == '\n' || c == 0) throw new MalformedException("not a mailbox name");
      if (c == '"' || c == '\\') writer.octet('\\');
      writer.octet(c);
    }
    return writer.octet('"');
  }

  private String newTag() {
    return "m" + ++tagCount;
  }

  private Result authenticate(
      String tag, ClientCommand.Authenticate sasl, Consumer<ImapResponse> each) throws IOException {
    boolean sent = capabilities.contains("SASL-IR");
    while (true) {
      ImapResponse response = parser.read();
      if (response instanceof ImapResponse.Continuation) {
        if (!sent) writer.text(Base64.getEncoder().encodeToString(sasl.initialResponse()));
        writer.crlf().flush();
        sent = true;
        continue;
      }
      if (response instanceof ImapResponse.Status status) {
        if (status.tag().filter(tag::equals).isPresent()) return new Result(status, List.of());
        learn(status);
      }
      each.accept(response);
    }
  }

  private Result readResult(String tag, Consumer<ImapResponse> each) throws IOException {
    while (true) {
      ImapResponse response = parser.read();
      if (response instanceof ImapResponse.Status status) {
        if (status.tag().filter(tag::equals).isPresent()) return new Result(status, List.of());
        learn(status);
      } else if (response instanceof ImapResponse.Data data && data.text(0).equals("CAPABILITY")) {
        capabilities = new HashSet<>();
        for (int i = 1; i < data.values().size(); i++) {
          capabilities.add(data.text(i).toUpperCase(Locale.ROOT));
        }
      }
      each.accept(response);
    }
  }

  private void learn(ImapResponse.Status status) {
    if (!status.code().startsWith("CAPABILITY ")) return;
    String words = status.code().substring("CAPABILITY ".length()).toUpperCase(Locale.ROOT);
    capabilities = new HashSet<>(Arrays.asList(words.split(" ", -1)));
  }

  /// @return an answer that came before the command was complete: a refused literal
  private Optional<Result> write(String tag, ClientCommand command, Consumer<ImapResponse> each)
      throws IOException {
    switch (command) {
      case ClientCommand.Noop _ -> writer.text("NOOP");
      case ClientCommand.Capability _ -> writer.text("CAPABILITY");
      case ClientCommand.Logout _ -> writer.text("LOGOUT");
      case ClientCommand.Login login -> {
        writer.text("LOGIN ");
        Optional<Result> refused = string(tag, login.name(), each);
        if (refused.isPresent()) return refused;
        writer.space();
        return string(tag, login.password(), each);
      }
      case ClientCommand.Authenticate sasl -> {
        writer.text("AUTHENTICATE ").text(sasl.mechanism());
        if (capabilities.contains("SASL-IR")) {
          String response = Base64.getEncoder().encodeToString(sasl.initialResponse());
          // RFC 4959 §3: an empty one is written as one equals sign.
          writer.space().text(response.isEmpty() ? "=" : response);
        }
      }
      case ClientCommand.Id id -> {
        writer.text("ID (");
        for (int i = 0; i < id.pairs().size(); i++) {
          if (i > 0) writer.space();
          writer.string(id.pairs().get(i));
        }
        writer.octet(')');
      }
      case ClientCommand.Enable enable ->
          writer.text("ENABLE ").text(String.join(" ", enable.capabilities()));
      case ClientCommand.Namespace _ -> writer.text("NAMESPACE");
      case ClientCommand.ListFolders list -> {
        writer.text("LIST ");
        mailbox(list.reference()).text(" \"");
        writer.text(list.pattern()).octet('"');
        if (!list.returns().isEmpty()) {
          writer.text(" RETURN (").text(String.join(" ", list.returns())).octet(')');
        }
      }
      case ClientCommand.Lsub lsub -> {
        writer.text("LSUB ");
        mailbox(lsub.reference()).text(" \"").text(lsub.pattern()).octet('"');
      }
      case ClientCommand.Status status -> {
        writer.text("STATUS ");
        mailbox(status.mailbox()).text(" (").text(String.join(" ", status.items())).octet(')');
      }
      case ClientCommand.Select select -> {
        writer.text(select.readOnly() ? "EXAMINE " : "SELECT ");
        mailbox(select.mailbox());
      }
      case ClientCommand.SelectWith select -> {
        writer.text(select.readOnly() ? "EXAMINE " : "SELECT ");
        mailbox(select.mailbox()).space().text(select.parameters());
      }
      case ClientCommand.Unselect _ -> writer.text("UNSELECT");
      case ClientCommand.Close _ -> writer.text("CLOSE");
      case ClientCommand.Create create -> {
        writer.text("CREATE ");
        mailbox(create.mailbox());
      }
      case ClientCommand.Delete delete -> {
        writer.text("DELETE ");
        mailbox(delete.mailbox());
      }
      case ClientCommand.Subscribe subscribe -> {
        writer.text("SUBSCRIBE ");
        mailbox(subscribe.mailbox());
      }
      case ClientCommand.Append append -> {
        return append(tag, append, each);
      }
      case ClientCommand.Restore restore -> {
        writer.text("XMAILSTEAD-RESTORE ");
        mailbox(restore.mailbox());
        writer.text(" (UIDVALIDITY ").number(restore.uidValidity());
        writer.text(" UIDNEXT ").number(restore.uidNext()).octet(')');
      }
      case ClientCommand.UidFetch fetch ->
          writer
              .text("UID FETCH ")
              .text(fetch.uids().toString())
              .text(" (")
              .text(String.join(" ", fetch.items()))
              .octet(')');
      case ClientCommand.UidFetchChanged fetch ->
          writer
              .text("UID FETCH ")
              .text(fetch.uids().toString())
              .text(" (")
              .text(String.join(" ", fetch.items()))
              .text(") (CHANGEDSINCE ")
              .number(fetch.modSeq())
              .text(fetch.vanished() ? " VANISHED)" : ")");
      case ClientCommand.UidStore store ->
          flags(
              writer
                  .text("UID STORE ")
                  .text(store.uids().toString())
                  .space()
                  .text(store.item())
                  .space(),
              store.flags());
      case ClientCommand.UidCopy copy -> {
        writer.text("UID COPY ").text(copy.uids().toString()).space();
        mailbox(copy.mailbox());
      }
      case ClientCommand.UidMove move -> {
        writer.text("UID MOVE ").text(move.uids().toString()).space();
        mailbox(move.mailbox());
      }
      case ClientCommand.UidExpunge expunge ->
          writer.text("UID EXPUNGE ").text(expunge.uids().toString());
      case ClientCommand.UidSearch search -> writer.text("UID SEARCH ").text(search.keys());
    }
    return Optional.empty();
  }

  private static void flags(ResponseWriter writer, Collection<String> flags) throws IOException {
    writer.octet('(').text(String.join(" ", flags)).octet(')');
  }

  private Optional<Result> append(
      String tag, ClientCommand.Append append, Consumer<ImapResponse> each) throws IOException {
    writer.text("APPEND ");
    mailbox(append.mailbox());
    for (ClientCommand.Message message : append.messages()) {
      writer.space();
      flags(writer, message.flags());
      writer.space();
      if (message.received().isPresent()) {
        writer.text(ImapDates.format(message.received().get())).space();
      }
      if (!message.extension().isEmpty()) writer.text(message.extension()).space();
      Content content = message.content();
      Optional<Result> refused = literalHeader(tag, content.length(), each);
      if (refused.isPresent()) return refused;
      byte[] chunk = new byte[(int) Math.min(COPY_BYTES, Math.max(1, content.length()))];
      try (InputStream in = content.open()) {
        for (int got = in.read(chunk); got > 0; got = in.read(chunk)) writer.bytes(chunk, 0, got);
      }
    }
    return Optional.empty();
  }

  /// A quoted string, or a literal where that cannot be.
  private Optional<Result> string(String tag, String value, Consumer<ImapResponse> each)
      throws IOException {
    byte[] octets = value.getBytes(StandardCharsets.UTF_8);
    boolean quotable = true;
    for (byte b : octets) quotable &= b >= ' ' && b < 0x7F;
    if (quotable) {
      writer.octet('"').text(value.replace("\\", "\\\\").replace("\"", "\\\"")).octet('"');
      return Optional.empty();
    }
    Optional<Result> refused = literalHeader(tag, octets.length, each);
    if (refused.isEmpty()) writer.bytes(octets);
    return refused;
  }

  /// RFC 7888: without waiting where the server allows it.
  private Optional<Result> literalHeader(String tag, long length, Consumer<ImapResponse> each)
      throws IOException {
    boolean plus =
        capabilities.contains("LITERAL+") || (capabilities.contains("LITERAL-") && length <= 4096);
    writer.octet('{').number(length).text(plus ? "+}\r\n" : "}\r\n");
    if (plus) return Optional.empty();
    writer.flush();
    while (true) {
      ImapResponse response = parser.read();
      if (response instanceof ImapResponse.Continuation) return Optional.empty();
      if (response instanceof ImapResponse.Status status && status.tag().isPresent()) {
        if (status.tag().get().equals(tag)) return Optional.of(new Result(status, List.of()));
        early.put(status.tag().get(), status);
        continue;
      }
      each.accept(response);
    }
  }

  /// Waits for the next untagged response during IDLE.
  ///
  /// @param each told of every response; returns whether to go on waiting
  public ImapResponse.Status idle(java.util.function.Predicate<ImapResponse> each)
      throws IOException {
    String tag = newTag();
    writer.text(tag).text(" IDLE\r\n").flush();
    boolean waiting = true;
    while (true) {
      ImapResponse response = parser.read();
      if (response instanceof ImapResponse.Status status
          && status.tag().filter(tag::equals).isPresent()) {
        return status;
      }
      if (waiting && !(response instanceof ImapResponse.Continuation) && !each.test(response)) {
        waiting = false;
        writer.text("DONE\r\n").flush();
      }
    }
  }

  /// Logs out as far as the server still listens, and closes.
  @Override
  public void close() throws IOException {
    try (Socket _ = socket) {
      execute(new ClientCommand.Logout());
    } catch (IOException | MalformedException e) {
      // The connection was broken already: nothing is lost.
      writer.release();
    }
  }
}
