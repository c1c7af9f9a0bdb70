package org.mailstead.imap.server;

import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLSocket;
import org.mailstead.base.MalformedException;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.access.Credentials;
import org.mailstead.core.access.Principal;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.imap.wire.CommandParser;
import org.mailstead.imap.wire.ImapCommand;
import org.mailstead.imap.wire.ImapInput;
import org.mailstead.imap.wire.ImapLimits;
import org.mailstead.imap.wire.Parsed;
import org.mailstead.imap.wire.ResponseWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection: reads a command, checks the rules, has it done, writes the answer.
///
/// Threads: the session's own virtual thread does everything, except that during IDLE a short-lived
/// one reports changes. The two take turns by the `writing` lock. It is held while writing to the
/// peer, against the house rule, because it belongs to this session alone: a slow peer delays
/// nobody else.
///
/// One file, because login, TLS, selection and IDLE change the same session state between reading
/// and writing; what works on folders and messages is in the handlers.
final class ImapSession {
  private static final Logger LOG = LoggerFactory.getLogger(ImapSession.class);
  private static final long NOT_WAITING = Long.MIN_VALUE;

  /// How often a session that only waits is asked whether it still may.
  private static final long ACCESS_CHECK_NANOS = 5_000_000_000L;

  /// Turns the plain connection into a TLS one.
  @FunctionalInterface
  interface TlsStarter {
    SSLSocket start() throws IOException;
  }

  private final ImapServices services;
  private final Socket socket;
  private final Optional<TlsStarter> tlsStarter;
  private final ImapInput input;
  private final ResponseWriter writer;
  private final CommandParser parser;
  private final SessionModes modes = new SessionModes();
  private final ReentrantLock writing = new ReentrantLock();
  private final AtomicBoolean pushPending = new AtomicBoolean();
  private final long startedNanos = System.nanoTime();
  private volatile long waitingSinceNanos = NOT_WAITING;

  /// Only the server's clock thread knows it.
  private long accessCheckedNanos = System.nanoTime();

  private volatile State state = new State.NotAuthenticated();
  private volatile Optional<Principal> principal = Optional.empty();
  private volatile Optional<String> goodbye = Optional.empty();
  private boolean secured;
  private boolean ended;
  private boolean idling;
  private int badCount;
  private int commandCountBeforeLogin;
  private int loginFailureCount;
  private long rateWindowNanos = System.nanoTime();
  private int rateCount;

  /// @param socket the TCP connection
  /// @param connection the same, or TLS over it
  ImapSession(
      ImapServices services,
      Socket socket,
      Socket connection,
      boolean secured,
      Optional<TlsStarter> tlsStarter)
      throws IOException {
    this.services = services;
    this.socket = socket;
    this.secured = secured;
    this.tlsStarter = tlsStarter;
    this.input = new ImapInput(connection.getInputStream(), this::beforeRead);
    this.writer = new ResponseWriter(connection.getOutputStream(), services.buffers());
    this.parser =
        new CommandParser(
            input, services.limits(), services.spool(), this::requestLiteral, this::refuseAppend);
  }

  void run() {
    try {
      writer.text("* OK [CAPABILITY ").text(capabilities()).text("] Mailstead ready").crlf();
      while (!ended) {
        Parsed parsed = parser.read();
        waitingSinceNanos = NOT_WAITING;
        handle(parsed);
      }
      writer.flush();
    } catch (EOFException e) {
      sayGoodbye();
    } catch (IOException e) {
      LOG.debug("connection lost: {}", e.getMessage());
      sayGoodbye();
    } finally {
      writing.lock();
      try {
        idling = false;
        writer.release();
      } finally {
        writing.unlock();
      }
      drop();
    }
  }

  /// Ends the session as soon as its current command is done.
  void shutDown() {
    end("server is shutting down");
  }

  /// Closes the connection at once.
  void drop() {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("closing a connection: {}", e.getMessage());
    }
  }

  /// Called every so often by the server.
  void checkClocks(long nowNanos) {
    ImapLimits limits = services.limits();
    long since = writer.writingSinceNanos();
    if (since != ResponseWriter.NOT_WRITING && nowNanos - since > limits.writeTimeout().toNanos()) {
      LOG.info("client does not read: dropped");
      drop();
      return;
    }
    if (goodbye.isPresent()) return;
    boolean loggedIn = !(state instanceof State.NotAuthenticated);
    if (!loggedIn && nowNanos - startedNanos > limits.loginTimeout().toNanos()) {
      end("no login in time");
      return;
    }
    long waiting = waitingSinceNanos;
    if (loggedIn && nowNanos - accessCheckedNanos > ACCESS_CHECK_NANOS) {
      accessCheckedNanos = nowNanos;
      if (!mayContinue()) {
        end("access is no longer allowed");
        return;
      }
    }
    // RFC 9051 §5.4: 30 minutes at least.
    if (loggedIn && waiting != NOT_WAITING && nowNanos - waiting > limits.idleTimeout().toNanos()) {
      end("idle for too long");
    }
  }

  /// Rules may change while a session runs: asked at each command, and every so often while the
  /// client waits.
  private boolean mayContinue() {
    return principal
        .filter(who -> !services.login().mayContinue(who, socket.getInetAddress()))
        .isEmpty();
  }

  private void end(String why) {
    goodbye = Optional.of(why);
    try {
      socket.shutdownInput();
    } catch (IOException e) {
      drop();
    }
  }

  private void sayGoodbye() {
    Optional<String> why = goodbye;
    if (why.isEmpty()) return;
    writing.lock();
    try {
      idling = false;
      writer.text("* BYE ").text(why.get()).crlf().flush();
    } catch (IOException e) {
      LOG.debug("peer did not hear the goodbye: {}", e.getMessage());
    } finally {
      writing.unlock();
    }
  }

  /// Before waiting for the peer, everything it waits for goes out, and the buffer goes back.
  private void beforeRead() throws IOException {
    writing.lock();
    try {
      if (writer.hasBuffered()) writer.flush();
      writer.release();
    } finally {
      writing.unlock();
    }
    waitingSinceNanos = System.nanoTime();
  }

  private void requestLiteral() throws IOException {
    writer.text("+ go ahead\r\n").flush();
  }

  private Optional<CommandParser.AppendGate.Refusal> refuseAppend(String mailbox, long length) {
    try {
      return switch (state) {
        case State.NotAuthenticated _ ->
            Optional.of(new CommandParser.AppendGate.Refusal("", "please log in first"));
        case State.Authenticated(Account account) -> appending().refuse(account, mailbox, length);
        case State.Selected(Account account, _) -> appending().refuse(account, mailbox, length);
      };
    } catch (RefusedException e) {
      return Optional.of(
          new CommandParser.AppendGate.Refusal(RefusalCodes.code(e.refusal()), e.publicText()));
    } catch (UnavailableException e) {
      return Optional.of(
          new CommandParser.AppendGate.Refusal("UNAVAILABLE", "temporarily not available"));
    }
  }

  private AppendHandler appending() {
    return new AppendHandler(services);
  }

  private void handle(Parsed parsed) throws IOException {
    limitRate();
    switch (parsed) {
      case Parsed.Command(String tag, ImapCommand command) -> execute(tag, command);
      case Parsed.Malformed(String tag, String text) -> {
        LOG.info("malformed command: {}", text);
        answer(tag, Answer.bad(text));
      }
      case Parsed.Refused(String tag, String code, String text) ->
          answer(tag, Answer.no(code, text));
      case Parsed.Fatal(String text) -> {
        LOG.info("connection out of step: {}", text);
        writer.text("* BYE ").text(text).crlf();
        ended = true;
      }
    }
    boolean loggedIn = !(state instanceof State.NotAuthenticated);
    if (!loggedIn && ++commandCountBeforeLogin > services.limits().commandCountMaxBeforeLogin()) {
      writer.text("* BYE too many commands without login\r\n");
      ended = true;
    }
  }

  private void limitRate() {
    if (++rateCount < services.limits().commandsPerSecondMax()) return;
    long left = rateWindowNanos + 1_000_000_000L - System.nanoTime();
    if (left > 0) LockSupport.parkNanos(left);
    rateWindowNanos = System.nanoTime();
    rateCount = 0;
  }

  private void answer(String tag, Answer answer) throws IOException {
    writer.status(tag, answer.word().name(), answer.code(), answer.text());
    if (answer.word() != Answer.Word.BAD) {
      badCount = 0;
    } else if (++badCount >= services.limits().badCountMax()) {
      writer.text("* BYE too many bad commands\r\n");
      ended = true;
    }
  }

  private void execute(String tag, ImapCommand command) throws IOException {
    CommandRules rules = CommandRules.of(command);
    State before = state;
    Answer answer;
    try {
      Optional<Answer> refused = refuseByState(rules.allowed());
      if (refused.isPresent()) {
        answer = refused.get();
      } else if (!(command instanceof ImapCommand.Logout) && !mayContinue()) {
        writer.status(tag, "NO", "AUTHORIZATIONFAILED", "access is no longer allowed");
        writer.text("* BYE access is no longer allowed\r\n");
        ended = true;
        return;
      } else {
        boolean condstoreBefore = modes.isCondstore();
        beginReport(rules);
        answer = dispatch(tag, command);
        // STARTTLS has answered by itself, before the handshake.
        if (command instanceof ImapCommand.StartTls && (secured || ended)) return;
        if (state instanceof State.Selected(_, SelectedFolder folder)) {
          if (!condstoreBefore && modes.isCondstore() && !(command instanceof ImapCommand.Select)) {
            // RFC 7162 §3.1.8: the first request that enables CONDSTORE is told where things stand.
            writer.text("* OK [HIGHESTMODSEQ ");
            writer.number(folder.known().folder().highestModSeq()).text("] highest\r\n");
          }
          folder.report(rules.reports());
        }
      }
    } catch (RefusedException e) {
      LOG.debug("refused: {}", e.logText());
      answer = Answer.no(RefusalCodes.code(e.refusal()), e.publicText());
    } catch (MalformedException e) {
      answer = Answer.bad(String.valueOf(e.getMessage()));
    } catch (DamagedMessageException e) {
      LOG.error("a message is damaged", e);
      answer = Answer.no("CORRUPTION", "a message cannot be read");
    } catch (UnavailableException e) {
      LOG.warn("unavailable: {}", e.getMessage());
      answer = Answer.no("UNAVAILABLE", "temporarily not available, try again");
    } catch (SelectedFolder.FolderGoneException e) {
      // RFC 2180 §3.3: whoever has a deleted mailbox selected is disconnected.
      // Deviates: RFC 9051 §6.3.5 — deviations.md#folder-gone
      writer.text("* BYE the selected mailbox was deleted\r\n");
      ended = true;
      return;
    } catch (RuntimeException e) {
      services.bug().run();
      LOG.error("command failed: {}", command.getClass().getSimpleName(), e);
      writer.status(tag, "NO", "SERVERBUG", "internal error");
      writer.text("* BYE internal error\r\n");
      ended = true;
      return;
    } finally {
      if (command instanceof ImapCommand.Append append) AppendHandler.close(append);
    }
    if (services.accesses().isPresent()) tellAccess(command, before, answer);
    answer(tag, answer);
  }

  /// @param before the state in which the command came: CLOSE leaves it
  private void tellAccess(ImapCommand command, State before, Answer answer) {
    Optional<AccessKinds.Kind> kind = AccessKinds.of(command);
    if (kind.isEmpty() || answer.word() == Answer.Word.BAD) return;
    Optional<SelectedFolder> selected =
        before instanceof State.Selected(_, SelectedFolder folder)
            ? Optional.of(folder)
            : Optional.empty();
    boolean onSelected = kind.get().objectType().equals("Message") && kind.get().folder().isEmpty();
    Optional<Principal> principal =
        switch (before) {
          case State.NotAuthenticated _ -> Optional.empty();
          case State.Authenticated(Account account) -> Optional.of(account.principal());
          case State.Selected(Account account, _) -> Optional.of(account.principal());
        };
    if (principal.isEmpty()) return;
    services
        .accesses()
        .get()
        .accessed(
            new ImapAccess(
                principal.get(),
                socket.getInetAddress(),
                kind.get().action(),
                kind.get().objectType(),
                onSelected ? selected.map(SelectedFolder::name) : kind.get().folder(),
                onSelected
                    ? selected.map(folder -> Long.toString(folder.folder().value()))
                    : Optional.empty(),
                answer.word() == Answer.Word.OK));
  }

  /// Sequence numbers and flags must be fresh before a command works on them; additions and flag
  /// changes may be told at any time.
  private void beginReport(CommandRules rules) throws IOException {
    if (rules.reports() == CommandRules.Reports.NOTHING) return;
    if (state instanceof State.Selected(_, SelectedFolder folder)) {
      folder.report(CommandRules.Reports.NO_EXPUNGES);
    }
  }

  private Optional<Answer> refuseByState(CommandRules.Allowed allowed) {
    boolean loggedIn = !(state instanceof State.NotAuthenticated);
    boolean selected = state instanceof State.Selected;
    return switch (allowed) {
      case ALWAYS -> Optional.empty();
      case BEFORE_LOGIN ->
          loggedIn ? Optional.of(Answer.bad("already logged in")) : Optional.empty();
      case AFTER_LOGIN ->
          loggedIn ? Optional.empty() : Optional.of(Answer.bad("please log in first"));
      case SELECTED -> selected ? Optional.empty() : Optional.of(Answer.bad("no mailbox selected"));
    };
  }

  private Account account() {
    return switch (state) {
      case State.NotAuthenticated _ -> throw new IllegalStateException("not logged in");
      case State.Authenticated(Account account) -> account;
      case State.Selected(Account account, _) -> account;
    };
  }

  private SelectedFolder selected() {
    if (state instanceof State.Selected(_, SelectedFolder folder)) return folder;
    throw new IllegalStateException("nothing selected");
  }

  /// The whole protocol on one page.
  private Answer dispatch(String tag, ImapCommand command) throws IOException {
    return switch (command) {
      case ImapCommand.Capability _ -> capability();
      case ImapCommand.Noop _ -> Answer.ok("done");
      case ImapCommand.Check _ -> Answer.ok("done");
      case ImapCommand.Logout _ -> logout();
      case ImapCommand.Id _ -> id();
      case ImapCommand.StartTls _ -> startTls(tag);
      case ImapCommand.Authenticate authenticate -> authenticate(authenticate);
      case ImapCommand.Login login -> login(Credentials.of(login.name(), login.password()));
      case ImapCommand.Enable enable -> enable(enable.capabilities());
      case ImapCommand.Select select -> select(select);
      case ImapCommand.Close _ -> close(true);
      case ImapCommand.Unselect _ -> close(false);
      case ImapCommand.Create create -> folders().create(account(), create);
      case ImapCommand.Delete delete -> delete(delete);
      case ImapCommand.Rename rename -> folders().rename(account(), rename);
      case ImapCommand.Subscribe subscribe -> folders().subscribe(account(), subscribe);
      case ImapCommand.Unsubscribe unsubscribe -> folders().unsubscribe(account(), unsubscribe);
      case ImapCommand.Namespace _ -> listing().namespace();
      case ImapCommand.ListFolders list -> listing().list(account(), list);
      case ImapCommand.Lsub lsub -> listing().lsub(account(), lsub);
      case ImapCommand.Status status -> listing().status(account(), status);
      case ImapCommand.Append append -> appending().append(account(), append);
      case ImapCommand.Restore restore -> RestoreHandler.restore(account(), restore);
      case ImapCommand.Idle _ -> idle();
      case ImapCommand.GetQuota quota -> quotas().getQuota(account(), quota);
      case ImapCommand.GetQuotaRoot quota -> quotas().getQuotaRoot(account(), quota);
      case ImapCommand.SetQuota _ -> Answer.no("NOPERM", "quotas are set by the administrator");
      case ImapCommand.SetAcl acl -> acls().setAcl(account(), acl);
      case ImapCommand.DeleteAcl acl -> acls().deleteAcl(account(), acl);
      case ImapCommand.GetAcl acl -> acls().getAcl(account(), acl);
      case ImapCommand.ListRights acl -> acls().listRights(account(), acl);
      case ImapCommand.MyRights acl -> acls().myRights(account(), acl);
      case ImapCommand.Fetch fetch -> new FetchHandler(writer, modes).fetch(selected(), fetch);
      case ImapCommand.Store store -> new StoreHandler(modes).store(selected(), store);
      case ImapCommand.Copy copy -> moving().copy(account(), selected(), copy);
      case ImapCommand.Move move -> moving().move(account(), selected(), move);
      case ImapCommand.Expunge expunge -> moving().expunge(selected(), expunge);
      case ImapCommand.Search search -> searching().tagged(tag).search(selected(), search);
      case ImapCommand.Sort sort -> searching().sort(selected(), sort);
      case ImapCommand.Threads threads -> searching().threads(selected(), threads);
    };
  }

  private FolderHandler folders() {
    return new FolderHandler();
  }

  private ListHandler listing() {
    return new ListHandler(services, writer, modes);
  }

  private QuotaHandler quotas() {
    return new QuotaHandler(writer);
  }

  private AclHandler acls() {
    return new AclHandler(writer);
  }

  private MoveHandler moving() {
    return new MoveHandler(writer, modes);
  }

  private SearchHandler searching() {
    return new SearchHandler(services.keys(), writer, modes);
  }

  private String capabilities() {
    return Capabilities.text(
            !(state instanceof State.NotAuthenticated),
            !secured && tlsStarter.isPresent(),
            secured || services.settings().plainLoginAllowed(),
            services.limits().appendBytesMax())
        + (state instanceof State.NotAuthenticated || !RestoreHandler.mayRestore(account())
            ? ""
            : " XMAILSTEAD-RESTORE");
  }

  private Answer capability() throws IOException {
    writer.text("* CAPABILITY ").text(capabilities()).crlf();
    return Answer.ok("done");
  }

  private Answer logout() throws IOException {
    writer.text("* BYE logging out\r\n");
    ended = true;
    return Answer.ok("done");
  }

  private Answer id() throws IOException {
    // RFC 2971 §3.2: who has not logged in learns the name only.
    writer.text("* ID (\"name\" \"Mailstead\"");
    if (!(state instanceof State.NotAuthenticated)) {
      writer.text(" \"version\" ").string(services.settings().version());
    }
    writer.text(")\r\n");
    return Answer.ok("done");
  }

  private Answer startTls(String tag) throws IOException {
    if (secured || tlsStarter.isEmpty()) {
      throw new MalformedException("TLS is not available here");
    }
    writer.status(tag, "OK", "", "begin TLS now").flush();
    try {
      SSLSocket connection = tlsStarter.get().start();
      input.switchTo(connection.getInputStream());
      writer.switchTo(connection.getOutputStream());
      secured = true;
    } catch (IOException e) {
      LOG.info("TLS handshake failed: {}", e.getMessage());
    }
    // The tagged answer is sent already; a failed handshake leaves nothing to talk over.
    if (!secured) ended = true;
    return Answer.ok("begin TLS now");
  }

  private Answer authenticate(ImapCommand.Authenticate command) throws IOException {
    if (!command.mechanism().equals("PLAIN")) {
      return Answer.no("CANNOT", "unsupported authentication mechanism");
    }
    Optional<Answer> refused = refusePlain();
    if (refused.isPresent()) return refused.get();
    String encoded;
    if (command.initial().isPresent()) {
      encoded = command.initial().get();
      // RFC 4959 §3: "=" stands for an empty initial response.
      if (encoded.equals("=")) encoded = "";
    } else {
      writer.text("+ \r\n");
      encoded = parser.readLine();
      if (encoded.equals("*")) return Answer.bad("authentication cancelled");
    }
    byte[] decoded;
    try {
      decoded = Base64.getDecoder().decode(encoded);
    } catch (IllegalArgumentException e) {
      return Answer.bad("not base64");
    }
    String message = new String(decoded, StandardCharsets.UTF_8);
    Arrays.fill(decoded, (byte) 0);
    // RFC 4616 §2: authorization identity, NUL, name, NUL, password.
    String[] parts = message.split("\0", -1);
    if (parts.length != 3) return Answer.bad("not a PLAIN message");
    return login(
        new Credentials(
            parts[1], parts[2], Optional.of(parts[0]).filter(identity -> !identity.isEmpty())));
  }

  private Optional<Answer> refusePlain() {
    if (secured || services.settings().plainLoginAllowed()) return Optional.empty();
    return Optional.of(Answer.no("PRIVACYREQUIRED", "logins need TLS: use STARTTLS first"));
  }

  private Answer login(Credentials credentials) throws IOException {
    Optional<Answer> refused = refusePlain();
    if (refused.isPresent()) return refused.get();
    try {
      Principal who = services.login().login(credentials, socket.getInetAddress());
      state = new State.Authenticated(new Account(who, services.mailboxes(), services.sharing()));
      principal = Optional.of(who);
    } catch (RefusedException e) {
      LOG.info("login failed: {}", e.logText());
      if (++loginFailureCount >= services.limits().loginFailureCountMax()) {
        writer.text("* BYE too many failed logins\r\n");
        ended = true;
      }
      // RFC 5530 §3: the credentials are right, but not for acting as the user named.
      return e.refusal() == Refusal.FORBIDDEN
          ? Answer.no("AUTHORIZATIONFAILED", e.publicText())
          : Answer.no(RefusalCodes.code(e.refusal()), e.publicText());
    }
    parser.loggedIn();
    return Answer.ok("CAPABILITY " + capabilities(), "logged in");
  }

  private Answer enable(List<String> capabilities) throws IOException {
    writer.text("* ENABLED");
    for (String capability : capabilities) {
      switch (capability) {
        case "CONDSTORE" -> modes.enableCondstore();
        case "QRESYNC" -> modes.enableQresync();
        case "IMAP4REV2" -> modes.enableRev2();
        case "UTF8=ACCEPT" -> modes.enableUtf8();
        default -> {
          // RFC 5161 §3.1: what is not known is passed over in silence.
          continue;
        }
      }
      writer.space().text(capability.equals("IMAP4REV2") ? "IMAP4rev2" : capability);
    }
    writer.crlf();
    if (modes.isUtf8()) {
      parser.utf8();
      writer.utf8();
    }
    return Answer.ok("done");
  }

  private Answer select(ImapCommand.Select command) throws IOException {
    Account account = account();
    if (command.qresync().isPresent() && !modes.isQresync()) {
      // RFC 7162 §3.2.5: only after ENABLE QRESYNC.
      return Answer.bad("QRESYNC is not enabled");
    }
    if (state instanceof State.Selected) {
      state = new State.Authenticated(account);
      // RFC 9051 §7.1: what follows belongs to the new mailbox.
      writer.text("* OK [CLOSED] previous mailbox closed\r\n");
    }
    if (command.condstore()) modes.enableCondstore();
    SelectHandler handler = new SelectHandler(writer, modes, services.recent());
    SelectedFolder folder = handler.select(account, command);
    state = new State.Selected(account, folder);
    return handler.answer(folder);
  }

  private Answer close(boolean expunge) throws IOException {
    SelectedFolder folder = selected();
    Account account = account();
    Answer answer = Answer.ok("done");
    if (expunge) answer = moving().expungeAtClose(folder);
    state = new State.Authenticated(account);
    return answer;
  }

  private Answer delete(ImapCommand.Delete command) throws IOException {
    Account account = account();
    Answer answer = folders().delete(account, command);
    if (state instanceof State.Selected(_, SelectedFolder folder)
        && folder.mailbox().findFolder(folder.folder()).filter(f -> f.selectable()).isEmpty()) {
      state = new State.Authenticated(account);
      writer.text("* OK [CLOSED] the selected mailbox was deleted\r\n");
    }
    return answer;
  }

  /// RFC 2177. A change is written by a thread of its own within the time of a wake-up.
  private Answer idle() throws IOException {
    writer.text("+ idling\r\n");
    if (!(state instanceof State.Selected(_, SelectedFolder folder))) return awaitDone();
    writing.lock();
    try {
      idling = true;
    } finally {
      writing.unlock();
    }
    try (Mailbox.Watch _ = folder.mailbox().watch(() -> wake(folder))) {
      // What came before the watch began.
      push(folder);
      return awaitDone();
    } finally {
      writing.lock();
      try {
        idling = false;
      } finally {
        writing.unlock();
      }
    }
  }

  private Answer awaitDone() throws IOException {
    String line = parser.readLine();
    waitingSinceNanos = NOT_WAITING;
    return line.equalsIgnoreCase("DONE") ? Answer.ok("done") : Answer.bad("expected DONE");
  }

  private void wake(SelectedFolder folder) {
    if (pushPending.compareAndSet(false, true)) Thread.startVirtualThread(() -> push(folder));
  }

  private void push(SelectedFolder folder) {
    writing.lock();
    try {
      pushPending.set(false);
      if (!idling) return;
      folder.report(CommandRules.Reports.EVERYTHING);
      if (writer.hasBuffered()) {
        writer.flush();
        writer.release();
      }
    } catch (IOException e) {
      LOG.debug("idle client is gone: {}", e.getMessage());
      drop();
    } catch (SelectedFolder.FolderGoneException e) {
      end("the selected mailbox was deleted");
    } catch (UnavailableException e) {
      // The next change, or DONE, tries again.
      LOG.warn("idle client not told of a change: {}", e.getMessage());
    } catch (RuntimeException e) {
      services.bug().run();
      LOG.error("telling an idle client failed", e);
      drop();
    } finally {
      writing.unlock();
    }
  }
}
