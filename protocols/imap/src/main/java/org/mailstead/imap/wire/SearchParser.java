package org.mailstead.imap.wire;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.MalformedException;
import org.mailstead.imap.wire.ImapCommand.SearchProgram;
import org.mailstead.imap.wire.ImapCommand.SearchReturn;
import org.mailstead.imap.wire.ImapCommand.SortCriterion;
import org.mailstead.imap.wire.ImapCommand.SortField;
import org.mailstead.imap.wire.SearchKey.AddressField;
import org.mailstead.imap.wire.SearchKey.DateField;
import org.mailstead.imap.wire.SearchKey.DateRelation;

/// The grammar of SEARCH, SORT and THREAD.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9051 RFC 9051 §6.4.4
/// @spec https://www.rfc-editor.org/rfc/rfc5256 RFC 5256 §5
final class SearchParser {
  private final Tokens tokens;
  private final CommandParser parser;
  private int keyCount;

  SearchParser(Tokens tokens, CommandParser parser) {
    this.tokens = tokens;
    this.parser = parser;
  }

  SearchProgram search() throws IOException {
    Optional<Set<SearchReturn>> returns = Optional.empty();
    List<SearchKey> keys = new ArrayList<>();
    boolean charsetAllowed = true;
    while (true) {
      if (tokens.peek() == '(' || isSetStart(tokens.peek())) {
        keys.add(key(0));
      } else {
        String word = tokens.keyword();
        if (word.equals("RETURN") && keys.isEmpty() && returns.isEmpty() && charsetAllowed) {
          tokens.space();
          returns = Optional.of(returns());
        } else if (word.equals("CHARSET") && keys.isEmpty() && charsetAllowed) {
          tokens.space();
          requireCharset(tokens.astring());
          // RFC 6855 §3: no CHARSET once UTF-8 is enabled.
          if (tokens.isUtf8()) throw new MalformedException("CHARSET after ENABLE UTF8=ACCEPT");
          charsetAllowed = false;
        } else {
          keys.add(key(word, 0));
        }
      }
      if (tokens.atEnd()) break;
      tokens.space();
      if (tokens.atEnd()) break;
    }
    if (keys.isEmpty()) throw new MalformedException("SEARCH without keys");
    return new SearchProgram(returns, and(keys));
  }

  ImapCommand.Sort sort(boolean byUid) throws IOException {
    List<SortCriterion> criteria = new ArrayList<>();
    tokens.expect('(');
    do {
      String word = tokens.keyword();
      boolean reverse = word.equals("REVERSE");
      if (reverse) {
        tokens.space();
        word = tokens.keyword();
      }
      SortField field =
          switch (word) {
            case "ARRIVAL" -> SortField.ARRIVAL;
            case "CC" -> SortField.CC;
            case "DATE" -> SortField.DATE;
            case "FROM" -> SortField.FROM;
            case "SIZE" -> SortField.SIZE;
            case "SUBJECT" -> SortField.SUBJECT;
            case "TO" -> SortField.TO;
            default -> throw new MalformedException("unknown sort criterion");
          };
      criteria.add(new SortCriterion(field, reverse));
      parser.requireCount(criteria.size());
    } while (tokens.take(' '));
    tokens.expect(')');
    return new ImapCommand.Sort(byUid, criteria, charsetAndKeys());
  }

  ImapCommand.Threads thread(boolean byUid) throws IOException {
    ImapCommand.ThreadAlgorithm algorithm =
        switch (tokens.keyword()) {
          case "ORDEREDSUBJECT" -> ImapCommand.ThreadAlgorithm.ORDEREDSUBJECT;
          case "REFERENCES" -> ImapCommand.ThreadAlgorithm.REFERENCES;
          default -> throw new MalformedException("unknown threading algorithm");
        };
    return new ImapCommand.Threads(byUid, algorithm, charsetAndKeys());
  }

  private SearchProgram charsetAndKeys() throws IOException {
    tokens.space();
    requireCharset(tokens.astring());
    List<SearchKey> keys = new ArrayList<>();
    do {
      tokens.space();
      keys.add(key(0));
    } while (!tokens.atEnd());
    return new SearchProgram(Optional.empty(), and(keys));
  }

  private Set<SearchReturn> returns() throws IOException {
    Set<SearchReturn> returns = EnumSet.noneOf(SearchReturn.class);
    tokens.expect('(');
    while (!tokens.take(')')) {
      tokens.take(' ');
      returns.add(
          switch (tokens.keyword()) {
            case "MIN" -> SearchReturn.MIN;
            case "MAX" -> SearchReturn.MAX;
            case "ALL" -> SearchReturn.ALL;
            case "COUNT" -> SearchReturn.COUNT;
            case "SAVE" -> SearchReturn.SAVE;
            default -> throw new MalformedException("unknown SEARCH return option");
          });
    }
    // RFC 4731 §3.1: an empty list means ALL.
    if (returns.isEmpty()) returns.add(SearchReturn.ALL);
    return returns;
  }

  private static void requireCharset(String name) {
    try {
      Charset charset = Charset.forName(name);
      if (charset.equals(StandardCharsets.UTF_8) || charset.equals(StandardCharsets.US_ASCII)) {
        return;
      }
    } catch (IllegalArgumentException e) {
      // Unknown to Java as well: the answer is the same.
    }
    throw new Tokens.RefusedInput("BADCHARSET (UTF-8 US-ASCII)", "charset not supported");
  }

  private static boolean isSetStart(int c) {
    return (c >= '0' && c <= '9') || c == '*' || c == '$';
  }

  private static SearchKey and(List<SearchKey> keys) {
    return keys.size() == 1 ? keys.getFirst() : new SearchKey.And(keys);
  }

  private SearchKey key(int depth) throws IOException {
    if (depth > tokens.limits().searchDepthMax()) {
      throw new MalformedException("SEARCH nested too deeply");
    }
    if (tokens.take('(')) {
      List<SearchKey> keys = new ArrayList<>();
      do {
        while (tokens.take(' ')) {}
        keys.add(key(depth + 1));
      } while (tokens.peek() == ' ');
      tokens.expect(')');
      return and(keys);
    }
    if (isSetStart(tokens.peek())) {
      count();
      return new SearchKey.Numbers(false, parser.messageSet(true));
    }
    return key(tokens.keyword(), depth);
  }

  private void count() {
    if (++keyCount > tokens.limits().searchKeyCountMax()) {
      throw new MalformedException("too many SEARCH keys");
    }
  }

  private SearchKey key(String word, int depth) throws IOException {
    count();
    return switch (word) {
      case "ALL" -> new SearchKey.All();
      case "ANSWERED" -> new SearchKey.Flag(CommandParser.ANSWERED, true);
      case "UNANSWERED" -> new SearchKey.Flag(CommandParser.ANSWERED, false);
      case "DELETED" -> new SearchKey.Flag(CommandParser.DELETED, true);
      case "UNDELETED" -> new SearchKey.Flag(CommandParser.DELETED, false);
      case "DRAFT" -> new SearchKey.Flag(CommandParser.DRAFT, true);
      case "UNDRAFT" -> new SearchKey.Flag(CommandParser.DRAFT, false);
      case "FLAGGED" -> new SearchKey.Flag(CommandParser.FLAGGED, true);
      case "UNFLAGGED" -> new SearchKey.Flag(CommandParser.FLAGGED, false);
      case "SEEN" -> new SearchKey.Flag(CommandParser.SEEN, true);
      case "UNSEEN" -> new SearchKey.Flag(CommandParser.SEEN, false);
      case "RECENT" -> new SearchKey.Recent(true);
      // RFC 3501 §6.4.4: RECENT UNSEEN.
      case "NEW" ->
          new SearchKey.And(
              List.of(new SearchKey.Recent(true), new SearchKey.Flag(CommandParser.SEEN, false)));
      case "OLD" -> new SearchKey.Recent(false);
      case "KEYWORD" -> new SearchKey.Keyword(keyword(), true);
      case "UNKEYWORD" -> new SearchKey.Keyword(keyword(), false);
      case "LARGER" -> new SearchKey.Larger(spacedNumber());
      case "SMALLER" -> new SearchKey.Smaller(spacedNumber());
      case "BEFORE" -> date(DateField.RECEIVED, DateRelation.BEFORE);
      case "ON" -> date(DateField.RECEIVED, DateRelation.ON);
      case "SINCE" -> date(DateField.RECEIVED, DateRelation.SINCE);
      case "SENTBEFORE" -> date(DateField.SENT, DateRelation.BEFORE);
      case "SENTON" -> date(DateField.SENT, DateRelation.ON);
      case "SENTSINCE" -> date(DateField.SENT, DateRelation.SINCE);
      case "SAVEDBEFORE" -> date(DateField.SAVED, DateRelation.BEFORE);
      case "SAVEDON" -> date(DateField.SAVED, DateRelation.ON);
      case "SAVEDSINCE" -> date(DateField.SAVED, DateRelation.SINCE);
      case "SAVEDATESUPPORTED" -> new SearchKey.SaveDateSupported();
      case "FROM" -> new SearchKey.Address(AddressField.FROM, spacedText());
      case "TO" -> new SearchKey.Address(AddressField.TO, spacedText());
      case "CC" -> new SearchKey.Address(AddressField.CC, spacedText());
      case "BCC" -> new SearchKey.Address(AddressField.BCC, spacedText());
      case "SUBJECT" -> new SearchKey.Subject(spacedText());
      case "BODY" -> new SearchKey.Body(spacedText());
      case "TEXT" -> new SearchKey.Text(spacedText());
      case "HEADER" -> {
        String name = spacedText();
        yield new SearchKey.Header(name, spacedText());
      }
      case "UID" -> {
        tokens.space();
        yield new SearchKey.Numbers(true, parser.messageSet(true));
      }
      case "MODSEQ" -> modSeq();
      case "EMAILID" -> new SearchKey.EmailId(spacedText());
      case "THREADID" -> new SearchKey.ThreadId(spacedText());
      case "NOT" -> {
        tokens.space();
        yield new SearchKey.Not(key(depth + 1));
      }
      case "OR" -> {
        tokens.space();
        SearchKey left = key(depth + 1);
        tokens.space();
        yield new SearchKey.Or(left, key(depth + 1));
      }
      default -> throw new MalformedException("unknown SEARCH key");
    };
  }

  private String keyword() throws IOException {
    tokens.space();
    return tokens.flag();
  }

  private long spacedNumber() throws IOException {
    tokens.space();
    return tokens.number(Long.MAX_VALUE);
  }

  private String spacedText() throws IOException {
    tokens.space();
    return tokens.astring();
  }

  private SearchKey date(DateField field, DateRelation relation) throws IOException {
    tokens.space();
    return new SearchKey.Date(field, relation, ImapDates.parseDate(tokens.astring()));
  }

  /// RFC 7162 §3.1.5: an entry name and type may come first; every flag shares one mod-sequence
  /// here.
  private SearchKey modSeq() throws IOException {
    tokens.space();
    if (tokens.peek() == '"') {
      tokens.string();
      tokens.space();
      switch (tokens.keyword()) {
        case "ALL", "PRIV", "SHARED" -> {}
        default -> throw new MalformedException("unknown MODSEQ entry type");
      }
      tokens.space();
    }
    return new SearchKey.ModSeq(tokens.number(Long.MAX_VALUE));
  }
}
