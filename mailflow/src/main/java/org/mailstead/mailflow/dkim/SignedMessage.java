package org.mailstead.mailflow.dkim;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.Content;
import org.mailstead.formats.mime.HeaderFields;

/// A message as signatures see it: fields by name, and a body. Body hashes are remembered, so that
/// many signatures over one body cost one pass for each way to look at it.
public final class SignedMessage {
  private final ByteBuffer message;
  private final HeaderFields fields;
  private final int bodyOffset;
  private final Map<String, List<HeaderFields.Field>> byName = new HashMap<>();
  private final Map<BodyForm, BodyDigest.Result> digests = new HashMap<>();

  private record BodyForm(Canonicalization form, long most) {}

  private SignedMessage(ByteBuffer message) {
    this.message = message;
    int headerEnd = headerEnd(message);
    this.fields = HeaderFields.of(message, 0, headerEnd);
    this.bodyOffset = bodyOffset(message, headerEnd);
    for (HeaderFields.Field field : fields) {
      byName
          .computeIfAbsent(field.name().toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
          .add(field);
    }
  }

  public static SignedMessage of(Content content) {
    return new SignedMessage(content.buffer());
  }

  /// All fields of a name, in order.
  public List<HeaderFields.Field> fields(String name) {
    return byName.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
  }

  /// Unfolded.
  public String value(HeaderFields.Field field) {
    return fields.value(field);
  }

  /// As it stands.
  public byte[] raw(HeaderFields.Field field) {
    return fields.raw(field);
  }

  public BodyDigest.Result bodyDigest(Canonicalization form, long most) {
    return digests.computeIfAbsent(
        new BodyForm(form, most),
        _ -> BodyDigest.of(form, most, message.duplicate().position(bodyOffset)));
  }

  /// Takes fields in the order that signatures want them: of several with one name the last first
  /// (RFC 6376 §5.4.2), and nothing once there is none left.
  public Taking taking() {
    return new Taking();
  }

  /// Which fields one signature has taken so far.
  public final class Taking {
    private final Map<String, Integer> taken = new HashMap<>();

    private Taking() {}

    public Optional<byte[]> next(String name) {
      String key = name.toLowerCase(Locale.ROOT);
      List<HeaderFields.Field> all = byName.getOrDefault(key, List.of());
      int count = taken.merge(key, 1, Integer::sum);
      if (count > all.size()) return Optional.empty();
      return Optional.of(raw(all.get(all.size() - count)));
    }
  }

  private static int headerEnd(ByteBuffer message) {
    int lineStart = 0;
    for (int i = 0; i < message.limit(); i++) {
      if (message.get(i) != '\n') continue;
      if (i == lineStart || (i == lineStart + 1 && message.get(lineStart) == '\r')) {
        return lineStart;
      }
      lineStart = i + 1;
    }
    return message.limit();
  }

  private static int bodyOffset(ByteBuffer message, int headerEnd) {
    int at = headerEnd;
    if (at < message.limit() && message.get(at) == '\r') at++;
    if (at < message.limit() && message.get(at) == '\n') at++;
    return at;
  }
}
