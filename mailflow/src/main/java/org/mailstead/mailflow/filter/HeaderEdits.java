package org.mailstead.mailflow.filter;

import java.util.ArrayList;
import java.util.List;
import org.mailstead.formats.mime.HeaderFields;

/// What filters want changed in a message's header.
///
/// @param added lines to put before it
/// @param removed fields to leave out
public record HeaderEdits(String added, List<HeaderFields.Field> removed) {
  public HeaderEdits {
    removed = List.copyOf(removed);
  }

  public static HeaderEdits none() {
    return new HeaderEdits("", List.of());
  }

  /// Both; the others' lines come first, their fields are removed as well.
  HeaderEdits and(HeaderEdits other) {
    List<HeaderFields.Field> all = new ArrayList<>(removed);
    for (HeaderFields.Field field : other.removed) {
      if (!all.contains(field)) all.add(field);
    }
    return new HeaderEdits(other.added + added, all);
  }
}
