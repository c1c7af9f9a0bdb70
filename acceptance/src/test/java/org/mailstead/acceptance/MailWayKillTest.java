package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// kill -9 between the steps of a message's way: reception, Run Lambda rule, queue, delivery here
/// and elsewhere, report. The points are those that others see: the client, the function, the other
/// server; what lies between two of them, at every call of the store, is tested in mailflow
/// (`CrashTest`, `HookCrashTest`, `RuleCrashTest`).
///
/// Each point once; `-Dmailstead.kills=100` makes a hundred kills, each a random time of up to 30
/// ms after its point. The seed is printed and can be given again with `-Dmailstead.seed`.
@Tag("acceptance")
final class MailWayKillTest {
  private static final String ARN = "arn:aws:lambda:eu-west-1:123456789012:function:check";

  /// Where the service is killed.
  private enum Point {
    SENT,
    ACCEPTED,
    CALLED,
    ANSWERED,
    MAIL,
    REFUSED,
    DATA,
    CONTENT,
    TAKEN
  }

  /// One kill and what came of it.
  private record Kill(Point point, String subject, boolean acknowledged) {}

  @TempDir Path folder;

  private final AtomicReference<Point> armed = new AtomicReference<>();
  private volatile ServiceProcess service;
  private volatile long delayNanos;

  @Test
  @DisplayName("FLW-8 FLW-6: a kill anywhere on a message's way loses nothing and doubles nothing")
  void aKillAnywhereOnTheWay() throws Exception {
    long seed = Long.getLong("mailstead.seed", System.nanoTime());
    int kills = Integer.getInteger("mailstead.kills", Point.values().length);
    System.out.println("MailWayKillTest: seed " + seed + ", " + kills + " kills");
    Random random = new Random(seed);
    HttpServer function = function();
    Path data = folder.resolve("data");
    try (CountingPeer peer = new CountingPeer()) {
      peer.watch(point -> reached(Point.valueOf(point.name())));
      Map<String, String> settings = settings(peer, function);
      List<String> users;
      List<Kill> done = new ArrayList<>();
      service = ServiceProcess.start(data, settings);
      try {
        users = Users.create(service, 2);
        rule();
        for (int i = 0; i < kills; i++) {
          Point point = Point.values()[i % Point.values().length];
          delayNanos =
              kills > Point.values().length
                  ? random.nextLong(TimeUnit.MILLISECONDS.toNanos(30))
                  : 0;
          done.add(kill(point, "kill-" + i + "-" + point, users));
          System.out.println("MailWayKillTest: " + done.getLast());
          service.close();
          service = ServiceProcess.start(data, settings);
        }
        verify(peer, done, users);
      } finally {
        service.close();
      }
      Tool.run(
              ServiceProcess.HOME.resolve("mailstead").toString(),
              "check",
              "--data",
              data.toString())
          .succeeds();
    } finally {
      function.stop(0);
    }
  }

  private static Map<String, String> settings(CountingPeer peer, HttpServer function) {
    Map<String, String> settings = new HashMap<>(ServiceProcess.freePorts());
    settings.put("MAILSTEAD_LOGIN_PLAIN_WITHOUT_TLS", "true");
    settings.put("MAILSTEAD_OUTBOUND_SMARTHOST", "127.0.0.1:" + peer.port());
    settings.put("MAILSTEAD_OUTBOUND_SMARTHOST_TLS", "none");
    settings.put(
        "MAILSTEAD_LAMBDA_FUNCTIONS",
        ARN + " http://127.0.0.1:" + function.getAddress().getPort() + "/check");
    return settings;
  }

  private void rule() throws Exception {
    Users.workmail(
        service,
        "create-outbound-mail-flow-rule",
        "--name",
        "check",
        "--action",
        "RUN_LAMBDA",
        "--sender-patterns",
        "[\"*\"]",
        "--recipient-patterns",
        "[\"*\"]",
        "--lambda",
        "{\"FunctionArn\":\""
            + ARN
            + "\",\"Synchronous\":true,\"TimeoutMinutes\":30,\"FallbackAction\":\"BOUNCE\"}");
  }

  private HttpServer function() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            reached(Point.CALLED);
            byte[] answer =
                "{\"actions\":[{\"allRecipients\":true,\"action\":{\"type\":\"DEFAULT\"}}]}"
                    .getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
          }
          reached(Point.ANSWERED);
        });
    server.start();
    return server;
  }

  /// Kills the service if it is to die here; then nothing of it runs any more when this returns.
  private void reached(Point point) {
    if (!armed.compareAndSet(point, null)) return;
    if (delayNanos > 0) LockSupport.parkNanos(delayNanos); // a random time: nothing to await
    try {
      service.kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Kill kill(Point point, String subject, List<String> users) throws Exception {
    armed.set(point);
    boolean acknowledged = false;
    try (PlainSmtp smtp =
        PlainSmtp.encrypted(service.port("submissions"), Path.of(service.text("caCertificate")))) {
      smtp.login(users.getFirst(), Users.PASSWORD);
      String message =
          "From: "
              + users.getFirst()
              + "\r\nTo: all@example.org\r\nSubject: "
              + subject
              + "\r\nDate: Fri, 1 Jan 2027 00:00:00 +0000\r\nMessage-ID: <"
              + subject
              + "@example.org>\r\n\r\nHello.\r\n";
      String reply =
          smtp.send(
              users.getFirst(),
              List.of(users.getLast(), "good@far.example", "bad@far.example"),
              message.getBytes(StandardCharsets.US_ASCII),
              () -> reached(Point.SENT));
      assertThat(reply).startsWith("250");
      acknowledged = true;
      reached(Point.ACCEPTED);
    } catch (IOException e) {
      // Killed before the answer: whether it was taken is not known.
      if (armed.get() != null) throw e;
    }
    Awaitility.await(point.name()).atMost(60, TimeUnit.SECONDS).until(() -> !service.isAlive());
    return new Kill(point, subject, acknowledged);
  }

  private void verify(CountingPeer peer, List<Kill> kills, List<String> users) {
    Awaitility.await()
        .atMost(120, TimeUnit.SECONDS)
        .untilAsserted(() -> {
          String inbox = subjects(users.getLast());
          String reports = subjects(users.getFirst());
          for (Kill kill : kills) {
            if (!kill.acknowledged()) continue;
            assertThat(peer.taken(kill.subject())).as(kill.subject()).isPositive();
            assertThat(inbox).contains(kill.subject());
            assertThat(reports).contains(kill.subject());
          }
          assertThat(
                  Tool.run(
                          ServiceProcess.HOME.resolve("mailstead").toString(),
                          "queue",
                          "list",
                          "--data",
                          service.data.toString())
                      .output())
              .contains("empty");
        });
    String inbox;
    String reports;
    try {
      inbox = subjects(users.getLast());
      reports = subjects(users.getFirst());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    for (Kill kill : kills) {
      int here = count(inbox, kill.subject());
      // An answer that the service did not live to read is none: it sends again.
      boolean unseen =
          kill.point() == Point.CONTENT || kill.point() == Point.TAKEN || kills.size() > 9;
      assertThat(here).as("in the mailbox: " + kill).isLessThanOrEqualTo(1);
      assertThat(count(reports, kill.subject())).as("reports: " + kill).isEqualTo(here);
      assertThat(peer.taken(kill.subject()))
          .as("at the other server: " + kill)
          .isBetween(here, unseen ? here * 2 : here);
      if (kill.acknowledged()) assertThat(here).as("acknowledged: " + kill).isEqualTo(1);
    }
    assertThat(kills.stream().filter(Kill::acknowledged).count())
        .isGreaterThanOrEqualTo(kills.size() / 2);
  }

  private static int count(String text, String subject) {
    return (text + "\n").split("Subject: " + subject + "\r", -1).length - 1;
  }

  /// The Subject of every message in a user's INBOX, and of those that reports return.
  private String subjects(String user) throws IOException {
    StringBuilder all = new StringBuilder();
    try (PlainImap imap = new PlainImap(service.port("imap"), user, Users.PASSWORD)) {
      imap.ok("EXAMINE INBOX");
      for (PlainImap.Response response : imap.ok("UID FETCH 1:* (BODY.PEEK[])")) {
        for (byte[] literal : response.literals()) {
          all.append(new String(literal, StandardCharsets.ISO_8859_1));
        }
      }
    }
    return all.toString();
  }
}
