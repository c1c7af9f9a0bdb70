package org.mailstead.mailflow;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.Content;
import org.mailstead.formats.mime.HeaderFields;

/// The header section of a message, as far as mail flow looks at it.
final class MessageHeader {
  private final ByteBuffer message;
  private final int end;
  private final HeaderFields fields;

  private MessageHeader(ByteBuffer message, int end) {
    this.message = message;
    this.end = end;
    this.fields = HeaderFields.of(message, 0, end);
  }

  static MessageHeader of(Content content) {
    ByteBuffer message = content.buffer();
    return new MessageHeader(message, endOf(message));
  }

  /// Where the header's last line ends: before the empty line, or at the end of the message.
  int end() {
    return end;
  }

  /// All of them, as they stand.
  HeaderFields fields() {
    return fields;
  }

  Optional<String> find(String name) {
    return fields.find(name);
  }

  List<String> findAll(String name) {
    return fields.findAll(name);
  }

  /// Unfolded.
  String value(HeaderFields.Field field) {
    return fields.value(field);
  }

  boolean has(String name) {
    return !findFields(name).isEmpty();
  }

  /// All fields of this name, in order.
  List<HeaderFields.Field> findFields(String name) {
    List<HeaderFields.Field> found = new ArrayList<>();
    for (HeaderFields.Field field : fields) {
      if (field.name().equalsIgnoreCase(name)) found.add(field);
    }
    return found;
  }

  /// Whether it holds octets over 127 (RFC 6532).
  boolean hasEightBit() {
    for (int i = 0; i < end; i++) {
      if (message.get(i) < 0) return true;
    }
    return false;
  }

  /// Its octets, at most so many, cut at a line's end.
  byte[] bytes(int countMax) {
    int count = end;
    if (count > countMax) {
      count = countMax;
      while (count > 0 && message.get(count - 1) != '\n') count--;
    }
    byte[] bytes = new byte[count];
    message.get(0, bytes);
    return bytes;
  }

  /// Octets of a header field as text without loss: one char each.
  static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static int endOf(ByteBuffer message) {
    int lineStart = 0;
    int length = message.limit();
    for (int i = 0; i < length; i++) {
      if (message.get(i) != '\n') continue;
      boolean empty = i == lineStart || (i == lineStart + 1 && message.get(lineStart) == '\r');
      if (empty) return lineStart;
      lineStart = i + 1;
    }
    return length;
  }
}
