package org.mailstead.mailflow.arc;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.MalformedException;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.mailflow.dkim.Canonicalization;
import org.mailstead.mailflow.dkim.SignedMessage;
import org.mailstead.mailflow.dkim.TagList;

/// The sets of a message, the first first, complete and each once.
///
/// @spec https://www.rfc-editor.org/rfc/rfc8617#section-4.2 RFC 8617 §4.2
record ArcChain(List<ArcSet> sets) {
  static final String RESULTS = "ARC-Authentication-Results";
  static final String MESSAGE = "ARC-Message-Signature";
  static final String SEAL = "ARC-Seal";

  /// One server's part; fields as they stand.
  record ArcSet(
      byte[] results,
      byte[] message,
      byte[] seal,
      String resultsValue,
      TagList messageTags,
      TagList sealTags) {}

  /// @throws MalformedException sets are missing, double, too many or unreadable
  static ArcChain of(SignedMessage message) {
    List<Optional<HeaderFields.Field>> results = byInstance(message, RESULTS);
    List<Optional<HeaderFields.Field>> signatures = byInstance(message, MESSAGE);
    List<Optional<HeaderFields.Field>> seals = byInstance(message, SEAL);
    if (results.size() != signatures.size() || results.size() != seals.size()) {
      throw new MalformedException("a set is not complete");
    }
    List<ArcSet> sets = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      if (results.get(i).isEmpty() || signatures.get(i).isEmpty() || seals.get(i).isEmpty()) {
        throw new MalformedException("a set is not complete");
      }
      String value = message.value(results.get(i).get());
      sets.add(
          new ArcSet(
              message.raw(results.get(i).get()),
              message.raw(signatures.get(i).get()),
              message.raw(seals.get(i).get()),
              value.substring(value.indexOf(';') + 1),
              TagList.parse(message.value(signatures.get(i).get())),
              TagList.parse(message.value(seals.get(i).get()))));
    }
    return new ArcChain(List.copyOf(sets));
  }

  private static List<Optional<HeaderFields.Field>> byInstance(SignedMessage message, String name) {
    List<HeaderFields.Field> fields = message.fields(name);
    if (fields.size() > ArcLimits.INSTANCES_MAX) throw new MalformedException("too many sets");
    List<Optional<HeaderFields.Field>> found = new ArrayList<>();
    for (HeaderFields.Field field : fields) {
      if (field.end() - field.start() > ArcLimits.FIELD_BYTES_MAX) {
        throw new MalformedException("a field of a set is too long");
      }
      int instance = instance(message.value(field));
      while (found.size() < instance) found.add(Optional.empty());
      if (found.get(instance - 1).isPresent()) throw new MalformedException("a set comes twice");
      found.set(instance - 1, Optional.of(field));
    }
    return found;
  }

  /// `i=`, which begins results and is one tag of the others.
  private static int instance(String value) {
    for (String part : value.split(";", -1)) {
      String tag = part.strip();
      int equals = tag.indexOf('=');
      if (equals < 0 || !tag.substring(0, equals).strip().equals("i")) continue;
      String digits = tag.substring(equals + 1).strip();
      if (!digits.matches("[0-9]{1,2}")) break;
      int instance = Integer.parseInt(digits);
      if (instance >= 1 && instance <= ArcLimits.INSTANCES_MAX) return instance;
      break;
    }
    throw new MalformedException("a set without a good number");
  }

  /// What a seal covers (§5.1.1): all sets up to it, its own `b=` left out by the caller.
  ///
  /// @param own the seal itself, prepared
  byte[] sealedData(int instance, byte[] own) {
    var data = new ByteArrayOutputStream(8192);
    for (int i = 0; i < instance; i++) {
      ArcSet set = sets.get(i);
      data.writeBytes(Canonicalization.RELAXED.field(set.results()));
      data.writeBytes(Canonicalization.RELAXED.field(set.message()));
      if (i < instance - 1) data.writeBytes(Canonicalization.RELAXED.field(set.seal()));
    }
    byte[] last = Canonicalization.RELAXED.field(own);
    data.write(last, 0, last.length - 2);
    return data.toByteArray();
  }
}
