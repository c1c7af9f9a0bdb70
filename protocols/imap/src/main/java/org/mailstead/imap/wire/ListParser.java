package org.mailstead.imap.wire;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.mailstead.base.MalformedException;
import org.mailstead.imap.wire.ImapCommand.ListReturn;
import org.mailstead.imap.wire.ImapCommand.ListSelection;
import org.mailstead.imap.wire.ImapCommand.StatusItem;

/// The grammar of LIST with its options.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5258 RFC 5258 §6
final class ListParser {
  private final Tokens tokens;
  private final CommandParser parser;

  ListParser(Tokens tokens, CommandParser parser) {
    this.tokens = tokens;
    this.parser = parser;
  }

  ImapCommand.ListFolders list() throws IOException {
    Set<ListSelection> selections = EnumSet.noneOf(ListSelection.class);
    boolean extended = false;
    if (tokens.peek() == '(') {
      extended = true;
      selections = selections();
      tokens.space();
    }
    final String reference = parser.mailboxName(tokens.astringBytes());
    tokens.space();
    List<String> patterns = new ArrayList<>();
    if (tokens.take('(')) {
      extended = true;
      do {
        patterns.add(parser.pattern());
        parser.requireCount(patterns.size());
      } while (tokens.take(' '));
      tokens.expect(')');
    } else {
      patterns.add(parser.pattern());
    }
    Set<ListReturn> returns = EnumSet.noneOf(ListReturn.class);
    List<StatusItem> statusItems = new ArrayList<>();
    if (!tokens.atEnd()) {
      tokens.space();
      if (!tokens.keyword().equals("RETURN")) throw new MalformedException("expected RETURN");
      extended = true;
      tokens.space();
      returns(returns, statusItems);
    }
    return new ImapCommand.ListFolders(
        selections, reference, patterns, returns, statusItems, extended);
  }

  private Set<ListSelection> selections() throws IOException {
    Set<ListSelection> selections = EnumSet.noneOf(ListSelection.class);
    tokens.expect('(');
    while (!tokens.take(')')) {
      tokens.take(' ');
      selections.add(
          switch (tokens.keyword()) {
            case "SUBSCRIBED" -> ListSelection.SUBSCRIBED;
            case "REMOTE" -> ListSelection.REMOTE;
            case "RECURSIVEMATCH" -> ListSelection.RECURSIVEMATCH;
            case "SPECIAL-USE" -> ListSelection.SPECIAL_USE;
            default -> throw new MalformedException("unknown LIST selection option");
          });
    }
    // RFC 5258 §3: RECURSIVEMATCH needs an option that selects something.
    if (selections.contains(ListSelection.RECURSIVEMATCH)
        && !selections.contains(ListSelection.SUBSCRIBED)
        && !selections.contains(ListSelection.SPECIAL_USE)) {
      throw new MalformedException("RECURSIVEMATCH needs another selection option");
    }
    return selections;
  }

  private void returns(Set<ListReturn> returns, List<StatusItem> statusItems) throws IOException {
    tokens.expect('(');
    while (!tokens.take(')')) {
      tokens.take(' ');
      switch (tokens.keyword()) {
        case "SUBSCRIBED" -> returns.add(ListReturn.SUBSCRIBED);
        case "CHILDREN" -> returns.add(ListReturn.CHILDREN);
        case "SPECIAL-USE" -> returns.add(ListReturn.SPECIAL_USE);
        case "STATUS" -> {
          tokens.space();
          statusItems.addAll(parser.statusItems());
        }
        default -> throw new MalformedException("unknown LIST return option");
      }
    }
  }
}
