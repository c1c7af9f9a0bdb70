package org.mailstead.imap.server;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.EmailId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.access.Right;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.imap.server.SearchTest.Level;
import org.mailstead.imap.server.SearchTest.Verdict;
import org.mailstead.imap.wire.ImapCommand;
import org.mailstead.imap.wire.ImapCommand.SearchReturn;
import org.mailstead.imap.wire.ResponseWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// SEARCH, SORT, THREAD and their UID forms.
///
/// All messages are judged by the view's arrays first; those that remain open by decoded keys, then
/// by header, then by text.
final class SearchHandler {
  private static final Logger LOG = LoggerFactory.getLogger(SearchHandler.class);
  private static final int PAGE_COUNT = 500;

  private final MessageKeys keys;
  private final ResponseWriter writer;
  private final SessionModes modes;

  SearchHandler(MessageKeys keys, ResponseWriter writer, SessionModes modes) {
    this.keys = keys;
    this.writer = writer;
    this.modes = modes;
  }

  /// Matching sequence numbers, ascending, and whether mod-sequences were asked about.
  private record Found(int[] sequences, boolean usesModSeq) {}

  Answer search(SelectedFolder selected, ImapCommand.Search command) throws IOException {
    selected.current().require(Right.READ);
    ImapCommand.SearchProgram program = command.program();
    Optional<Set<SearchReturn>> returns = program.returns();
    Found found;
    try {
      found = find(selected, program);
    } catch (RuntimeException e) {
      // RFC 5182 §2.1: a failed SEARCH with SAVE leaves an empty result.
      if (returns.isPresent() && returns.get().contains(SearchReturn.SAVE)) {
        selected.save(new long[0]);
      }
      throw e;
    }
    FolderView view = selected.known();
    int[] sequences = found.sequences();
    if (returns.isEmpty() && !modes.isRev2()) {
      writeSearch(view, command.byUid(), found);
      return Answer.ok("done");
    }
    Set<SearchReturn> wanted = returns.orElse(Set.of(SearchReturn.ALL));
    if (wanted.contains(SearchReturn.SAVE)) save(selected, sequences, wanted);
    boolean onlySave = wanted.size() == 1 && wanted.contains(SearchReturn.SAVE);
    if (!onlySave) {
      writeEsearch(view, command.byUid(), found, wanted);
    }
    return Answer.ok("done");
  }

  private static void save(SelectedFolder selected, int[] sequences, Set<SearchReturn> wanted) {
    FolderView view = selected.known();
    boolean min = wanted.contains(SearchReturn.MIN);
    boolean max = wanted.contains(SearchReturn.MAX);
    boolean all = wanted.contains(SearchReturn.ALL) || wanted.contains(SearchReturn.COUNT);
    // RFC 5182 §2.1: with MIN or MAX alone only those are saved.
    int[] chosen = sequences;
    if ((min || max) && !all && sequences.length > 0) {
      int first = sequences[0];
      int last = sequences[sequences.length - 1];
      chosen =
          min && max && first != last ? new int[] {first, last} : new int[] {min ? first : last};
    }
    selected.save(uids(view, chosen));
  }

  private static long[] uids(FolderView view, int[] sequences) {
    long[] uids = new long[sequences.length];
    for (int i = 0; i < uids.length; i++) uids[i] = view.uid(sequences[i]);
    return uids;
  }

  private void writeSearch(FolderView view, boolean byUid, Found found) throws IOException {
    writer.text("* SEARCH");
    for (int sequence : found.sequences()) {
      writer.space().number(byUid ? view.uid(sequence) : sequence);
    }
    if (found.usesModSeq() && found.sequences().length > 0) {
      writer.text(" (MODSEQ ").number(highest(view, found.sequences())).octet(')');
    }
    writer.crlf();
  }

  private static long highest(FolderView view, int[] sequences) {
    long highest = 0;
    for (int sequence : sequences) highest = Math.max(highest, view.modSeq(sequence));
    return highest;
  }

  /// RFC 4731 §3.1. The tag is written by the session, which alone knows it.
  private void writeEsearch(FolderView view, boolean byUid, Found found, Set<SearchReturn> wanted)
      throws IOException {
    int[] sequences = found.sequences();
    long[] numbers = byUid ? uids(view, sequences) : widened(sequences);
    writer.text("* ESEARCH (TAG ").string(tag).octet(')');
    if (byUid) writer.text(" UID");
    if (numbers.length > 0) {
      if (wanted.contains(SearchReturn.MIN)) writer.text(" MIN ").number(numbers[0]);
      if (wanted.contains(SearchReturn.MAX)) {
        writer.text(" MAX ").number(numbers[numbers.length - 1]);
      }
      if (wanted.contains(SearchReturn.ALL)) writer.text(" ALL ").set(numbers);
    }
    if (wanted.contains(SearchReturn.COUNT)) writer.text(" COUNT ").number(numbers.length);
    if (found.usesModSeq() && numbers.length > 0) {
      writer.text(" MODSEQ ").number(highest(view, reported(sequences, wanted)));
    }
    writer.crlf();
  }

  /// RFC 7162 §3.1.10: with MIN or MAX only, the mod-sequence is of those.
  private static int[] reported(int[] sequences, Set<SearchReturn> wanted) {
    if (wanted.contains(SearchReturn.ALL) || wanted.contains(SearchReturn.COUNT)) {
      return sequences;
    }
    boolean min = wanted.contains(SearchReturn.MIN);
    boolean max = wanted.contains(SearchReturn.MAX);
    int first = sequences[0];
    int last = sequences[sequences.length - 1];
    if (min && max) return new int[] {first, last};
    return min ? new int[] {first} : max ? new int[] {last} : sequences;
  }

  private static long[] widened(int[] numbers) {
    return Arrays.stream(numbers).asLongStream().toArray();
  }

  Answer sort(SelectedFolder selected, ImapCommand.Sort command) throws IOException {
    selected.current().require(Right.READ);
    Found found = find(selected, command.program());
    FolderView view = selected.known();
    int[] sorted = new Sorter(keys, selected).sort(found.sequences(), command.criteria());
    writer.text("* SORT");
    for (int sequence : sorted) {
      writer.space().number(command.byUid() ? view.uid(sequence) : sequence);
    }
    if (found.usesModSeq() && sorted.length > 0) {
      writer.text(" (MODSEQ ").number(highest(view, sorted)).octet(')');
    }
    writer.crlf();
    return Answer.ok("done");
  }

  Answer threads(SelectedFolder selected, ImapCommand.Threads command) throws IOException {
    selected.current().require(Right.READ);
    Found found = find(selected, command.program());
    FolderView view = selected.known();
    Sorter sorter = new Sorter(keys, selected);
    List<ThreadNode> threads =
        switch (command.algorithm()) {
          case ORDEREDSUBJECT -> OrderedSubject.threads(sorter, found.sequences());
          case REFERENCES ->
              new ReferencesThreading(keys, selected, sorter).threads(found.sequences());
        };
    writer.text("* THREAD");
    if (!threads.isEmpty()) writer.space();
    for (ThreadNode thread : threads) thread.write(writer, view, command.byUid());
    writer.crlf();
    return Answer.ok("done");
  }

  private Found find(SelectedFolder selected, ImapCommand.SearchProgram program) {
    SearchCompiler compiler = new SearchCompiler(selected);
    SearchTest test = compiler.compile(program.key());
    if (compiler.usesModSeq()) modes.enableCondstore();
    FolderView view = selected.known();
    SearchTest.Facts facts = new SearchTest.Facts(selected.mailbox());
    facts.view();
    int[] matches = new int[view.count()];
    int matchCount = 0;
    int[] open = new int[view.count()];
    int openCount = 0;
    for (int sequence = 1; sequence <= view.count(); sequence++) {
      Verdict verdict = test.of(sequence, facts);
      if (verdict == Verdict.TRUE) matches[matchCount++] = sequence;
      else if (verdict == Verdict.UNKNOWN) open[openCount++] = sequence;
    }
    if (openCount > 0) {
      matchCount = decideOpen(selected, test, Arrays.copyOf(open, openCount), matches, matchCount);
      Arrays.sort(matches, 0, matchCount);
    }
    return new Found(Arrays.copyOf(matches, matchCount), compiler.usesModSeq());
  }

  private int decideOpen(
      SelectedFolder selected, SearchTest test, int[] open, int[] matches, int matchCountBefore) {
    int matchCount = matchCountBefore;
    boolean[] matching = new boolean[open.length];
    int pageCount = (open.length + PAGE_COUNT - 1) / PAGE_COUNT;
    if (pageCount == 1) {
      decidePage(selected, test, open, 0, matching);
    } else {
      // Decrypting and decoding takes the time, and each message stands for itself.
      IntStream.range(0, pageCount)
          .parallel()
          .forEach(page -> decidePage(selected, test, open, page * PAGE_COUNT, matching));
    }
    for (int i = 0; i < open.length; i++) if (matching[i]) matches[matchCount++] = open[i];
    return matchCount;
  }

  /// Safe to run beside itself: the view and the compiled test do not change, the facts are its
  /// own.
  private void decidePage(
      SelectedFolder selected, SearchTest test, int[] open, int from, boolean[] matching) {
    FolderView view = selected.known();
    SearchTest.Facts facts = new SearchTest.Facts(selected.mailbox());
    int to = Math.min(open.length, from + PAGE_COUNT);
    List<EmailId> emails = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) emails.add(view.email(open[i]));
    MessageKeys.@Nullable Keys[] loaded = keys.load(selected.mailbox(), emails);
    for (int i = from; i < to; i++) {
      MessageKeys.Keys known = loaded[i - from];
      // Gone for good since the view was taken: nothing to find in it.
      matching[i] = known != null && decide(test, open[i], facts, emails.get(i - from), known);
    }
  }

  private static boolean decide(
      SearchTest test,
      int sequence,
      SearchTest.Facts facts,
      EmailId email,
      MessageKeys.Keys known) {
    for (Level level : List.of(Level.KEYS, Level.HEADER, Level.TEXT)) {
      facts.message(level, email, known);
      try {
        Verdict verdict = test.of(sequence, facts);
        if (verdict != Verdict.UNKNOWN) return verdict == Verdict.TRUE;
      } catch (RefusedException e) {
        return false;
      } catch (UnavailableException e) {
        throw e;
      } catch (RuntimeException e) {
        // One unreadable blob costs its own message only: it is not found by its text.
        LOG.error("a message cannot be searched: email {}", email, e);
        return false;
      }
    }
    throw new IllegalStateException("a search condition stays open with all facts at hand");
  }

  private String tag = "";

  /// The command's tag, which ESEARCH repeats (RFC 4466 §2.6.2).
  SearchHandler tagged(String commandTag) {
    tag = commandTag;
    return this;
  }
}
