package org.mailstead.imap.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.MalformedException;
import org.mailstead.imap.wire.ImapCommand.AppendMessage;
import org.mailstead.imap.wire.ImapCommand.FlagList;
import org.mailstead.imap.wire.ImapCommand.StatusItem;
import org.mailstead.imap.wire.ImapCommand.StoreMode;

/// Reads commands from a connection. After anything that goes wrong it brings the connection back
/// into step, or says that this cannot be done. The grammars of LIST, FETCH and SEARCH have files
/// of their own. The others are short and stay together, beside the one switch over command names.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9051 RFC 9051 §9
public final class CommandParser {
  /// Asks the client to send a literal: `+ …`, flushed.
  @FunctionalInterface
  public interface Continuation {
    void request() throws IOException;
  }

  /// Asked before a message is received, so that a hopeless one need not be sent.
  @FunctionalInterface
  public interface AppendGate {
    /// @return empty to receive it, otherwise why not
    Optional<Refusal> refuse(String mailbox, long length);

    /// @param code a response code without brackets, perhaps empty
    record Refusal(String code, String text) {}
  }

  // Bits of core's Flags, which wire must not know; a test compares them.
  public static final int SEEN = 1;
  public static final int ANSWERED = 2;
  public static final int FLAGGED = 4;
  public static final int DELETED = 8;
  public static final int DRAFT = 16;

  private final Tokens tokens;
  private final ContentSpool spool;
  private final AppendGate gate;

  public CommandParser(
      ImapInput input,
      ImapLimits limits,
      ContentSpool spool,
      Continuation continuation,
      AppendGate gate) {
    this.tokens = new Tokens(input, limits, continuation);
    this.spool = spool;
    this.gate = gate;
  }

  /// From now on the limits after login hold.
  public void loggedIn() {
    tokens.loggedIn();
  }

  /// From now on mailbox names are UTF-8 (RFC 6855 §3, RFC 9051 §5.1).
  public void utf8() {
    tokens.utf8();
  }

  /// Reads one command.
  ///
  /// @throws java.io.EOFException the peer has closed
  public Parsed read() throws IOException {
    String tag = "*";
    try {
      tokens.startLine();
      tag = tokens.tag();
      tokens.space();
      return new Parsed.Command(tag, command());
    } catch (MalformedException e) {
      return resynchronized(new Parsed.Malformed(tag, String.valueOf(e.getMessage())));
    } catch (Tokens.RefusedInput e) {
      return resynchronized(new Parsed.Refused(tag, e.code, String.valueOf(e.getMessage())));
    } catch (Tokens.FatalInput e) {
      return new Parsed.Fatal(String.valueOf(e.getMessage()));
    }
  }

  /// Reads a line that is not a command: a SASL answer, or DONE.
  ///
  /// @throws MalformedException too long
  public String readLine() throws IOException {
    tokens.startLine();
    return tokens.restOfLine();
  }

  private Parsed resynchronized(Parsed outcome) throws IOException {
    try {
      tokens.skipLine();
      return outcome;
    } catch (Tokens.FatalInput e) {
      return new Parsed.Fatal(String.valueOf(e.getMessage()));
    }
  }

  private ImapCommand command() throws IOException {
    String name = tokens.keyword();
    if (name.equals("UID")) {
      tokens.space();
      return uidCommand(tokens.keyword());
    }
    return switch (name) {
      case "CAPABILITY" -> ended(new ImapCommand.Capability());
      case "NOOP" -> ended(new ImapCommand.Noop());
      case "LOGOUT" -> ended(new ImapCommand.Logout());
      case "STARTTLS" -> ended(new ImapCommand.StartTls());
      case "ID" -> ended(new ImapCommand.Id(idFields()));
      case "AUTHENTICATE" -> authenticate();
      case "LOGIN" -> {
        String user = spacedAstring();
        yield ended(new ImapCommand.Login(user, spacedAstring()));
      }
      case "ENABLE" -> enable();
      case "SELECT" -> select(false);
      case "EXAMINE" -> select(true);
      case "CREATE" -> create();
      case "DELETE" -> ended(new ImapCommand.Delete(spacedMailbox()));
      case "RENAME" -> {
        String from = spacedMailbox();
        yield ended(new ImapCommand.Rename(from, spacedMailbox()));
      }
      case "SUBSCRIBE" -> ended(new ImapCommand.Subscribe(spacedMailbox()));
      case "UNSUBSCRIBE" -> ended(new ImapCommand.Unsubscribe(spacedMailbox()));
      case "LIST" -> {
        tokens.space();
        yield ended(new ListParser(tokens, this).list());
      }
      case "LSUB" -> {
        String reference = spacedMailbox();
        tokens.space();
        yield ended(new ImapCommand.Lsub(reference, pattern()));
      }
      case "NAMESPACE" -> ended(new ImapCommand.Namespace());
      case "STATUS" -> {
        String mailbox = spacedMailbox();
        tokens.space();
        yield ended(new ImapCommand.Status(mailbox, statusItems()));
      }
      case "APPEND" -> append();
      case "XMAILSTEAD-RESTORE" -> restore();
      case "IDLE" -> ended(new ImapCommand.Idle());
      case "GETQUOTA" -> ended(new ImapCommand.GetQuota(spacedAstring()));
      case "GETQUOTAROOT" -> ended(new ImapCommand.GetQuotaRoot(spacedMailbox()));
      case "SETQUOTA" -> setQuota();
      case "SETACL" -> {
        String mailbox = spacedMailbox();
        String identifier = spacedAstring();
        yield ended(new ImapCommand.SetAcl(mailbox, identifier, spacedAstring()));
      }
      case "DELETEACL" -> {
        String mailbox = spacedMailbox();
        yield ended(new ImapCommand.DeleteAcl(mailbox, spacedAstring()));
      }
      case "GETACL" -> ended(new ImapCommand.GetAcl(spacedMailbox()));
      case "LISTRIGHTS" -> {
        String mailbox = spacedMailbox();
        yield ended(new ImapCommand.ListRights(mailbox, spacedAstring()));
      }
      case "MYRIGHTS" -> ended(new ImapCommand.MyRights(spacedMailbox()));
      case "CHECK" -> ended(new ImapCommand.Check());
      case "CLOSE" -> ended(new ImapCommand.Close());
      case "UNSELECT" -> ended(new ImapCommand.Unselect());
      case "EXPUNGE" -> ended(new ImapCommand.Expunge(Optional.empty()));
      case "FETCH" -> fetch(false);
      case "STORE" -> store(false);
      case "COPY" -> copy(false);
      case "MOVE" -> move(false);
      case "SEARCH" -> search(false);
      case "SORT" -> sort(false);
      case "THREAD" -> thread(false);
      default -> throw new MalformedException("unknown command");
    };
  }

  private ImapCommand uidCommand(String name) throws IOException {
    return switch (name) {
      case "FETCH" -> fetch(true);
      case "STORE" -> store(true);
      case "COPY" -> copy(true);
      case "MOVE" -> move(true);
      case "SEARCH" -> search(true);
      case "SORT" -> sort(true);
      case "THREAD" -> thread(true);
      case "EXPUNGE" -> {
        tokens.space();
        yield ended(new ImapCommand.Expunge(Optional.of(messageSet(true))));
      }
      default -> throw new MalformedException("unknown UID command");
    };
  }

  private <C extends ImapCommand> C ended(C command) throws IOException {
    tokens.end();
    return command;
  }

  private String spacedAstring() throws IOException {
    tokens.space();
    return tokens.astring();
  }

  private String spacedMailbox() throws IOException {
    tokens.space();
    return mailboxName(tokens.astringBytes());
  }

  /// A pattern that is no valid name matches nothing, which is not an error.
  String pattern() throws IOException {
    byte[] bytes = tokens.patternBytes();
    try {
      return mailboxName(bytes);
    } catch (Tokens.RefusedInput e) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }

  /// RFC 3501 §5.1.3 before UTF-8 is enabled, RFC 6855 §3 after.
  String mailboxName(byte[] bytes) {
    for (byte b : bytes) {
      if (b == 0 || b == '\r' || b == '\n') {
        throw new MalformedException("control character in mailbox name");
      }
    }
    if (!tokens.isUtf8()) {
      try {
        return ModifiedUtf7.decode(new String(bytes, StandardCharsets.ISO_8859_1));
      } catch (MalformedException e) {
        // The command's grammar holds; only such a name cannot exist.
        throw new Tokens.RefusedInput("CANNOT", String.valueOf(e.getMessage()));
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException("mailbox name is not valid UTF-8");
    }
  }

  private Map<String, String> idFields() throws IOException {
    tokens.space();
    Map<String, String> fields = new LinkedHashMap<>();
    if (!tokens.take('(')) {
      if (!tokens.keyword().equals("NIL")) throw new MalformedException("expected NIL or a list");
      return fields;
    }
    // RFC 2971 §3.3: at most 30 fields.
    while (!tokens.take(')')) {
      if (!fields.isEmpty()) tokens.space();
      if (fields.size() >= 30) throw new MalformedException("too many ID fields");
      String name = tokens.string();
      tokens.space();
      String value = tokens.peek() == '"' || tokens.peek() == '{' ? tokens.string() : nil();
      fields.put(name, value);
    }
    return fields;
  }

  private String nil() throws IOException {
    if (!tokens.keyword().equals("NIL")) throw new MalformedException("expected NIL or a string");
    return "";
  }

  private ImapCommand authenticate() throws IOException {
    tokens.space();
    String mechanism = tokens.keyword();
    Optional<String> initial = Optional.empty();
    if (!tokens.atEnd()) {
      tokens.space();
      initial = Optional.of(tokens.atom());
    }
    return ended(new ImapCommand.Authenticate(mechanism, initial));
  }

  private ImapCommand enable() throws IOException {
    List<String> capabilities = new ArrayList<>();
    do {
      tokens.space();
      capabilities.add(tokens.keyword());
      requireCount(capabilities.size());
    } while (!tokens.atEnd());
    return ended(new ImapCommand.Enable(capabilities));
  }

  private ImapCommand select(boolean readOnly) throws IOException {
    String mailbox = spacedMailbox();
    boolean condstore = false;
    Optional<ImapCommand.QResync> qresync = Optional.empty();
    if (!tokens.atEnd()) {
      tokens.space();
      tokens.expect('(');
      do {
        switch (tokens.keyword()) {
          case "CONDSTORE" -> condstore = true;
          case "QRESYNC" -> qresync = Optional.of(qresync());
          default -> throw new MalformedException("unknown SELECT parameter");
        }
      } while (tokens.take(' '));
      tokens.expect(')');
    }
    return ended(new ImapCommand.Select(mailbox, readOnly, condstore, qresync));
  }

  private ImapCommand.QResync qresync() throws IOException {
    tokens.space();
    tokens.expect('(');
    final long uidValidity = tokens.number(0xFFFF_FFFFL);
    tokens.space();
    final long modSeq = tokens.number(Long.MAX_VALUE);
    Optional<MessageSet> known = Optional.empty();
    Optional<MessageSet> sequences = Optional.empty();
    Optional<MessageSet> uids = Optional.empty();
    if (tokens.take(' ')) {
      if (tokens.peek() != '(') {
        known = Optional.of(messageSet(false));
        if (known.get().hasStar()) throw new MalformedException("* in known UIDs");
      }
      if (known.isEmpty() || tokens.take(' ')) {
        tokens.expect('(');
        sequences = Optional.of(messageSet(false));
        tokens.space();
        uids = Optional.of(messageSet(false));
        tokens.expect(')');
      }
    }
    tokens.expect(')');
    if (modSeq < 1) throw new MalformedException("mod-sequence must not be 0");
    return new ImapCommand.QResync(uidValidity, modSeq, known, sequences, uids);
  }

  private ImapCommand create() throws IOException {
    String mailbox = spacedMailbox();
    List<String> uses = new ArrayList<>();
    if (!tokens.atEnd()) {
      tokens.space();
      tokens.expect('(');
      if (!tokens.keyword().equals("USE")) {
        throw new MalformedException("unknown CREATE parameter");
      }
      tokens.space();
      tokens.expect('(');
      while (!tokens.take(')')) {
        if (!uses.isEmpty()) tokens.space();
        uses.add(tokens.flag());
        requireCount(uses.size());
      }
      tokens.expect(')');
    }
    return ended(new ImapCommand.Create(mailbox, uses));
  }

  List<StatusItem> statusItems() throws IOException {
    tokens.expect('(');
    List<StatusItem> items = new ArrayList<>();
    do {
      while (tokens.take(' ')) {}
      String name = tokens.keyword();
      StatusItem found = null;
      for (StatusItem item : StatusItem.values()) if (item.wireName().equals(name)) found = item;
      if (found == null) throw new MalformedException("unknown STATUS item");
      if (!items.contains(found)) items.add(found);
    } while (tokens.peek() == ' ');
    tokens.expect(')');
    return items;
  }

  private ImapCommand append() throws IOException {
    String mailbox = spacedMailbox();
    List<AppendMessage> messages = new ArrayList<>();
    boolean complete = false;
    boolean nul = false;
    try {
      do {
        tokens.space();
        if (messages.size() >= tokens.limits().multiappendCountMax()) {
          throw new MalformedException("too many messages in one APPEND");
        }
        FlagList flags = FlagList.NONE;
        if (tokens.peek() == '(') {
          flags = flagList();
          tokens.space();
        }
        Optional<Instant> received = Optional.empty();
        if (tokens.peek() == '"') {
          received = Optional.of(ImapDates.parseDateTime(tokens.string()));
          tokens.space();
        }
        Optional<ImapCommand.KeptNumbers> kept = Optional.empty();
        if (tokens.peek() == 'X' || tokens.peek() == 'x') {
          kept = Optional.of(keptNumbers());
          tokens.space();
        }
        boolean utf8 = tokens.peek() == 'U' || tokens.peek() == 'u';
        if (utf8) {
          if (!tokens.keyword().equals("UTF8")) throw new MalformedException("expected a literal");
          tokens.space();
          tokens.expect('(');
        }
        Tokens.LiteralHeader header = tokens.literalHeader();
        // RFC 6855 §4: only once the client has said that it understands UTF-8.
        if (utf8 && !(header.binary() && tokens.isUtf8())) {
          throw tokens.refuse(header, "CANNOT", "UTF8 needs ENABLE UTF8=ACCEPT and a literal8");
        }
        Optional<AppendGate.Refusal> refusal = gate.refuse(mailbox, header.length());
        if (refusal.isPresent()) {
          throw tokens.refuse(header, refusal.get().code(), refusal.get().text());
        }
        tokens.accept(header);
        Content content = receive(header);
        messages.add(new AppendMessage(flags, received, content, lastHadNul, kept));
        nul |= lastHadNul && !header.binary();
        if (utf8) tokens.expect(')');
      } while (!tokens.atEnd());
      tokens.end();
      if (nul) {
        // RFC 3516 §4.4: NUL may only come in a literal8.
        throw new Tokens.RefusedInput(
            "CANNOT", "the message contains NUL: send it as literal8 (~{...}, BINARY)");
      }
      complete = true;
      return new ImapCommand.Append(mailbox, messages);
    } finally {
      if (!complete) for (AppendMessage message : messages) message.content().close();
    }
  }

  private ImapCommand.KeptNumbers keptNumbers() throws IOException {
    if (!tokens.keyword().equals("XMAILSTEAD-RESTORE")) {
      throw new MalformedException("expected a literal");
    }
    tokens.space();
    tokens.expect('(');
    if (!tokens.keyword().equals("UID")) throw new MalformedException("expected UID");
    tokens.space();
    long uid = tokens.number(0xFFFF_FFFFL);
    if (uid == 0) throw new MalformedException("a UID is not 0");
    String emailId = "";
    if (tokens.take(' ')) {
      if (!tokens.keyword().equals("EMAILID")) throw new MalformedException("expected EMAILID");
      tokens.space();
      emailId = tokens.atom();
    }
    tokens.expect(')');
    return new ImapCommand.KeptNumbers(uid, emailId);
  }

  private ImapCommand restore() throws IOException {
    String mailbox = spacedMailbox();
    tokens.space();
    tokens.expect('(');
    if (!tokens.keyword().equals("UIDVALIDITY")) {
      throw new MalformedException("expected UIDVALIDITY");
    }
    tokens.space();
    long uidValidity = tokens.number(0xFFFF_FFFFL);
    tokens.space();
    if (!tokens.keyword().equals("UIDNEXT")) throw new MalformedException("expected UIDNEXT");
    tokens.space();
    long uidNext = tokens.number(0xFFFF_FFFFL);
    tokens.expect(')');
    return ended(new ImapCommand.Restore(mailbox, uidValidity, uidNext));
  }

  private boolean lastHadNul;

  private Content receive(Tokens.LiteralHeader header) throws IOException {
    try (ContentSpool.Writer writer = spool.newWriter()) {
      lastHadNul = tokens.copyLiteral(header, writer);
      return writer.finish();
    }
  }

  private ImapCommand setQuota() throws IOException {
    String root = spacedAstring();
    tokens.space();
    tokens.expect('(');
    int count = 0;
    while (!tokens.take(')')) {
      if (count++ > 0) tokens.space();
      tokens.atom();
      tokens.space();
      tokens.number(Long.MAX_VALUE);
      requireCount(count);
    }
    return ended(new ImapCommand.SetQuota(root));
  }

  private ImapCommand fetch(boolean byUid) throws IOException {
    tokens.space();
    return ended(new FetchParser(tokens, this).fetch(byUid));
  }

  private ImapCommand store(boolean byUid) throws IOException {
    tokens.space();
    MessageSet messages = messageSet(true);
    tokens.space();
    OptionalLong unchangedSince = OptionalLong.empty();
    if (tokens.take('(')) {
      if (!tokens.keyword().equals("UNCHANGEDSINCE")) {
        throw new MalformedException("unknown STORE modifier");
      }
      tokens.space();
      unchangedSince = OptionalLong.of(tokens.number(Long.MAX_VALUE));
      tokens.expect(')');
      tokens.space();
    }
    StoreMode mode = StoreMode.REPLACE;
    if (tokens.take('+')) mode = StoreMode.ADD;
    else if (tokens.take('-')) mode = StoreMode.REMOVE;
    String item = tokens.keyword();
    boolean silent = item.equals("FLAGS.SILENT");
    if (!silent && !item.equals("FLAGS")) throw new MalformedException("unknown STORE item");
    tokens.space();
    FlagList flags = tokens.peek() == '(' ? flagList() : looseFlags();
    return ended(new ImapCommand.Store(byUid, messages, mode, silent, flags, unchangedSince));
  }

  private ImapCommand copy(boolean byUid) throws IOException {
    tokens.space();
    MessageSet messages = messageSet(true);
    return ended(new ImapCommand.Copy(byUid, messages, spacedMailbox()));
  }

  private ImapCommand move(boolean byUid) throws IOException {
    tokens.space();
    MessageSet messages = messageSet(true);
    return ended(new ImapCommand.Move(byUid, messages, spacedMailbox()));
  }

  private ImapCommand search(boolean byUid) throws IOException {
    tokens.space();
    return ended(new ImapCommand.Search(byUid, new SearchParser(tokens, this).search()));
  }

  private ImapCommand sort(boolean byUid) throws IOException {
    tokens.space();
    return ended(new SearchParser(tokens, this).sort(byUid));
  }

  private ImapCommand thread(boolean byUid) throws IOException {
    tokens.space();
    return ended(new SearchParser(tokens, this).thread(byUid));
  }

  private FlagList flagList() throws IOException {
    tokens.expect('(');
    FlagCollector collector = new FlagCollector();
    while (!tokens.take(')')) {
      if (collector.count > 0) tokens.space();
      collector.add(tokens.flag());
      requireCount(collector.count);
    }
    return collector.toList();
  }

  /// `store-att-flags` allows flags without parentheses.
  private FlagList looseFlags() throws IOException {
    FlagCollector collector = new FlagCollector();
    collector.add(tokens.flag());
    while (tokens.take(' ')) {
      collector.add(tokens.flag());
      requireCount(collector.count);
    }
    return collector.toList();
  }

  private static final class FlagCollector {
    private int flags;
    private int count;
    private final Set<String> keywords = new LinkedHashSet<>();

    void add(String flag) {
      count++;
      if (flag.charAt(0) != '\\') {
        keywords.add(flag);
        return;
      }
      flags |=
          switch (flag.toUpperCase(Locale.ROOT)) {
            case "\\SEEN" -> SEEN;
            case "\\ANSWERED" -> ANSWERED;
            case "\\FLAGGED" -> FLAGGED;
            case "\\DELETED" -> DELETED;
            case "\\DRAFT" -> DRAFT;
            // RFC 3501 §2.3.2: a client cannot alter \Recent; old ones send it back with the rest.
            case "\\RECENT" -> 0;
            default -> throw new MalformedException("unknown system flag");
          };
    }

    FlagList toList() {
      return new FlagList(flags, Set.copyOf(keywords));
    }
  }

  /// @param savedAllowed whether `$` (RFC 5182) may stand here
  MessageSet messageSet(boolean savedAllowed) throws IOException {
    if (savedAllowed && tokens.take('$')) return MessageSet.SAVED;
    long[] pairs = new long[8];
    int count = 0;
    do {
      if (count / 2 >= tokens.limits().setRangeCountMax()) {
        throw new MalformedException("too many ranges in a message set");
      }
      if (count + 2 > pairs.length) pairs = java.util.Arrays.copyOf(pairs, pairs.length * 2);
      long first = messageNumber();
      pairs[count++] = first;
      pairs[count++] = tokens.take(':') ? messageNumber() : first;
    } while (tokens.take(','));
    return MessageSet.ofPairs(pairs, count);
  }

  private long messageNumber() throws IOException {
    if (tokens.take('*')) return MessageSet.STAR;
    long number = tokens.number(0xFFFF_FFFFL);
    if (number == 0) throw new MalformedException("message number 0");
    return number;
  }

  void requireCount(int count) {
    if (count > tokens.limits().listCountMax()) throw new MalformedException("list too long");
  }
}
