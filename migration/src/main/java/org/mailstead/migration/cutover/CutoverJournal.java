package org.mailstead.migration.cutover;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// What the checks remember from one to the next, in the work folder: lives of MX records as they
/// were seen, when each domain was first seen to be switched, test mail that was sent and not
/// found.
final class CutoverJournal {
  private static final String NAME = "cutover.json";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// More than that is the trace of a target that takes mail and loses it: the oldest are
  /// forgotten.
  static final int OUTSTANDING_MAX = 10_000;

  /// @param seconds the longest life that may still be in somebody's cache
  record Life(long seconds, String at) {}

  /// Test mail that may still come.
  ///
  /// @param mailbox the target's name of the mailbox that should get it
  record Outstanding(String token, String address, String mailbox) {}

  private record Content(
      Map<String, Life> lives, Map<String, String> switched, List<Outstanding> outstanding) {}

  private final Path work;
  private final Map<String, Life> lives;
  private final Map<String, String> switched;
  private final List<Outstanding> outstanding;

  private CutoverJournal(Path work, Content content) {
    this.work = work;
    this.lives = new LinkedHashMap<>(orEmpty(content.lives));
    this.switched = new LinkedHashMap<>(orEmpty(content.switched));
    this.outstanding = new ArrayList<>(orEmpty(content.outstanding));
  }

  private static <V> Map<String, V> orEmpty(@Nullable Map<String, V> map) {
    return map == null ? Map.of() : map;
  }

  private static <V> List<V> orEmpty(@Nullable List<V> list) {
    return list == null ? List.of() : list;
  }

  static CutoverJournal open(Path work) throws IOException {
    Path file = work.resolve(NAME);
    if (!Files.exists(file)) {
      return new CutoverJournal(work, new Content(Map.of(), Map.of(), List.of()));
    }
    try {
      return new CutoverJournal(work, JSON.readValue(Files.readString(file), Content.class));
    } catch (JacksonException e) {
      throw new IOException(file + " cannot be read: " + e.getOriginalMessage(), e);
    }
  }

  /// Keeps how long an MX record lives.
  ///
  /// @return until when somebody may still use an older record of a longer life; empty if nobody
  Optional<Instant> sawLife(String domain, long seconds, Instant now) {
    Life known = lives.get(domain);
    if (known == null || known.seconds <= seconds || !end(known).isAfter(now)) {
      lives.put(domain, new Life(seconds, now.toString()));
      return Optional.empty();
    }
    return Optional.of(end(known));
  }

  private static Instant end(Life life) {
    return Instant.parse(life.at).plusSeconds(life.seconds);
  }

  /// The domain's mail goes to the target now: since when, as far as was seen.
  Instant sawSwitched(String domain, Instant now) {
    return Instant.parse(switched.computeIfAbsent(domain, _ -> now.toString()));
  }

  void sawNotSwitched(String domain) {
    switched.remove(domain);
  }

  void sending(Outstanding mail) {
    outstanding.add(mail);
    while (outstanding.size() > OUTSTANDING_MAX) outstanding.removeFirst();
  }

  void found(String token, String mailbox) {
    outstanding.removeIf(each -> each.token.equals(token) && each.mailbox.equals(mailbox));
  }

  void refused(String token) {
    outstanding.removeIf(each -> each.token.equals(token));
  }

  List<Outstanding> outstanding() {
    return List.copyOf(outstanding);
  }

  void write() throws IOException {
    Files.createDirectories(work);
    Path fresh = work.resolve(NAME + ".part");
    Files.writeString(
        fresh,
        JSON.writerWithDefaultPrettyPrinter()
            .writeValueAsString(new Content(lives, switched, outstanding)));
    Files.move(fresh, work.resolve(NAME), StandardCopyOption.REPLACE_EXISTING);
  }
}
