package org.mailstead.imap.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailstead.imap.wire.ImapCommand.SortCriterion;
import org.mailstead.imap.wire.ImapCommand.SortField;

/// Threads by base subject: the first message by date, all others its children.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5256 RFC 5256 §3 ORDEREDSUBJECT
final class OrderedSubject {
  private OrderedSubject() {}

  static List<ThreadNode> threads(Sorter sorter, int[] sequences) {
    int[] byDate = sorter.sort(sequences, List.of(new SortCriterion(SortField.DATE, false)));
    MessageKeys.@Nullable Keys[] keys = sorter.load(byDate);
    // In order of date, so the threads come in the order of their first messages.
    List<ThreadNode> threads = new ArrayList<>();
    Map<String, ThreadNode> bySubject = new HashMap<>();
    for (int i = 0; i < byDate.length; i++) {
      MessageKeys.Keys known = keys[i];
      ThreadNode node = new ThreadNode(byDate[i]);
      ThreadNode first = bySubject.putIfAbsent(known == null ? "" : known.baseSubject(), node);
      if (first == null) threads.add(node);
      else first.children.add(node);
    }
    return threads;
  }
}
