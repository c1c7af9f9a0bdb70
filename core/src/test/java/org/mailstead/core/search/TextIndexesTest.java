package org.mailstead.core.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.MailboxId;
import org.mailstead.core.keys.SealingKey;

final class TextIndexesTest {
  @TempDir Path folder;

  private final Texts texts = new Texts();

  /// A mailbox that is nothing but texts.
  private static final class Texts implements IndexedMailbox {
    final TreeMap<Long, String> byEmail = new TreeMap<>();
    final SealingKey key = SealingKey.of(new byte[SealingKey.KEY_BYTES]);
    boolean complete = true;

    void add(String text) {
      byEmail.put(lastEmail() + 1, text);
    }

    @Override
    public MailboxId id() {
      return new MailboxId("m1");
    }

    @Override
    public SealingKey searchKey() {
      return key;
    }

    @Override
    public long emailCount() {
      return byEmail.size();
    }

    @Override
    public long lastEmail() {
      return byEmail.isEmpty() ? 0 : byEmail.lastKey();
    }

    @Override
    public long[] emailsAfter(long email, int countMax) {
      return byEmail.tailMap(email, false).keySet().stream()
          .mapToLong(Long::longValue)
          .limit(countMax)
          .toArray();
    }

    @Override
    public Optional<IndexedText> text(long email) {
      return Optional.ofNullable(byEmail.get(email)).map(t -> new IndexedText(t, complete));
    }
  }

  @Test
  void everyMessageThatContainsTheTextIsACandidate() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String alphabet = "abcdefgh  .-@東京ăя1234";
    for (int i = 0; i < 600; i++) texts.add(randomText(random, alphabet, random.nextInt(400)));
    texts.add("x".repeat(500) + "needle" + "y".repeat(500));
    try (TextIndexes indexes = new TextIndexes(folder, InstantSource.system())) {
      List<String> wanted = new ArrayList<>(List.of("xneedley", "x".repeat(100), "京", "a", "1-2"));
      for (int i = 0; i < 300; i++) {
        String text = Objects.requireNonNull(texts.byEmail.get(1L + random.nextInt(600)));
        if (text.length() < 3) continue;
        int start = random.nextInt(text.length() - 2);
        wanted.add(text.substring(start, Math.min(text.length(), start + 1 + random.nextInt(20))));
      }
      int narrowed = 0;
      int sure = 0;
      for (String want : wanted) {
        Optional<TextIndexes.Answer> answer = indexes.candidates(texts, List.of(want));
        if (answer.isEmpty()) {
          assertThat(want.chars().noneMatch(Character::isLetterOrDigit))
              .as("seed " + seed)
              .isTrue();
          continue;
        }
        List<Long> candidates = emails(answer.get());
        for (long email : answer.get().sure()) {
          assertThat(texts.byEmail.get(email)).as("seed " + seed + ", sure").contains(want);
          sure++;
        }
        texts.byEmail.forEach((email, text) -> {
          if (text.contains(want) && email <= answer.get().reached()) {
            assertThat(candidates).as("seed " + seed + ", " + want).contains(email);
          }
        });
        if (candidates.size() < 300) narrowed++;
      }
      assertThat(narrowed).as("the index narrows most searches").isGreaterThan(100);
      assertThat(sure).as("a part of a word needs no reading").isGreaterThan(100);
    }
  }

  @Test
  void anIndexGoesOnWhereItEndedAndWhatCameLaterIsNotMissed() {
    IntStream.range(0, 300).forEach(i -> texts.add("message number" + i));
    try (TextIndexes indexes = new TextIndexes(folder, InstantSource.system())) {
      assertThat(emails(indexes.candidates(texts, List.of("number7")).orElseThrow()))
          .contains(8L, 71L)
          .hasSize(11);
    }
    IntStream.range(300, 320).forEach(i -> texts.add("message number" + i));
    try (TextIndexes indexes = new TextIndexes(folder, InstantSource.system())) {
      TextIndexes.Answer answer = indexes.candidates(texts, List.of("number31")).orElseThrow();
      assertThat(answer.reached()).as("twenty more are left to the caller").isEqualTo(300);
      assertThat(emails(answer)).containsExactly(32L);
    }
  }

  @Test
  void aMessageThatIsNotWhollyIndexedIsAlwaysACandidate() {
    IntStream.range(0, 200).forEach(i -> texts.add("alpha"));
    texts.complete = false;
    try (TextIndexes indexes = new TextIndexes(folder, InstantSource.system())) {
      assertThat(indexes.candidates(texts, List.of("omega")).orElseThrow().reached()).isZero();
      IntStream.range(0, 200).forEach(i -> texts.add("beta"));
      TextIndexes.Answer answer = indexes.candidates(texts, List.of("alpha")).orElseThrow();
      assertThat(answer.possible()).hasSize(400);
      assertThat(answer.sure()).isEmpty();
    }
  }

  @Test
  void theFilesShowNothingOfTheText() throws Exception {
    IntStream.range(0, 300).forEach(i -> texts.add("plantedword" + i));
    try (TextIndexes indexes = new TextIndexes(folder, InstantSource.system())) {
      assertThat(emails(indexes.candidates(texts, List.of("plantedword12")).orElseThrow()))
          .hasSize(11);
    }
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        assertThat(bytes).as(file.toString()).doesNotContain("planted");
      }
    }
  }

  @Test
  void aDamagedIndexIsBuiltAgain() throws Exception {
    IntStream.range(0, 300).forEach(i -> texts.add("word" + i));
    try (TextIndexes indexes = new TextIndexes(folder, InstantSource.system())) {
      assertThat(emails(indexes.candidates(texts, List.of("word299")).orElseThrow())).hasSize(1);
    }
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
      }
    }
    try (TextIndexes indexes = new TextIndexes(folder, InstantSource.system())) {
      Optional<TextIndexes.Answer> first = indexes.candidates(texts, List.of("word299"));
      Optional<TextIndexes.Answer> answer =
          first.isPresent() ? first : indexes.candidates(texts, List.of("word299"));
      assertThat(emails(answer.orElseThrow())).containsExactly(300L);
    }
  }

  private static List<Long> emails(TextIndexes.Answer answer) {
    return LongStream.concat(
            java.util.Arrays.stream(answer.possible()), java.util.Arrays.stream(answer.sure()))
        .boxed()
        .toList();
  }

  private static String randomText(Random random, String alphabet, int length) {
    StringBuilder text = new StringBuilder();
    while (text.length() < length) text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    return text.toString();
  }
}
