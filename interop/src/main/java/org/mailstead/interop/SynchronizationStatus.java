package org.mailstead.interop;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.core.directory.Imports.Problem;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// How the last synchronizations of an organization went, and from where the next one goes on.
///
/// @param ended of the last one, whether it succeeded or not
/// @param succeeded of the last one that did
/// @param compared when everything was compared last, not only what changed
/// @param mark up to where the directory has been read
/// @param scope of the settings that the mark belongs to
/// @param error why the last one failed
/// @param problems objects that were left out, the first of them
/// @param started of the last one
/// @param isFull whether the last one compared everything
/// @param created by the last one that succeeded; likewise updated and removed
public record SynchronizationStatus(
    Optional<Instant> ended,
    Optional<Instant> succeeded,
    Optional<Instant> compared,
    Optional<String> mark,
    String scope,
    Optional<String> error,
    int users,
    int groups,
    List<Problem> problems,
    Optional<Instant> started,
    boolean isFull,
    int created,
    int updated,
    int removed) {
  /// 1: without what comes after the problems.
  private static final int FORMAT = 2;

  private static final int TEXT_CHARS_MAX = 200;

  static final SynchronizationStatus NEVER =
      new SynchronizationStatus(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          "",
          Optional.empty(),
          0,
          0,
          List.of(),
          Optional.empty(),
          false,
          0,
          0,
          0);

  SynchronizationStatus failed(Instant begin, Instant now, boolean full, String why) {
    return new SynchronizationStatus(
        Optional.of(now),
        succeeded,
        compared,
        mark,
        scope,
        Optional.of(why),
        users,
        groups,
        problems,
        Optional.of(begin),
        full,
        created,
        updated,
        removed);
  }

  static SynchronizationStatus read(byte[] value) {
    var in = new ValueReader(value, FORMAT);
    Optional<Instant> ended = in.optionalTime();
    Optional<Instant> succeeded = in.optionalTime();
    Optional<Instant> compared = in.optionalTime();
    Optional<String> mark = in.optionalText();
    String scope = in.text();
    Optional<String> error = in.optionalText();
    int users = (int) in.number();
    int groups = (int) in.number();
    List<Problem> problems = new ArrayList<>();
    for (long left = in.number(); left > 0; left--) {
      problems.add(new Problem(in.text(), in.text(), in.text()));
    }
    boolean isLater = in.format() > 1;
    return new SynchronizationStatus(
        ended,
        succeeded,
        compared,
        mark,
        scope,
        error,
        users,
        groups,
        List.copyOf(problems),
        isLater ? in.optionalTime() : Optional.empty(),
        isLater && in.flag(),
        isLater ? (int) in.number() : 0,
        isLater ? (int) in.number() : 0,
        isLater ? (int) in.number() : 0);
  }

  byte[] value() {
    var out =
        new ValueWriter(FORMAT)
            .optionalTime(ended)
            .optionalTime(succeeded)
            .optionalTime(compared)
            .optionalText(mark)
            .text(scope)
            .optionalText(error.map(SynchronizationStatus::cut))
            .number(users)
            .number(groups)
            .number(problems.size());
    for (Problem problem : problems) {
      out.text(cut(problem.externalId())).text(cut(problem.name())).text(cut(problem.text()));
    }
    return out.optionalTime(started)
        .flag(isFull)
        .number(created)
        .number(updated)
        .number(removed)
        .value();
  }

  private static String cut(String text) {
    return text.length() <= TEXT_CHARS_MAX ? text : text.substring(0, TEXT_CHARS_MAX);
  }
}
