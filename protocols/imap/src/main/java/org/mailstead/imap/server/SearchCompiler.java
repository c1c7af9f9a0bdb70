package org.mailstead.imap.server;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.TextCandidates;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.formats.mime.HeaderText;
import org.mailstead.formats.mime.SearchText;
import org.mailstead.imap.server.SearchTest.Facts;
import org.mailstead.imap.server.SearchTest.Level;
import org.mailstead.imap.server.SearchTest.Verdict;
import org.mailstead.imap.wire.ImapDates;
import org.mailstead.imap.wire.SearchKey;

/// Makes a [SearchTest] of a search key: texts folded, sets resolved, flags looked up, once.
final class SearchCompiler {
  private static final long DAY_SECONDS = 86_400;

  private final SelectedFolder selected;
  private final FolderView view;
  private boolean usesModSeq;

  SearchCompiler(SelectedFolder selected) {
    this.selected = selected;
    this.view = selected.known();
  }

  /// Whether a MODSEQ key was compiled (RFC 7162 §3.1.5).
  boolean usesModSeq() {
    return usesModSeq;
  }

  SearchTest compile(SearchKey key) {
    return switch (key) {
      case SearchKey.All _ -> constant(true);
      case SearchKey.SaveDateSupported _ -> constant(true);
      case SearchKey.Recent recent ->
          view(sequence -> selected.isRecent(sequence) == recent.recent());
      case SearchKey.And and -> and(and.keys());
      case SearchKey.Or or -> or(compile(or.left()), compile(or.right()));
      case SearchKey.Not not -> not(compile(not.key()));
      case SearchKey.Flag flag ->
          view(sequence -> ((view.flags(sequence) & flag.flag()) != 0) == flag.set());
      case SearchKey.Keyword keyword -> keyword(keyword);
      case SearchKey.Numbers numbers -> numbers(numbers);
      case SearchKey.Larger larger -> view(sequence -> view.size(sequence) > larger.bytes());
      case SearchKey.Smaller smaller -> view(sequence -> view.size(sequence) < smaller.bytes());
      case SearchKey.Date date -> date(date);
      case SearchKey.Address address -> address(address);
      case SearchKey.Subject subject -> {
        String text = SearchText.fold(subject.text());
        yield keys(keys -> keys.subject().contains(text));
      }
      case SearchKey.Header header -> header(header);
      case SearchKey.Body body -> text(body.text(), false);
      case SearchKey.Text text -> text(text.text(), true);
      case SearchKey.ModSeq modSeq -> {
        usesModSeq = true;
        yield view(sequence -> view.modSeq(sequence) >= modSeq.atLeast());
      }
      case SearchKey.EmailId email -> {
        OptionalLong id = ObjectIds.parse('M', email.id(), selected.target().place());
        yield id.isEmpty()
            ? constant(false)
            : view(sequence -> view.email(sequence).value() == id.getAsLong());
      }
      case SearchKey.ThreadId thread -> {
        OptionalLong id = ObjectIds.parse('T', thread.id(), selected.target().place());
        yield id.isEmpty() ? constant(false) : keys(keys -> keys.thread() == id.getAsLong());
      }
    };
  }

  @FunctionalInterface
  private interface ViewCondition {
    boolean of(int sequence);
  }

  @FunctionalInterface
  private interface KeysCondition {
    boolean of(MessageKeys.Keys keys);
  }

  private static SearchTest constant(boolean value) {
    Verdict verdict = SearchTest.verdict(value);
    return new SearchTest(Level.VIEW, (_, _) -> verdict);
  }

  private static SearchTest view(ViewCondition condition) {
    return new SearchTest(Level.VIEW, (sequence, _) -> SearchTest.verdict(condition.of(sequence)));
  }

  private static SearchTest keys(KeysCondition condition) {
    return new SearchTest(
        Level.KEYS,
        (_, facts) ->
            facts.reaches(Level.KEYS)
                ? SearchTest.verdict(condition.of(facts.keys()))
                : Verdict.UNKNOWN);
  }

  private SearchTest and(List<SearchKey> keys) {
    List<SearchTest> tests = new ArrayList<>();
    for (SearchKey key : keys) tests.add(compile(key));
    // Cheap ones first: what they exclude is never read.
    tests.sort(Comparator.comparing(SearchTest::needs));
    SearchTest[] all = tests.toArray(SearchTest[]::new);
    return new SearchTest(
        all[all.length - 1].needs(),
        (sequence, facts) -> {
          Verdict result = Verdict.TRUE;
          for (SearchTest test : all) {
            Verdict one = test.of(sequence, facts);
            if (one == Verdict.FALSE) return one;
            if (one == Verdict.UNKNOWN) result = one;
          }
          return result;
        });
  }

  private static SearchTest or(SearchTest left, SearchTest right) {
    boolean ordered = left.needs().compareTo(right.needs()) <= 0;
    SearchTest cheap = ordered ? left : right;
    SearchTest dear = ordered ? right : left;
    return new SearchTest(
        dear.needs(),
        (sequence, facts) -> {
          Verdict first = cheap.of(sequence, facts);
          if (first == Verdict.TRUE) return first;
          Verdict second = dear.of(sequence, facts);
          if (second == Verdict.TRUE || first == Verdict.FALSE) return second;
          return Verdict.UNKNOWN;
        });
  }

  private static SearchTest not(SearchTest test) {
    return new SearchTest(
        test.needs(),
        (sequence, facts) ->
            switch (test.of(sequence, facts)) {
              case FALSE -> Verdict.TRUE;
              case TRUE -> Verdict.FALSE;
              case UNKNOWN -> Verdict.UNKNOWN;
            });
  }

  private SearchTest keyword(SearchKey.Keyword keyword) {
    long bits = 0;
    List<String> names = view.keywordNames();
    for (int bit = 0; bit < names.size(); bit++) {
      if (names.get(bit).equalsIgnoreCase(keyword.name())) bits |= 1L << bit;
    }
    long wanted = bits;
    return view(sequence -> ((view.keywords(sequence) & wanted) != 0) == keyword.set());
  }

  private SearchTest numbers(SearchKey.Numbers numbers) {
    BitSet members = new BitSet(view.count() + 1);
    int[] ranges = selected.resolvePresent(numbers.numbers(), numbers.byUid());
    for (int i = 0; i < ranges.length; i += 2) members.set(ranges[i], ranges[i + 1] + 1);
    return view(members::get);
  }

  private SearchTest date(SearchKey.Date date) {
    long start = ImapDates.startSeconds(date.date());
    long day = date.date().toEpochDay();
    return switch (date.field()) {
      case RECEIVED ->
          view(sequence -> compare(date.relation(), view.receivedSeconds(sequence), start));
      case SAVED -> view(sequence -> compare(date.relation(), view.savedSeconds(sequence), start));
      // RFC 9051 §6.4.4: the Date field's own day, time and zone left aside.
      case SENT ->
          keys(keys ->
              keys.sentDay() != MessageKeys.NO_DATE
                  && switch (date.relation()) {
                    case BEFORE -> keys.sentDay() < day;
                    case ON -> keys.sentDay() == day;
                    case SINCE -> keys.sentDay() >= day;
                  });
    };
  }

  private static boolean compare(SearchKey.DateRelation relation, long seconds, long start) {
    return switch (relation) {
      case BEFORE -> seconds < start;
      case ON -> seconds >= start && seconds < start + DAY_SECONDS;
      case SINCE -> seconds >= start;
    };
  }

  private static SearchTest address(SearchKey.Address address) {
    String text = SearchText.fold(address.text());
    return switch (address.field()) {
      case FROM -> keys(keys -> keys.from().contains(text));
      case TO -> keys(keys -> keys.to().contains(text));
      case CC -> keys(keys -> keys.cc().contains(text));
      case BCC -> keys(keys -> keys.bcc().contains(text));
    };
  }

  private static SearchTest header(SearchKey.Header header) {
    String text = SearchText.fold(header.text());
    String name = header.name().toLowerCase(Locale.ROOT);
    // The keys hold the first field of a name, which nearly always is the only one: a hit there is
    // certain, a miss is not.
    SearchTest.Function quick =
        switch (name) {
          case "subject" -> quick(text, MessageKeys.Keys::subject);
          case "message-id" -> quick(text, MessageKeys.Keys::messageId);
          default -> (_, _) -> Verdict.UNKNOWN;
        };
    return new SearchTest(
        Level.HEADER,
        (sequence, facts) -> {
          Verdict early = quick.of(sequence, facts);
          if (early != Verdict.UNKNOWN) return early;
          if (!facts.reaches(Level.HEADER)) return Verdict.UNKNOWN;
          return SearchTest.verdict(hasField(facts.header(), header.name(), text));
        });
  }

  @FunctionalInterface
  private interface KeyText {
    String of(MessageKeys.Keys keys);
  }

  private static SearchTest.Function quick(String text, KeyText key) {
    return (_, facts) -> {
      // RFC 9051 §6.4.4: an empty string asks whether the field is there, which keys do not know.
      if (text.isEmpty() || !facts.reaches(Level.KEYS)) return Verdict.UNKNOWN;
      String value = key.of(facts.keys());
      if (value.contains(text)) return Verdict.TRUE;
      return value.isEmpty() ? Verdict.UNKNOWN : Verdict.FALSE;
    };
  }

  private static boolean hasField(HeaderFields fields, String name, String text) {
    for (String value : fields.findAll(name)) {
      if (text.isEmpty() || SearchText.fold(HeaderText.decode(value)).contains(text)) return true;
    }
    return false;
  }

  private SearchTest text(String wanted, boolean headersToo) {
    String text = SearchText.fold(wanted);
    if (text.isEmpty()) return constant(true);
    Optional<TextCandidates> candidates =
        selected.mailbox().textCandidates(selected.folder(), List.of(text));
    if (candidates.isEmpty()) return readText(text, headersToo);
    TextCandidates found = candidates.get();
    BitSet possible = places(found.possible());
    addGone(possible);
    // What the index is sure of may stand in the headers alone.
    BitSet sure = headersToo ? places(found.sure()) : new BitSet();
    if (!headersToo) possible.or(places(found.sure()));
    return new SearchTest(
        Level.TEXT,
        (sequence, facts) -> {
          if (sure.get(sequence)) return Verdict.TRUE;
          // The index may name too many, never too few.
          if (!possible.get(sequence)) return Verdict.FALSE;
          if (!facts.reaches(Level.TEXT)) return Verdict.UNKNOWN;
          return SearchTest.verdict(isIn(facts, text, headersToo));
        });
  }

  private static SearchTest readText(String text, boolean headersToo) {
    return new SearchTest(
        Level.TEXT,
        (_, facts) ->
            facts.reaches(Level.TEXT)
                ? SearchTest.verdict(isIn(facts, text, headersToo))
                : Verdict.UNKNOWN);
  }

  private BitSet places(long[] uids) {
    BitSet places = new BitSet(view.count() + 1);
    for (long uid : uids) {
      int sequence = view.sequenceOf(uid);
      if (sequence > 0) places.set(sequence);
    }
    return places;
  }

  /// The index answers for what is there now; what the client does not know to be gone yet is read.
  private void addGone(BitSet places) {
    if (view instanceof LaggingView lagging) {
      for (int sequence = 1; sequence <= view.count(); sequence++) {
        if (lagging.isGone(sequence)) places.set(sequence);
      }
    }
  }

  private static boolean isIn(Facts facts, String text, boolean headersToo) {
    if (facts.bodyText().contains(text)) return true;
    return headersToo && facts.headerText().contains(text);
  }
}
