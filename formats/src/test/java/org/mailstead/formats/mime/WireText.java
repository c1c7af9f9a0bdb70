package org.mailstead.formats.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A reader of IMAP's parenthesized texts as strict as the grammar (RFC 9051 §9). A list is a
/// `List`, a string a `String`, a number a `Long`, NIL is [#NIL].
final class WireText {
  static final Object NIL =
      new Object() {
        @Override
        public String toString() {
          return "NIL";
        }
      };

  private final String text;
  private int at;

  private WireText(String text) {
    this.text = text;
  }

  static List<?> parse(byte[] octets) {
    WireText reader = new WireText(new String(octets, StandardCharsets.ISO_8859_1));
    Object value = reader.value();
    assertThat(reader.at).as("end of the text").isEqualTo(reader.text.length());
    return (List<?>) value;
  }

  private Object value() {
    char c = text.charAt(at);
    if (c == '(') {
      at++;
      var list = new ArrayList<Object>();
      while (text.charAt(at) != ')') {
        // Only address structures and bodies follow each other without a space.
        boolean adjacent = !list.isEmpty() && text.charAt(at) == '(' && text.charAt(at - 1) == ')';
        if (!list.isEmpty() && !adjacent) expect(' ');
        list.add(value());
      }
      at++;
      return list;
    }
    if (c == '"') return quoted();
    if (c == '{') return literal();
    int start = at;
    while (Character.isLetterOrDigit(text.charAt(at))) at++;
    String word = text.substring(start, at);
    return word.equals("NIL") ? NIL : (Object) Long.parseLong(word);
  }

  private String quoted() {
    var out = new StringBuilder();
    at++;
    while (text.charAt(at) != '"') {
      char c = text.charAt(at);
      if (c == '\\') {
        c = text.charAt(++at);
        assertThat(c).isIn('"', '\\');
      }
      assertThat((int) c).as("TEXT-CHAR").isBetween(1, 127).isNotIn(13, 10);
      out.append(c);
      at++;
    }
    at++;
    return out.toString();
  }

  private String literal() {
    int end = text.indexOf("}\r\n", at);
    int length = Integer.parseInt(text.substring(at + 1, end));
    at = end + 3;
    String value = text.substring(at, at + length);
    assertThat(value).doesNotContain("\0");
    at += length;
    return value;
  }

  private void expect(char c) {
    assertThat(text.charAt(at)).isEqualTo(c);
    at++;
  }

  /// That a body is one by the grammar: a multipart has parts, a message/rfc822 an envelope and a
  /// body, a text its lines.
  static void checkBody(List<?> body, boolean extended) {
    if (body.getFirst() instanceof List<?>) {
      int parts = 0;
      while (body.get(parts) instanceof List<?> part) {
        checkBody(part, extended);
        parts++;
      }
      assertThat(body.get(parts)).isInstanceOf(String.class);
      assertThat(body).hasSize(parts + (extended ? 5 : 1));
      return;
    }
    String type = (String) body.get(0);
    String subtype = (String) body.get(1);
    assertThat(type).isNotEmpty().isNotEqualTo("multipart");
    assertThat(body.get(5)).isInstanceOf(String.class);
    assertThat(body.get(6)).isInstanceOf(Long.class);
    int size = 7;
    if (type.equals("message") && subtype.equals("rfc822")) {
      assertThat((List<?>) body.get(7)).hasSize(10);
      checkBody((List<?>) body.get(8), extended);
      assertThat(body.get(9)).isInstanceOf(Long.class);
      size = 10;
    } else if (type.equals("text")) {
      assertThat(body.get(7)).isInstanceOf(Long.class);
      size = 8;
    }
    assertThat(body).hasSize(size + (extended ? 4 : 0));
  }
}
