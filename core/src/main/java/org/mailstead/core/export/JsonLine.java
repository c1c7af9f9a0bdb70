package org.mailstead.core.export;

import java.util.List;

/// One JSON object (RFC 8259) on a line.
final class JsonLine {
  private final StringBuilder out = new StringBuilder("{");

  JsonLine text(String name, String value) {
    name(name);
    quote(value);
    return this;
  }

  JsonLine number(String name, long value) {
    name(name);
    out.append(value);
    return this;
  }

  JsonLine texts(String name, List<String> values) {
    name(name);
    out.append('[');
    for (int i = 0; i < values.size(); i++) {
      if (i > 0) out.append(',');
      quote(values.get(i));
    }
    out.append(']');
    return this;
  }

  String line() {
    return out + "}\n";
  }

  private void name(String name) {
    if (out.length() > 1) out.append(',');
    quote(name);
    out.append(':');
  }

  private void quote(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') out.append('\\').append(c);
      else if (c < 0x20 || c == 0x7f || Character.isSurrogate(c))
        out.append("\\u%04x".formatted((int) c));
      else out.append(c);
    }
    out.append('"');
  }
}
