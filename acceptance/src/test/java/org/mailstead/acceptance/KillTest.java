package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// kill -9 at random points under load: nothing acknowledged is lost, nothing appears twice, the
/// check passes. 20 rounds; 200 with --long. The seed is printed and can be given again with
/// -Dmailstead.seed.
///
/// Every tenth round ends with all mail expunged, so that the rounds do not grow, and from then on
/// none of it may come back.
@Tag("acceptance")
final class KillTest {
  private static final int USER_COUNT = 4;
  private static final Pattern SUBJECT = Pattern.compile("(?i)subject: (\\S+)");

  @TempDir Path folder;

  /// What the clients know: by user, the messages that were acknowledged, and those among them
  /// whose flag was.
  private final Map<String, Set<String>> acknowledged = new ConcurrentHashMap<>();

  private final Map<String, Set<String>> flagged = new ConcurrentHashMap<>();

  /// By user, the messages whose EXPUNGE was acknowledged.
  private final Map<String, Set<String>> expunged = new ConcurrentHashMap<>();

  private final AtomicInteger next = new AtomicInteger();

  @Test
  @DisplayName("nothing acknowledged is lost or doubled by kill -9 under load")
  void nothingAcknowledgedIsLostOrDoubled() throws Exception {
    long seed = Long.getLong("mailstead.seed", System.nanoTime());
    int rounds =
        Integer.getInteger("mailstead.rounds", Boolean.getBoolean("mailstead.long") ? 200 : 20);
    System.out.println("KillTest: seed " + seed + ", " + rounds + " rounds");
    Random random = new Random(seed);
    Path data = folder.resolve("data");
    Map<String, String> settings = new HashMap<>(ServiceProcess.freePorts());
    settings.put("MAILSTEAD_LOGIN_PLAIN_WITHOUT_TLS", "true");
    List<String> users;
    try (ServiceProcess service = ServiceProcess.start(data, settings)) {
      users = Users.create(service, USER_COUNT);
    }
    for (int round = 0; round < rounds; round++) {
      try (ServiceProcess service = ServiceProcess.start(data, settings)) {
        List<Thread> load = startLoad(service, users, random.nextLong());
        // The kill is at a random time; until then the service must bear the load.
        assertThat(service.endsWithin(Duration.ofMillis(200 + random.nextInt(1300)))).isFalse();
        service.kill();
        for (Thread thread : load) thread.join();
      }
      try (ServiceProcess service = ServiceProcess.start(data, settings)) {
        for (String user : users) verify(service, user, "seed " + seed + ", round " + round);
        if (round % 10 == 9) for (String user : users) expunge(service, user);
      }
      if (round % 5 == 4 || round == rounds - 1) check(data, seed);
    }
    int kept = acknowledged.values().stream().mapToInt(Set::size).sum();
    int gone = expunged.values().stream().mapToInt(Set::size).sum();
    int total = kept + gone;
    System.out.println(
        "KillTest: " + total + " acknowledged messages were all there, once each, until expunged");
    assertThat(total).isGreaterThan(rounds * 10);
  }

  private static void check(Path data, long seed) throws Exception {
    Tool tool =
        Tool.run(
            ServiceProcess.HOME.resolve("mailstead").toString(),
            "check",
            "--data",
            data.toString());
    assertThat(tool.exitCode()).as("seed " + seed + ": " + tool.output()).isZero();
  }

  private List<Thread> startLoad(ServiceProcess service, List<String> users, long seed) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Random random = new Random(seed + i);
      threads.add(Thread.ofPlatform().start(() -> untilKilled(() -> send(service, users, random))));
      String user = users.get(i % users.size());
      threads.add(
          Thread.ofPlatform().start(() -> untilKilled(() -> appendAndFlag(service, user, random))));
    }
    return threads;
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void untilKilled(Work work) {
    try {
      work.run();
    } catch (IOException e) {
      // The service was killed: whatever was not answered is unknown.
    }
  }

  private void send(ServiceProcess service, List<String> users, Random random) throws IOException {
    try (PlainSmtp smtp = new PlainSmtp(service.port("smtp"))) {
      while (true) {
        String id = "s" + next.incrementAndGet();
        int first = random.nextInt(users.size());
        List<String> recipients =
            random.nextInt(3) == 0
                ? List.of(users.get(first), users.get((first + 1) % users.size()))
                : List.of(users.get(first));
        if (smtp.send("sender@example.org", recipients, message(id, random)).startsWith("250")) {
          recipients.forEach(r -> acknowledged(r).add(id));
        }
      }
    }
  }

  private void appendAndFlag(ServiceProcess service, String user, Random random)
      throws IOException {
    try (PlainImap imap = new PlainImap(service.port("imap"), user, Users.PASSWORD)) {
      imap.ok("SELECT INBOX");
      while (true) {
        String id = "a" + next.incrementAndGet();
        String tagged = imap.append("INBOX", "\\Seen", message(id, random));
        if (!tagged.contains(" OK ")) throw new IOException(tagged);
        acknowledged(user).add(id);
        if (random.nextInt(4) == 0) {
          Matcher uid = Pattern.compile("APPENDUID \\d+ (\\d+)").matcher(tagged);
          if (!uid.find()) throw new IllegalStateException("no APPENDUID: " + tagged);
          imap.ok("UID STORE " + uid.group(1) + " +FLAGS.SILENT (\\Flagged)");
          flagged.computeIfAbsent(user, _ -> ConcurrentHashMap.newKeySet()).add(id);
        }
      }
    }
  }

  /// After [#verify], so that nothing is on its way any more that was acknowledged.
  private void expunge(ServiceProcess service, String user) throws IOException {
    Set<String> there = subjects(service, user).keySet();
    try (PlainImap imap = new PlainImap(service.port("imap"), user, Users.PASSWORD)) {
      imap.ok("SELECT INBOX");
      imap.ok("STORE 1:* +FLAGS.SILENT (\\Deleted)");
      imap.ok("EXPUNGE");
    }
    expunged.computeIfAbsent(user, _ -> ConcurrentHashMap.newKeySet()).addAll(there);
    acknowledged(user).clear();
    flagged.remove(user);
  }

  private Set<String> acknowledged(String user) {
    return acknowledged.computeIfAbsent(user, _ -> ConcurrentHashMap.newKeySet());
  }

  /// Mostly small, sometimes large enough to lie in a blob of its own.
  private static byte[] message(String id, Random random) {
    int size = random.nextInt(30) == 0 ? 200_000 : 500 + random.nextInt(8000);
    StringBuilder text = new StringBuilder(size + 200);
    text.append("From: sender@example.org\r\nSubject: ").append(id).append("\r\n\r\n");
    while (text.length() < size) text.append(random.nextLong()).append(" words of a body\r\n");
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private void verify(ServiceProcess service, String user, String where) throws Exception {
    // A message to two users is delivered after its acknowledgement: the queue goes on after the
    // restart.
    Awaitility.await(where)
        .atMost(60, TimeUnit.SECONDS)
        .untilAsserted(
            () -> assertThat(subjects(service, user).keySet()).containsAll(acknowledged(user)));
    Map<String, List<String>> found = subjects(service, user);
    assertThat(expunged.getOrDefault(user, Set.of()))
        .as(where + ": nothing that was expunged comes back")
        .noneMatch(found::containsKey);
    found.forEach((id, flags) -> assertThat(flags).as(where + ": " + id + " once").hasSize(1));
    for (String id : flagged.getOrDefault(user, Set.of())) {
      assertThat(found.get(id).getFirst()).as(where + ": flag of " + id).contains("\\Flagged");
    }
  }

  /// By subject, the flags of each message that has it.
  private static Map<String, List<String>> subjects(ServiceProcess service, String user)
      throws IOException {
    Map<String, List<String>> found = new HashMap<>();
    try (PlainImap imap = new PlainImap(service.port("imap"), user, Users.PASSWORD)) {
      imap.ok("EXAMINE INBOX");
      for (PlainImap.Response response :
          imap.ok("UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")) {
        if (response.literals().isEmpty()) continue;
        Matcher subject =
            SUBJECT.matcher(new String(response.literals().getFirst(), StandardCharsets.US_ASCII));
        if (subject.find()) {
          found.computeIfAbsent(subject.group(1), _ -> new ArrayList<>()).add(response.line());
        }
      }
    }
    return found;
  }
}
