package org.mailstead.imap.server;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.EmailId;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.imap.wire.ImapCommand.SortCriterion;

/// Orders messages by the criteria of SORT; what is equal by all of them stays in mailbox order.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5256 RFC 5256 §3
final class Sorter {
  private final MessageKeys messageKeys;
  private final SelectedFolder selected;
  private final FolderView view;

  Sorter(MessageKeys messageKeys, SelectedFolder selected) {
    this.messageKeys = messageKeys;
    this.selected = selected;
    this.view = selected.known();
  }

  int[] sort(int[] sequences, List<SortCriterion> criteria) {
    boolean needsKeys =
        criteria.stream()
            .anyMatch(criterion ->
                switch (criterion.field()) {
                  case ARRIVAL, SIZE -> false;
                  case CC, DATE, FROM, SUBJECT, TO -> true;
                });
    MessageKeys.@Nullable Keys[] keys = needsKeys ? load(sequences) : new MessageKeys.Keys[0];
    Comparator<Integer> order = (_, _) -> 0;
    for (SortCriterion criterion : criteria) {
      Comparator<Integer> one =
          switch (criterion.field()) {
            case ARRIVAL -> byLong(i -> view.receivedSeconds(sequences[i]), sequences.length);
            case SIZE -> byLong(i -> view.size(sequences[i]), sequences.length);
            case DATE -> byLong(i -> sentSeconds(sequences[i], keys[i]), sequences.length);
            case CC -> byText(keys, MessageKeys.Keys::sortCc);
            case FROM -> byText(keys, MessageKeys.Keys::sortFrom);
            case SUBJECT -> byText(keys, MessageKeys.Keys::baseSubject);
            case TO -> byText(keys, MessageKeys.Keys::sortTo);
          };
      order = order.thenComparing(criterion.reverse() ? one.reversed() : one);
    }
    Integer[] places = new Integer[sequences.length];
    Arrays.setAll(places, i -> i);
    // The sort is stable, and the numbers came in mailbox order.
    Arrays.sort(places, order);
    int[] sorted = new int[places.length];
    for (int i = 0; i < sorted.length; i++) sorted[i] = sequences[places[i]];
    return sorted;
  }

  MessageKeys.@Nullable Keys[] load(int[] sequences) {
    List<EmailId> emails = new ArrayList<>(sequences.length);
    for (int sequence : sequences) emails.add(view.email(sequence));
    return messageKeys.load(selected.mailbox(), emails);
  }

  /// RFC 5256 §2.2: the Date field, or INTERNALDATE if there is none to read.
  long sentSeconds(int sequence, MessageKeys.@Nullable Keys keys) {
    return keys == null || keys.sentSeconds() == MessageKeys.NO_DATE
        ? view.receivedSeconds(sequence)
        : keys.sentSeconds();
  }

  @FunctionalInterface
  private interface Value {
    long of(int place);
  }

  @FunctionalInterface
  private interface Text {
    String of(MessageKeys.Keys keys);
  }

  private static Comparator<Integer> byLong(Value value, int count) {
    long[] values = new long[count];
    for (int i = 0; i < count; i++) values[i] = value.of(i);
    return (a, b) -> Long.compare(values[a], values[b]);
  }

  private static Comparator<Integer> byText(MessageKeys.@Nullable Keys[] keys, Text text) {
    String[] values = new String[keys.length];
    for (int i = 0; i < values.length; i++) {
      MessageKeys.Keys known = keys[i];
      values[i] = known == null ? "" : text.of(known);
    }
    return (a, b) -> values[a].compareTo(values[b]);
  }
}
