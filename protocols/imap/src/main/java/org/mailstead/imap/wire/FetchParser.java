package org.mailstead.imap.wire;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.mailstead.base.MalformedException;
import org.mailstead.imap.wire.FetchItem.Partial;
import org.mailstead.imap.wire.FetchItem.SectionPath;
import org.mailstead.imap.wire.FetchItem.SectionText;

/// The grammar of FETCH's data items.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9051 RFC 9051 §6.4.5
final class FetchParser {
  /// Deeper parts than this cannot exist: MIME nesting is bounded.
  private static final int PART_DEPTH_MAX = 1_000;

  private final Tokens tokens;
  private final CommandParser parser;

  FetchParser(Tokens tokens, CommandParser parser) {
    this.tokens = tokens;
    this.parser = parser;
  }

  ImapCommand.Fetch fetch(boolean byUid) throws IOException {
    MessageSet messages = parser.messageSet(true);
    tokens.space();
    List<FetchItem> items = new ArrayList<>();
    if (tokens.take('(')) {
      do {
        while (tokens.take(' ')) {}
        items.add(item(tokens.itemName()));
        parser.requireCount(items.size());
      } while (tokens.peek() == ' ');
      tokens.expect(')');
    } else {
      items.addAll(macroOrItem());
    }
    OptionalLong changedSince = OptionalLong.empty();
    boolean vanished = false;
    if (!tokens.atEnd()) {
      tokens.space();
      tokens.expect('(');
      do {
        switch (tokens.keyword()) {
          case "CHANGEDSINCE" -> {
            tokens.space();
            changedSince = OptionalLong.of(tokens.number(Long.MAX_VALUE));
          }
          case "VANISHED" -> vanished = true;
          default -> throw new MalformedException("unknown FETCH modifier");
        }
      } while (tokens.take(' '));
      tokens.expect(')');
    }
    // RFC 7162 §3.2.6: only UID FETCH, and only beside CHANGEDSINCE.
    if (vanished && (!byUid || changedSince.isEmpty())) {
      throw new MalformedException("VANISHED needs UID FETCH and CHANGEDSINCE");
    }
    return new ImapCommand.Fetch(byUid, messages, items, changedSince, vanished);
  }

  private List<FetchItem> macroOrItem() throws IOException {
    String name = tokens.itemName();
    return switch (name) {
      case "ALL" ->
          List.of(
              new FetchItem.Flags(),
              new FetchItem.InternalDate(),
              new FetchItem.Size(),
              new FetchItem.Envelope());
      case "FAST" ->
          List.of(new FetchItem.Flags(), new FetchItem.InternalDate(), new FetchItem.Size());
      case "FULL" ->
          List.of(
              new FetchItem.Flags(),
              new FetchItem.InternalDate(),
              new FetchItem.Size(),
              new FetchItem.Envelope(),
              new FetchItem.Body());
      default -> List.of(item(name));
    };
  }

  private FetchItem item(String name) throws IOException {
    return switch (name) {
      case "FLAGS" -> new FetchItem.Flags();
      case "INTERNALDATE" -> new FetchItem.InternalDate();
      case "RFC822.SIZE" -> new FetchItem.Size();
      case "ENVELOPE" -> new FetchItem.Envelope();
      case "BODYSTRUCTURE" -> new FetchItem.BodyStructure();
      case "UID" -> new FetchItem.Uid();
      case "MODSEQ" -> new FetchItem.ModSeq();
      case "EMAILID" -> new FetchItem.EmailId();
      case "THREADID" -> new FetchItem.ThreadId();
      case "SAVEDATE" -> new FetchItem.SaveDate();
      case "RFC822" -> whole("RFC822", false, SectionText.WHOLE);
      case "RFC822.HEADER" -> whole("RFC822.HEADER", true, SectionText.HEADER);
      case "RFC822.TEXT" -> whole("RFC822.TEXT", false, SectionText.TEXT);
      case "BODY" -> tokens.peek() == '[' ? section(false) : new FetchItem.Body();
      case "BODY.PEEK" -> section(true);
      case "BINARY" -> binary(false);
      case "BINARY.PEEK" -> binary(true);
      case "BINARY.SIZE" -> {
        List<Integer> part = binaryPart();
        yield new FetchItem.BinarySize("BINARY.SIZE[" + join(part) + "]", part);
      }
      default -> throw new MalformedException("unknown FETCH item");
    };
  }

  private static FetchItem whole(String name, boolean peek, SectionText text) {
    return new FetchItem.Section(
        name, peek, new SectionPath(List.of(), text, List.of()), Partial.ALL);
  }

  private FetchItem section(boolean peek) throws IOException {
    tokens.expect('[');
    List<Integer> part = new ArrayList<>();
    SectionText text = SectionText.WHOLE;
    StringBuilder name = new StringBuilder("BODY[");
    List<String> fields = new ArrayList<>();
    boolean more = tokens.peek() != ']';
    while (more && tokens.peek() >= '0' && tokens.peek() <= '9') {
      part.add(partNumber(part.size()));
      more = tokens.take('.');
    }
    name.append(join(part));
    if (more) {
      if (!part.isEmpty()) name.append('.');
      String word = tokens.itemName();
      name.append(word);
      text =
          switch (word) {
            case "HEADER" -> SectionText.HEADER;
            case "HEADER.FIELDS" -> SectionText.HEADER_FIELDS;
            case "HEADER.FIELDS.NOT" -> SectionText.HEADER_FIELDS_NOT;
            case "TEXT" -> SectionText.TEXT;
            case "MIME" -> SectionText.MIME;
            default -> throw new MalformedException("unknown section");
          };
      // RFC 9051 §6.4.5.1: MIME is of a part, the message has none.
      if (text == SectionText.MIME && part.isEmpty()) {
        throw new MalformedException("MIME needs a part number");
      }
      if (text == SectionText.HEADER_FIELDS || text == SectionText.HEADER_FIELDS_NOT) {
        fields(fields, name);
      }
    }
    tokens.expect(']');
    name.append(']');
    Partial partial = partial(name);
    return new FetchItem.Section(
        name.toString(), peek, new SectionPath(part, text, fields), partial);
  }

  private void fields(List<String> fields, StringBuilder name) throws IOException {
    tokens.space();
    tokens.expect('(');
    name.append(" (");
    do {
      String field = tokens.astring();
      for (int i = 0; i < field.length(); i++) {
        char c = field.charAt(i);
        if (c <= ' ' || c >= 0x7F || c == ':') {
          throw new MalformedException("not a header field name");
        }
      }
      if (field.isEmpty()) throw new MalformedException("empty header field name");
      if (!fields.isEmpty()) name.append(' ');
      name.append(asWritten(field));
      fields.add(field.toLowerCase(Locale.ROOT));
      parser.requireCount(fields.size());
    } while (tokens.take(' '));
    tokens.expect(')');
    name.append(')');
  }

  private static String asWritten(String field) {
    for (int i = 0; i < field.length(); i++) {
      if (!Tokens.isAtomChar(field.charAt(i)) && field.charAt(i) != ']') {
        return '"' + field.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
      }
    }
    return field;
  }

  private FetchItem binary(boolean peek) throws IOException {
    List<Integer> part = binaryPart();
    StringBuilder name = new StringBuilder("BINARY[").append(join(part)).append(']');
    Partial partial = partial(name);
    return new FetchItem.Binary(name.toString(), peek, part, partial);
  }

  private List<Integer> binaryPart() throws IOException {
    tokens.expect('[');
    List<Integer> part = new ArrayList<>();
    if (tokens.peek() != ']') {
      do part.add(partNumber(part.size()));
      while (tokens.take('.'));
    }
    tokens.expect(']');
    return part;
  }

  private int partNumber(int depth) throws IOException {
    if (depth >= PART_DEPTH_MAX) throw new MalformedException("part number too deep");
    long number = tokens.number(0xFFFF_FFFFL);
    if (number == 0) throw new MalformedException("part number 0");
    return (int) Math.min(number, Integer.MAX_VALUE);
  }

  /// `<origin.octets>`; the response names the origin only.
  private Partial partial(StringBuilder name) throws IOException {
    if (!tokens.take('<')) return Partial.ALL;
    long offset = tokens.number(0xFFFF_FFFFL);
    tokens.expect('.');
    long count = tokens.number(0xFFFF_FFFFL);
    tokens.expect('>');
    if (count == 0) throw new MalformedException("partial of no octets");
    name.append('<').append(offset).append('>');
    return new Partial(offset, count);
  }

  private static String join(List<Integer> part) {
    StringBuilder out = new StringBuilder();
    for (int number : part) {
      if (!out.isEmpty()) out.append('.');
      out.append(number);
    }
    return out.toString();
  }
}
