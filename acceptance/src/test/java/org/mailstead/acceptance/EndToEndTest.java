package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole of the ground floor once through: an organization made by the AWS CLI, real and broken
/// messages by APPEND, thousands by SMTP, an ordinary day with two mail programs, kill -9, check,
/// mbsync, backup, wipe, restore, and everything compared again, byte for byte.
@Tag("acceptance")
final class EndToEndTest {
  private static final int USER_COUNT = 10;
  private static final int MESSAGE_COUNT = Integer.getInteger("mailstead.messages", 20_000);
  private static final String DOMAIN = "house.example";

  @TempDir Path folder;

  private final Map<String, String> settings = new HashMap<>(ServiceProcess.freePorts());

  /// By user, the digests of what was sent to it.
  private final Map<String, List<String>> sent = new ConcurrentHashMap<>();

  @Test
  @DisplayName(
      "ORG-2 USR-1 GRP-1 CLI-1 OPS-1 OPS-3: a day in the life of a service, through kill, backup and restore")
  void aDayInTheLifeOfAService() throws Exception {
    settings.put("MAILSTEAD_LOGIN_PLAIN_WITHOUT_TLS", "true");
    Path data = folder.resolve("data");
    List<Path> corpus = corpus();
    Map<String, String> before;
    try (ServiceProcess service = ServiceProcess.start(data, settings)) {
      organization(service);
      append(service, corpus);
      compareCorpus(service, corpus);
      sendAll(service);
      compareSent(service);
      ordinaryDay(service);
      service.kill();
    }
    checkIsClean(data);
    try (ServiceProcess service = ServiceProcess.start(data, settings)) {
      compareCorpus(service, corpus);
      compareSent(service);
      mbsync(service);
      before = fingerprints(service);
      mailstead("backup", "--data", data.toString(), "--to", folder.resolve("backup").toString());
    }
    Path key = Files.copy(data.resolve("keys/master.key"), folder.resolve("master.key"));
    deleteTree(data);
    mailstead(
        "restore",
        "--from",
        folder.resolve("backup").toString(),
        "--data",
        data.toString(),
        "--key",
        key.toString());
    checkIsClean(data);
    try (ServiceProcess service = ServiceProcess.start(data, settings)) {
      assertThat(fingerprints(service)).isEqualTo(before);
      compareCorpus(service, corpus);
    }
  }

  private void organization(ServiceProcess service) throws Exception {
    Aws aws = new Aws(service);
    String o =
        aws.workmail("create-organization", "--alias", "house").path("OrganizationId").asString("");
    aws.workmail("register-mail-domain", "--organization-id", o, "--domain-name", DOMAIN);
    List<String> users = new ArrayList<>();
    for (int i = 0; i < USER_COUNT; i++) {
      String name = "u" + i;
      String id =
          aws.workmail(
                  "create-user",
                  "--organization-id",
                  o,
                  "--name",
                  name,
                  "--display-name",
                  name,
                  "--password",
                  Users.PASSWORD)
              .path("UserId")
              .asString("");
      aws.workmail(
          "register-to-work-mail", "--organization-id", o, "--entity-id", id, "--email", user(i));
      users.add(id);
    }
    List<String> groups = new ArrayList<>();
    for (String name : List.of("all", "odd", "even")) {
      String id =
          aws.workmail("create-group", "--organization-id", o, "--name", name)
              .path("GroupId")
              .asString("");
      aws.workmail(
          "register-to-work-mail",
          "--organization-id",
          o,
          "--entity-id",
          id,
          "--email",
          name + "@" + DOMAIN);
      groups.add(id);
    }
    for (int i = 0; i < USER_COUNT; i++) {
      aws.workmail(
          "associate-member-to-group",
          "--organization-id",
          o,
          "--group-id",
          groups.get(i % 2 == 1 ? 1 : 2),
          "--member-id",
          users.get(i));
    }
    for (int i : new int[] {1, 2}) {
      aws.workmail(
          "associate-member-to-group",
          "--organization-id",
          o,
          "--group-id",
          groups.get(0),
          "--member-id",
          groups.get(i));
    }
  }

  /// Our own corpus, and the larger one where that folder is.
  private static List<Path> corpus() throws IOException {
    Path more =
        Path.of(
            System.getProperty(
                "mailstead.corpus", ServiceProcess.HOME.resolve("../shared/corpus").toString()));
    List<Path> files = new ArrayList<>();
    for (Path root :
        List.of(
            ServiceProcess.HOME.resolve("formats/src/test/resources/corpus"),
            more.resolve("eml"))) {
      if (!Files.isDirectory(root)) {
        System.out.println(
            "EndToEndTest: no corpus folder " + root.getFileName() + ", goes without");
        continue;
      }
      try (Stream<Path> walk = Files.walk(root)) {
        walk.filter(f -> f.toString().endsWith(".eml")).sorted().forEach(files::add);
      }
    }
    assertThat(files).hasSizeGreaterThan(30);
    return files;
  }

  /// What a plain APPEND cannot bring: NUL octets need a literal8 (RFC 3516), and an empty literal
  /// calls an APPEND off (RFC 3502 §3). The IMAP module's tests have both.
  private static boolean isLeftOut(byte[] message) {
    if (message.length == 0) return true;
    for (byte b : message) if (b == 0) return true;
    return false;
  }

  private void append(ServiceProcess service, List<Path> corpus) throws Exception {
    try (PlainImap imap = login(service, 0)) {
      imap.ok("CREATE corpus");
      for (Path file : corpus) {
        byte[] message = Files.readAllBytes(file);
        if (isLeftOut(message)) continue;
        assertThat(imap.append("corpus", "", message)).as(file.toString()).contains(" OK ");
      }
    }
  }

  private void compareCorpus(ServiceProcess service, List<Path> corpus) throws Exception {
    try (PlainImap imap = login(service, 0)) {
      imap.ok("EXAMINE corpus");
      List<PlainImap.Response> fetched = new ArrayList<>(imap.ok("FETCH 1:* (BODY.PEEK[])"));
      fetched.removeIf(r -> !r.line().contains(" FETCH "));
      int at = 0;
      for (Path file : corpus) {
        byte[] message = Files.readAllBytes(file);
        if (isLeftOut(message)) continue;
        PlainImap.Response response = fetched.get(at++);
        byte[] back = response.literals().isEmpty() ? new byte[0] : response.literals().getFirst();
        assertThat(back).as(file.toString()).isEqualTo(message);
      }
      assertThat(at).isEqualTo(fetched.size());
      imap.ok("FETCH 1:* (ENVELOPE BODYSTRUCTURE RFC822.SIZE)");
    }
  }

  private void sendAll(ServiceProcess service) throws Exception {
    Path messages = folder.resolve("messages");
    Tool.run(
            "python3",
            ServiceProcess.HOME.resolve("benchmarks/drivers/make_corpus.py").toString(),
            "--count",
            String.valueOf(MESSAGE_COUNT),
            "--seed",
            "20",
            "--scale",
            "0.1",
            "--eml",
            messages.toString())
        .succeeds();
    List<Path> files;
    try (Stream<Path> list = Files.list(messages)) {
      files = list.sorted().toList();
    }
    assertThat(files).hasSize(MESSAGE_COUNT);
    AtomicInteger next = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    long start = System.nanoTime();
    for (int t = 0; t < 6; t++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try (PlainSmtp smtp = new PlainSmtp(service.port("smtp"))) {
                  for (int i = next.getAndIncrement();
                      i < files.size();
                      i = next.getAndIncrement()) {
                    byte[] message = Files.readAllBytes(files.get(i));
                    List<String> to = recipients(i);
                    String reply = smtp.send("sender@example.org", to, message);
                    if (!reply.startsWith("250")) throw new IOException(reply);
                    String digest = digest(message, 0);
                    for (String user : receivers(i)) {
                      sent.computeIfAbsent(
                              user, _ -> java.util.Collections.synchronizedList(new ArrayList<>()))
                          .add(digest);
                    }
                  }
                } catch (IOException | RuntimeException e) {
                  failures.add(e);
                }
              }));
    }
    for (Thread thread : threads) thread.join();
    assertThat(failures).isEmpty();
    System.out.printf(
        "EndToEndTest: %d messages sent in %.1f s%n",
        files.size(), (System.nanoTime() - start) / 1e9);
    deleteTree(messages);
  }

  /// Most go to one user, some to two, a few to a group with groups in it.
  private static List<String> recipients(int i) {
    if (i % 1000 == 999) return List.of("all@" + DOMAIN);
    if (i % 50 == 49) return List.of(user(i % USER_COUNT), user((i + 3) % USER_COUNT));
    return List.of(user(i % USER_COUNT));
  }

  private static List<String> receivers(int i) {
    if (i % 1000 != 999) return recipients(i);
    List<String> all = new ArrayList<>();
    for (int u = 0; u < USER_COUNT; u++) all.add(user(u));
    return all;
  }

  private void compareSent(ServiceProcess service) throws Exception {
    for (int u = 0; u < USER_COUNT; u++) {
      int user = u;
      List<String> expected = sent.get(user(u)).stream().sorted().toList();
      Awaitility.await()
          .atMost(120, TimeUnit.SECONDS)
          .until(() -> inboxCount(service, user) >= expected.size());
      List<String> found = new ArrayList<>();
      try (PlainImap imap = login(service, u)) {
        imap.ok("EXAMINE INBOX");
        for (PlainImap.Response response : imap.ok("FETCH 1:* (BODY.PEEK[])")) {
          if (response.literals().isEmpty()) continue;
          byte[] message = response.literals().getFirst();
          found.add(digest(message, afterTrace(message)));
        }
      }
      assertThat(found.stream().sorted().toList()).as(user(u)).isEqualTo(expected);
    }
  }

  private int inboxCount(ServiceProcess service, int user) throws IOException {
    try (PlainImap imap = login(service, user)) {
      String status = imap.ok("STATUS INBOX (MESSAGES)").getFirst().line();
      return Integer.parseInt(status.replaceAll(".*MESSAGES (\\d+).*", "$1"));
    }
  }

  /// The octet after the Return-Path and Received fields that we put on top.
  private static int afterTrace(byte[] message) {
    String head =
        new String(message, 0, Math.min(message.length, 4000), StandardCharsets.ISO_8859_1);
    int at = 0;
    for (String field : List.of("Return-Path:", "Received:")) {
      assertThat(head.substring(at)).startsWith(field);
      do {
        at = head.indexOf("\r\n", at) + 2;
      } while (head.charAt(at) == ' ' || head.charAt(at) == '\t');
    }
    return at;
  }

  /// Two mail programs at once on one mailbox: read, flag, move, delete, search, wait for news.
  private void ordinaryDay(ServiceProcess service) throws Exception {
    try (PlainImap desk = login(service, 0);
        PlainImap phone = login(service, 0)) {
      for (String folder : List.of("day", "\"day/archive\"")) desk.ok("CREATE " + folder);
      for (int i = 0; i < 20; i++) {
        byte[] message =
            ("Subject: day " + i + "\r\n\r\nword" + i + " heliograph\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        desk.append("day", "", message);
      }
      desk.ok("SELECT day");
      phone.ok("SELECT day");
      desk.ok("FETCH 1 (BODY[])");
      assertThat(lines(phone.ok("NOOP")))
          .anyMatch(l -> l.contains("1 FETCH") && l.contains("\\Seen"));
      phone.ok("STORE 2:4 +FLAGS (\\Flagged)");
      assertThat(lines(desk.ok("NOOP"))).filteredOn(l -> l.contains("\\Flagged")).hasSize(3);
      phone.ok("MOVE 5:9 day/archive");
      assertThat(lines(desk.ok("NOOP"))).filteredOn(l -> l.endsWith("EXPUNGE")).hasSize(5);
      desk.ok("STORE 1:2 +FLAGS.SILENT (\\Deleted)");
      desk.ok("EXPUNGE");
      assertThat(lines(phone.ok("NOOP"))).filteredOn(l -> l.endsWith("EXPUNGE")).hasSize(2);
      assertThat(lines(phone.ok("SEARCH BODY \"liogra\" SUBJECT \"day 1\"")).getFirst().split(" "))
          .as("part of a word in the body, start of a number in the subject: 10 to 19")
          .hasSize(2 + 10);
      phone.ok("STATUS day/archive (MESSAGES UNSEEN)");
    }
  }

  private static List<String> lines(List<PlainImap.Response> responses) {
    return responses.stream().map(PlainImap.Response::line).toList();
  }

  private void mbsync(ServiceProcess service) throws Exception {
    assumeTrue(Tool.isInstalled("mbsync"), "mbsync is not installed");
    Path mail = Files.createDirectories(folder.resolve("mbsync"));
    Path rc =
        Files.writeString(
            folder.resolve("mbsyncrc"),
            """
            IMAPAccount there
            Host localhost
            Port %d
            User %s
            Pass %s
            SSLType IMAPS
            CertificateFile %s

            IMAPStore there
            Account there

            MaildirStore here
            Path %s/
            Inbox %s/INBOX
            SubFolders Verbatim

            Channel all
            Far :there:
            Near :here:
            Patterns INBOX
            Create Near
            Sync Pull
            SyncState *
            """
                .formatted(
                    service.port("imaps"),
                    user(1),
                    Users.PASSWORD,
                    service.text("caCertificate"),
                    mail,
                    mail));
    Tool.run("mbsync", "-q", "-c", rc.toString(), "-a").succeeds();
    List<String> found = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(mail)) {
      for (Path file :
          walk.filter(Files::isRegularFile)
              .filter(f -> f.getParent().endsWith("cur") || f.getParent().endsWith("new"))
              .toList()) {
        byte[] message = unixToWire(Files.readAllBytes(file));
        found.add(digest(message, afterTrace(message)));
      }
    }
    assertThat(found.stream().sorted().toList())
        .as("mbsync has them all")
        .isEqualTo(sent.get(user(1)).stream().sorted().toList());
    deleteTree(mail);
  }

  /// Undoes what mbsync does to a message: line ends, and a field of its own.
  private static byte[] unixToWire(byte[] message) {
    String text = new String(message, StandardCharsets.ISO_8859_1);
    text = text.replaceFirst("(?m)^X-TUID: .*\\n", "");
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length() + 1000);
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '\n' && (i == 0 || text.charAt(i - 1) != '\r')) out.write('\r');
      out.write(text.charAt(i));
    }
    return out.toByteArray();
  }

  /// What every folder of every user holds: flags, dates and digests, in order.
  private Map<String, String> fingerprints(ServiceProcess service) throws Exception {
    Map<String, String> all = new TreeMap<>();
    for (int u = 0; u < USER_COUNT; u++) {
      try (PlainImap imap = login(service, u)) {
        List<String> folders =
            lines(imap.ok("LIST \"\" \"*\"")).stream()
                .filter(l -> l.startsWith("* LIST"))
                .map(l -> l.replaceFirst("^\\* LIST \\([^)]*\\) \"/\" ", ""))
                .filter(l -> !l.contains("Other Users"))
                .toList();
        for (String name : folders) {
          imap.ok("EXAMINE " + name);
          MessageDigest digest = MessageDigest.getInstance("SHA-256");
          for (PlainImap.Response response :
              imap.ok("UID FETCH 1:* (FLAGS INTERNALDATE BODY.PEEK[])")) {
            if (response.literals().isEmpty()) continue;
            digest.update(response.line().getBytes(StandardCharsets.ISO_8859_1));
            digest.update(response.literals().getFirst());
          }
          all.put(user(u) + " " + name, HexFormat.of().formatHex(digest.digest()));
        }
      }
    }
    assertThat(all).hasSizeGreaterThan(USER_COUNT * 5);
    return all;
  }

  private PlainImap login(ServiceProcess service, int user) throws IOException {
    return new PlainImap(service.port("imap"), user(user), Users.PASSWORD);
  }

  private static String user(int i) {
    return "u" + i + "@" + DOMAIN;
  }

  private static String digest(byte[] message, int from) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(message, from, message.length - from);
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void checkIsClean(Path data) throws Exception {
    Tool tool = mailstead("check", "--data", data.toString());
    System.out.println("EndToEndTest: " + tool.output().strip());
  }

  private static Tool mailstead(String... words) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(ServiceProcess.HOME.resolve("mailstead").toString()));
    command.addAll(List.of(words));
    return Tool.run(ServiceProcess.freePorts(), "", command).succeeds();
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      for (Path path : walk.sorted(java.util.Comparator.reverseOrder()).toList())
        Files.delete(path);
    }
  }
}
