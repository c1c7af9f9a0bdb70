package org.mailstead.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.mailstead.base.Content;
import org.mailstead.base.EmailId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.keys.LocalKeyService;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.spam.MessageTokens;
import org.mailstead.core.spam.SpamModels;
import org.mailstead.store.rocksdb.RocksSettings;
import org.mailstead.store.rocksdb.RocksStore;

/// Precision and recall of the Bayes filter, on the embedded store, and what it costs: half of the
/// messages are learned in the order in which they come, the other half is asked about. A message
/// counts as spam if the Bayes filter alone gives it the five points that the built-in filter
/// wants. Started by `benchmarks/spam`.
public final class SpamMeasurement {
  private static final double POINTS = 5;
  private static final int GENERATED = 2_000;
  private static final int BATCH = 20;
  private static final OrganizationId ORGANIZATION = new OrganizationId("m-" + "0".repeat(32));

  private record Sample(byte[] message, boolean isSpam) {}

  private SpamMeasurement() {}

  /// @param args none, or a folder of spam and one of other mail
  public static void main(String[] args) throws IOException {
    boolean generated = args.length == 0;
    if (!generated && args.length != 2) {
      throw new IllegalArgumentException("two folders: of spam, of other mail");
    }
    List<Sample> samples =
        generated ? new Generator(20).samples(GENERATED) : read(Path.of(args[0]), Path.of(args[1]));
    Collections.shuffle(samples, new Random(1));
    Path folder = Files.createTempDirectory("spam-measurement");
    var random = new SecureRandom();
    try (RocksStore store =
        RocksStore.open(
            new RocksSettings(
                folder.resolve("store"),
                RocksSettings.CACHE_BYTES_MIN,
                RocksSettings.SEGMENT_BYTES_USUAL),
            InstantSource.system(),
            random)) {
      var service = LocalKeyService.open(folder.resolve("master.key"), store, random);
      var keys = new OrganizationKeys(store, service, random);
      try (var models = new SpamModels(store, keys, InstantSource.system(), random)) {
        System.out.println(
            generated ? "generated mail, seed 20" : "mail of " + args[0] + " and " + args[1]);
        measure(models, samples);
      }
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
      }
    }
  }

  private static void measure(SpamModels models, List<Sample> samples) {
    int half = samples.size() / 2;
    int learned = 0;
    for (int until : new int[] {100, 500, 1_000, 2_000, half}) {
      if (until > half || until <= learned) continue;
      long start = System.nanoTime();
      learn(models, samples.subList(learned, until), learned);
      long learning = (System.nanoTime() - start) / (until - learned) / 1_000;
      learned = until;
      ask(models, samples.subList(half, samples.size()), learned, learning);
    }
  }

  private static void learn(SpamModels models, List<Sample> samples, int first) {
    for (int at = 0; at < samples.size(); at += BATCH) {
      List<SpamModels.Lesson> lessons = new ArrayList<>();
      for (int i = at; i < Math.min(at + BATCH, samples.size()); i++) {
        Sample sample = samples.get(i);
        lessons.add(
            new SpamModels.Lesson(new EmailId(first + i + 1), tokens(sample), sample.isSpam));
      }
      models.learn(ORGANIZATION, new MailboxId("measured"), lessons);
    }
  }

  private static MessageTokens tokens(Sample sample) {
    try (Content content = Content.of(sample.message)) {
      return MessageTokens.of(content);
    }
  }

  private static void ask(SpamModels models, List<Sample> samples, int learned, long learning) {
    int found = 0;
    int missed = 0;
    int wrong = 0;
    int good = 0;
    long start = System.nanoTime();
    for (Sample sample : samples) {
      boolean spam =
          models
              .score(ORGANIZATION, Optional.empty(), tokens(sample))
              .filter(score -> score.points() >= POINTS)
              .isPresent();
      if (sample.isSpam && spam) found++;
      else if (sample.isSpam) missed++;
      else if (spam) wrong++;
      else good++;
    }
    long asking = (System.nanoTime() - start) / samples.size() / 1_000;
    System.out.printf(
        "learned %5d: precision %.4f, recall %.4f, good mail taken for spam %d of %d;"
            + " %d us to ask, %d us to learn a message%n",
        learned,
        found + wrong == 0 ? 1.0 : found / (double) (found + wrong),
        found / (double) Math.max(1, found + missed),
        wrong,
        wrong + good,
        asking,
        learning);
  }

  private static List<Sample> read(Path spam, Path good) throws IOException {
    List<Sample> samples = new ArrayList<>();
    for (Path folder : List.of(spam, good)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
          samples.add(new Sample(Files.readAllBytes(file), folder.equals(spam)));
        }
      }
    }
    return samples;
  }

  /// Mail of two sorts: each message is of one of a few subjects of its sort, half of its words are
  /// of the language, the others of the subject. One good message in ten is a newsletter that talks
  /// like a seller; one piece of spam in ten hides behind words of good mail.
  private static final class Generator {
    private static final int LANGUAGE = 8_000;
    private static final int SUBJECT_WORDS = 500;
    private static final int SUBJECTS = 12;

    private final Random random;

    Generator(long seed) {
      this.random = new Random(seed);
    }

    List<Sample> samples(int ofEach) {
      List<Sample> all = new ArrayList<>();
      for (int i = 0; i < ofEach; i++) {
        all.add(new Sample(message(true), true));
        all.add(new Sample(message(false), false));
      }
      return all;
    }

    private byte[] message(boolean isSpam) {
      int subject = random.nextInt(SUBJECTS);
      int other = random.nextInt(SUBJECTS);
      boolean mixed = random.nextInt(10) == 0;
      var body = new StringBuilder();
      int words = 30 + (int) (300 * Math.pow(random.nextDouble(), 2));
      for (int i = 0; i < words; i++) {
        boolean ofLanguage = random.nextBoolean();
        boolean ofOther = mixed && random.nextInt(2) == 0;
        String word =
            ofLanguage
                ? "l" + zipf(LANGUAGE)
                : (isSpam == ofOther ? "g" : "s")
                    + (ofOther ? other : subject)
                    + "x"
                    + zipf(SUBJECT_WORDS);
        body.append("w").append(word).append(i % 12 == 11 ? "\r\n" : " ");
      }
      String domain = isSpam ? "d" + random.nextInt(2_000) : "p" + random.nextInt(60);
      return ("From: u"
              + random.nextInt(30)
              + "@"
              + domain
              + ".example\r\nSubject: wl"
              + zipf(LANGUAGE)
              + " w"
              + (isSpam ? "s" : "g")
              + subject
              + "x"
              + zipf(SUBJECT_WORDS)
              + "\r\n\r\n"
              + body
              + "\r\n")
          .getBytes(StandardCharsets.US_ASCII);
    }

    private int zipf(int count) {
      return (int) (count * Math.pow(random.nextDouble(), 3));
    }
  }
}
