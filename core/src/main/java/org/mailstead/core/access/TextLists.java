package org.mailstead.core.access;

import java.util.ArrayList;
import java.util.List;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// Lists of texts in stored values: a count, then the texts.
final class TextLists {
  private TextLists() {}

  static void write(ValueWriter out, List<String> texts) {
    out.number(texts.size());
    texts.forEach(out::text);
  }

  static List<String> read(ValueReader in) {
    long count = in.number();
    List<String> texts = new ArrayList<>();
    for (long i = 0; i < count; i++) texts.add(in.text());
    return List.copyOf(texts);
  }
}
