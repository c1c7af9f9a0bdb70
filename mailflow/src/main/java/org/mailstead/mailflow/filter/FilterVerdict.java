package org.mailstead.mailflow.filter;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.mailstead.core.spam.BayesScore;

/// What the filters say of one message, and the header fields in which that stays with it: delivery
/// may happen after a restart, and people want to know why a message is where it is.
///
/// `X-Mailstead-Spam` is the one that this service reads back; `X-Spam-Flag` and `X-Spam-Status`
/// are what mail programs and Sieve scripts look for. Reception lets none of ours in from outside.
///
/// @param virus the name of one that was found
/// @param spam the score that counts; empty: nobody looked, or nobody answered
/// @param by the filter that gave it
/// @param rest of a score of the built-in filter: without the Bayes filter's part, which may be
///   different for each mailbox
/// @param down filters that had no verdict
/// @param quarantine why a milter wants the message put aside
public record FilterVerdict(
    Optional<String> virus,
    boolean isScanned,
    Optional<SpamScore> spam,
    String by,
    Optional<Double> rest,
    List<String> down,
    Optional<String> quarantine) {
  private static final String SPAM = "X-Mailstead-Spam";
  private static final String REASONS = "X-Mailstead-Spam-Reasons";
  private static final String VIRUS = "X-Mailstead-Virus";
  private static final Set<String> OURS =
      Set.of(SPAM, REASONS, VIRUS).stream()
          .map(name -> name.toLowerCase(Locale.ROOT))
          .collect(java.util.stream.Collectors.toUnmodifiableSet());
  private static final Set<String> COMMON =
      Set.of("x-spam-flag", "x-spam-status", "x-spam-score", "x-spam-level");
  private static final int LINE_CHARS_MAX = 76;

  public FilterVerdict {
    down = List.copyOf(down);
  }

  /// Nobody looked.
  public static FilterVerdict none() {
    return new FilterVerdict(
        Optional.empty(),
        false,
        Optional.empty(),
        "",
        Optional.empty(),
        List.of(),
        Optional.empty());
  }

  /// Whether a field from outside claims to be a verdict of ours.
  ///
  /// @param trusted it comes from a server on our side, whose spam filter may have looked at it
  public static boolean isForged(String fieldName, boolean trusted) {
    String name = fieldName.toLowerCase(Locale.ROOT);
    return OURS.contains(name) || (!trusted && COMMON.contains(name));
  }

  /// Whether it belongs into the junk folder unless a rule says otherwise.
  public boolean isJunk() {
    return virus.isPresent()
        || quarantine.isPresent()
        || spam.filter(SpamScore::isSpam).isPresent();
  }

  /// Whether it goes there whatever rules say (FLW-9).
  public boolean isFinal() {
    return virus.isPresent() || quarantine.isPresent();
  }

  /// The word for WorkMail's e-mail events (PASS, FAIL, GRAY, PROCESSING_FAILED).
  public Optional<String> eventWord() {
    if (spam.isPresent()) return Optional.of(spam.get().isSpam() ? "FAIL" : "PASS");
    if (!down.isEmpty()) return Optional.of("PROCESSING_FAILED");
    return Optional.empty();
  }

  /// The fields, each line with its end; empty if nobody looked.
  public String fields() {
    var out = new StringBuilder();
    if (spam.isPresent()) {
      SpamScore score = spam.get();
      String line =
          (score.isSpam() ? "yes" : "no")
              + "; score="
              + number(score.score())
              + "; required="
              + number(score.required())
              + "; by="
              + by
              + rest.map(value -> "; rest=" + number(value)).orElse("")
              + quarantine.map(_ -> "; quarantine").orElse("");
      fold(out, SPAM, List.of(line.split(" ")));
      if (!score.reasons().isEmpty()) fold(out, REASONS, listed(score.reasons()));
      if (score.isSpam()) out.append("X-Spam-Flag: YES\r\n");
      fold(
          out,
          "X-Spam-Status",
          List.of(
              score.isSpam() ? "Yes," : "No,",
              "score=" + number(score.score()),
              "required=" + number(score.required())));
    } else if (quarantine.isPresent()) {
      out.append(SPAM).append(": yes; quarantine\r\nX-Spam-Flag: YES\r\n");
    } else if (!down.isEmpty()) {
      fold(out, SPAM, listed(down.stream().map(name -> "unknown; down=" + name).toList()));
    }
    virus.ifPresent(name -> fold(out, VIRUS, List.of("found;", "name=" + name.replace(' ', '-'))));
    if (virus.isEmpty() && isScanned) out.append(VIRUS).append(": none\r\n");
    return out.toString();
  }

  private static List<String> listed(List<String> words) {
    List<String> list = new java.util.ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      list.add(words.get(i) + (i + 1 < words.size() ? "," : ""));
    }
    return list;
  }

  private static void fold(StringBuilder out, String name, List<String> words) {
    int column = name.length() + 1;
    out.append(name).append(':');
    for (String word : words) {
      boolean breaks = column + 1 + word.length() > LINE_CHARS_MAX && column > name.length() + 1;
      out.append(breaks ? "\r\n\t" : " ").append(word);
      column = breaks ? 8 + word.length() : column + 1 + word.length();
    }
    out.append("\r\n");
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /// What our fields in a message that was taken in earlier say.
  ///
  /// @param isJunk as [FilterVerdict#isJunk]
  /// @param isFinal nothing but a rule may put it elsewhere: a virus was found in it
  public record Read(boolean isJunk, boolean isFinal, Optional<Double> rest, double required) {
    /// @param spam values of `X-Mailstead-Spam`
    /// @param virus values of `X-Mailstead-Virus`
    static Read of(List<String> spam, List<String> virus) {
      boolean found = virus.stream().anyMatch(value -> value.strip().startsWith("found"));
      if (spam.isEmpty()) return new Read(found, found, Optional.empty(), 0);
      boolean junk = false;
      boolean fixed = found;
      Optional<Double> rest = Optional.empty();
      double required = 0;
      for (String part : spam.getFirst().split(";")) {
        String word = part.strip();
        if (word.equals("yes")) junk = true;
        if (word.equals("quarantine")) fixed = true;
        if (word.startsWith("rest=")) rest = double_(word.substring(5));
        if (word.startsWith("required=")) required = double_(word.substring(9)).orElse(0.0);
      }
      return new Read(junk || fixed, fixed, fixed ? Optional.empty() : rest, required);
    }

    /// For one mailbox, whose user may have taught the filter other things than the organization.
    boolean isJunk(Optional<BayesScore> bayes) {
      if (rest.isEmpty() || bayes.isEmpty()) return isJunk;
      return rest.get() + bayes.get().points() >= required;
    }

    private static Optional<Double> double_(String text) {
      try {
        return Optional.of(Double.parseDouble(text));
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
    }
  }
}
