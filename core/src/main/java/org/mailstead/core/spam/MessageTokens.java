package org.mailstead.core.spam;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.formats.mime.AddressParser;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.formats.mime.HeaderText;
import org.mailstead.formats.mime.MessageScanner;
import org.mailstead.formats.mime.MessageText;
import org.mailstead.formats.mime.MimeAddress;
import org.mailstead.formats.mime.MimePart;
import org.mailstead.formats.mime.SearchText;

/// The words by which the Bayes filter knows a message: those of the text, folded; of subject and
/// author, marked as such; hosts of links; sorts of its parts. Each counts once.
///
/// Whatever a message is made of, only its first [SpamLimits#READ_BYTES_MAX] octets are read, and
/// [SpamLimits#TOKENS_MAX] words kept: time and memory do not depend on the sender.
public final class MessageTokens {
  private static final int WORD_CHARS_MIN = 3;
  private static final int HOST_CHARS_MAX = 80;
  private static final int FIELD_CHARS_MAX = 2_000;
  private static final int ADDRESSES_MAX = 5;
  private static final int PARTS_MAX = 50;

  private final Set<String> tokens;

  private MessageTokens(Set<String> tokens) {
    this.tokens = tokens;
  }

  public static MessageTokens of(Content content) {
    ByteBuffer whole = content.buffer();
    int start = whole.position();
    return of(whole.slice(start, Math.min(whole.limit() - start, SpamLimits.READ_BYTES_MAX)));
  }

  private static MessageTokens of(ByteBuffer message) {
    var collector = new Collector();
    MimePart structure = MessageScanner.scan(message);
    HeaderFields fields = HeaderFields.of(message, structure);
    for (String subject : fields.findAll("Subject")) {
      collector.words("subject:", cut(HeaderText.decode(cut(subject, FIELD_CHARS_MAX))));
    }
    collector.addresses("from", fields.findAll("From"));
    collector.addresses("reply", fields.findAll("Reply-To"));
    for (String mailer : fields.findAll("X-Mailer")) {
      collector.words("mailer:", cut(mailer, FIELD_CHARS_MAX));
    }
    collector.parts(structure);
    MessageText text = MessageText.of(message, structure);
    collector.words("", cut(text.body(), SpamLimits.TEXT_CHARS_MAX));
    collector.links(StandardCharsets.ISO_8859_1.decode(message.duplicate()));
    return new MessageTokens(collector.tokens);
  }

  private static String cut(String text) {
    return cut(text, FIELD_CHARS_MAX);
  }

  private static String cut(String text, int charsMax) {
    return text.length() > charsMax ? text.substring(0, charsMax) : text;
  }

  public int count() {
    return tokens.size();
  }

  Set<String> words() {
    return tokens;
  }

  long[] hashes(SipHash hash) {
    return tokens.stream()
        .mapToLong(token -> hash.hash(token.getBytes(StandardCharsets.UTF_8)))
        .toArray();
  }

  private static final class Collector {
    private final Set<String> tokens = new LinkedHashSet<>();

    private void add(String token) {
      if (tokens.size() < SpamLimits.TOKENS_MAX) tokens.add(token);
    }

    private boolean isFull() {
      return tokens.size() >= SpamLimits.TOKENS_MAX;
    }

    /// Runs of letters and digits, with the signs inside that make a price, a name or a host.
    void words(String prefix, String text) {
      String folded = SearchText.fold(text);
      int length = folded.length();
      int at = 0;
      while (at < length && !isFull()) {
        int point = folded.codePointAt(at);
        int width = Character.charCount(point);
        if (isIdeograph(point)) {
          at += ideographs(prefix, folded, at);
        } else if (isWord(point)) {
          int end = wordEnd(folded, at);
          word(prefix, folded, at, end);
          at = Math.max(end, at + width);
        } else {
          at += width;
        }
      }
    }

    private static int wordEnd(String text, int start) {
      int end = start;
      while (end < text.length()) {
        int point = text.codePointAt(end);
        boolean inside =
            (point == '\'' || point == '-' || point == '.' || point == '@')
                && end + 1 < text.length()
                && isWord(text.codePointAt(end + 1));
        if (isIdeograph(point) || !(isWord(point) || inside)) break;
        end += Character.charCount(point);
      }
      return end;
    }

    private void word(String prefix, String text, int start, int end) {
      int length = end - start;
      if (length < WORD_CHARS_MIN) return;
      if (length <= SpamLimits.WORD_CHARS_MAX) {
        add(prefix + text.substring(start, end));
        return;
      }
      add(prefix + "long:" + text.charAt(start) + Math.min(length / 10, 100));
      if (length <= HOST_CHARS_MAX) {
        // What is joined by points or dashes also counts in parts.
        for (String part : text.substring(start, end).split("[.@-]")) {
          if (part.length() >= WORD_CHARS_MIN && part.length() <= SpamLimits.WORD_CHARS_MAX) {
            add(prefix + part);
          }
        }
      }
    }

    /// Scripts without spaces: pairs.
    private int ideographs(String prefix, String text, int start) {
      int first = text.codePointAt(start);
      int width = Character.charCount(first);
      int next = start + width;
      if (next < text.length() && isIdeograph(text.codePointAt(next))) {
        add(prefix + Character.toString(first) + Character.toString(text.codePointAt(next)));
      }
      return width;
    }

    private static boolean isWord(int point) {
      return point == '$' || point == '!' || Character.isLetterOrDigit(point);
    }

    private static boolean isIdeograph(int point) {
      return point >= 0x2e80
          && (Character.isIdeographic(point) || (point >= 0x3040 && point < 0x3100));
    }

    void addresses(String name, List<String> fields) {
      int count = 0;
      for (String field : fields) {
        for (MimeAddress address : AddressParser.parse(cut(field))) {
          if (count++ == ADDRESSES_MAX) return;
          address.name().ifPresent(text -> words(name + ":", HeaderText.decode(cut(text))));
          String host = cut(address.host().orElse("").toLowerCase(Locale.ROOT), HOST_CHARS_MAX);
          String local = cut(address.local().orElse("").toLowerCase(Locale.ROOT), HOST_CHARS_MAX);
          if (host.isEmpty()) continue;
          add(name + ":" + local + "@" + host);
          host(name + ":", host);
        }
      }
    }

    /// A host and its domains down to the last but one label.
    private void host(String prefix, String host) {
      String rest = host;
      for (int i = 0; i < 5 && rest.indexOf('.') > 0; i++) {
        add(prefix + "@" + rest);
        rest = rest.substring(rest.indexOf('.') + 1);
      }
    }

    void parts(MimePart structure) {
      List<MimePart> all = new ArrayList<>();
      collect(structure, all);
      for (MimePart part : all) {
        add("part:" + cut(part.type() + "/" + part.subtype(), HOST_CHARS_MAX));
        for (MimePart.Parameter parameter : part.parameters()) {
          if (parameter.name().equalsIgnoreCase("charset")) {
            add("charset:" + cut(parameter.value().toLowerCase(Locale.ROOT), HOST_CHARS_MAX));
          }
        }
      }
    }

    private static void collect(MimePart part, List<MimePart> all) {
      if (all.size() == PARTS_MAX) return;
      all.add(part);
      for (MimePart child : part.children()) collect(child, all);
    }

    /// Links stand in attributes, which the text of an HTML part has not.
    void links(CharSequence raw) {
      int length = raw.length();
      for (int at = 0; at + 3 < length && !isFull(); at++) {
        if (raw.charAt(at) != ':' || raw.charAt(at + 1) != '/' || raw.charAt(at + 2) != '/')
          continue;
        int end = at + 3;
        while (end < length && end - at < HOST_CHARS_MAX && isHost(raw.charAt(end))) end++;
        String host = raw.subSequence(at + 3, end).toString().toLowerCase(Locale.ROOT);
        if (host.indexOf('.') > 0) host("link:", host);
        at = end - 1;
      }
    }

    private static boolean isHost(char c) {
      return (c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || c == '.'
          || c == '-';
    }
  }
}
