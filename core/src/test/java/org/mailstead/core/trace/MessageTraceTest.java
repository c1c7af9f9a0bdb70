package org.mailstead.core.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.flow.AddressPattern;
import org.mailstead.core.flow.FlowRule;
import org.mailstead.core.flow.InboundAction;
import org.mailstead.core.flow.OutboundAction;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.trace.TraceEvent.Kind;
import org.mailstead.store.Range;

@DisplayName("FLW-8: message traces")
final class MessageTraceTest {
  private final CoreFixture core = new CoreFixture();
  private final SecureRandom random = new SecureRandom();
  private MessageTrace trace = open(3);

  private MessageTrace open(int keepDays) {
    return new MessageTrace(
        core.store(), core.keys(), new TraceSettings(keepDays, 10_000), core.clock(), random);
  }

  @AfterEach
  void close() {
    trace.close();
    core.close();
  }

  private String arrived(String from, String to, String outside) {
    QueueId id = QueueId.random(random);
    trace.add(
        new TraceEntry.Arrived(
            core.organization(),
            new TraceSummary(
                id.toString(),
                core.clock().instant(),
                Optional.empty(),
                "192.0.2.7",
                Optional.of(from),
                List.of(),
                List.of(from),
                Optional.of("Planted-Word"),
                Optional.of("<" + id + "@x.example>"),
                to.isEmpty() ? List.of() : List.of(to),
                outside.isEmpty() ? List.of() : List.of(outside),
                1)));
    core.clock().advance(Duration.ofMillis(1));
    return id.toString();
  }

  private void happened(String id, TraceEvent event) {
    trace.add(new TraceEntry.Happened(core.organization(), id, event));
  }

  private void flush() {
    assertThat(trace.flush(Duration.ofSeconds(20))).isTrue();
  }

  private List<String> ids(TraceQuery query) {
    return trace.find(core.organization(), query, Optional.empty(), 100).messages().stream()
        .map(TraceSummary::id)
        .toList();
  }

  private static TraceQuery query(String message, String sender, String recipient) {
    return new TraceQuery(
        Optional.of(message).filter(text -> !text.isEmpty()),
        Optional.of(sender).filter(text -> !text.isEmpty()),
        Optional.of(recipient).filter(text -> !text.isEmpty()),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void messagesAreFoundByIdSenderRecipientAndTimeOverARestart() {
    String first = arrived("a@one.example", "anna@example.test", "");
    Instant between = core.clock().instant();
    String second = arrived("b@sub.one.example", "", "c@far.example");
    happened(
        second,
        TraceEvent.of(core.clock().instant(), Kind.SENT, List.of("c@far.example"))
            .withDetail("250 2.0.0 Ok\r\nqueued")
            .withServer(Optional.of("mx.far.example")));
    flush();
    trace.close();
    trace = open(3);
    assertThat(ids(TraceQuery.all())).containsExactly(second, first);
    assertThat(ids(query("<" + first + "@X.example>", "", ""))).containsExactly(first);
    assertThat(ids(query(first, "", ""))).containsExactly(first);
    assertThat(ids(query("", "one.example", ""))).containsExactly(first);
    assertThat(ids(query("", "B@sub.one.example", ""))).containsExactly(second);
    assertThat(ids(query("", "", "@far.example"))).containsExactly(second);
    assertThat(ids(query("", "a@one.example", "far.example"))).isEmpty();
    assertThat(
            ids(
                new TraceQuery(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(between))))
        .containsExactly(first);
    assertThat(trace.find(core.organization(), second).orElseThrow().outside())
        .containsExactly("c@far.example");
    assertThat(trace.events(core.organization(), second))
        .singleElement()
        .satisfies(event -> {
          assertThat(event.detail()).contains("250 2.0.0 Ok queued");
          assertThat(event.server()).contains("mx.far.example");
        });
    assertThat(trace.find(core.organization(), "0".repeat(32))).isEmpty();
  }

  @Test
  void pagesGoOnWhereTheyEndedOverDays() {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      all.add(0, arrived("a@one.example", "anna@example.test", ""));
      core.clock().advance(Duration.ofHours(2));
    }
    flush();
    List<String> found = new ArrayList<>();
    Optional<String> next = Optional.empty();
    do {
      var page = trace.find(core.organization(), TraceQuery.all(), next, 7);
      page.messages().forEach(each -> found.add(each.id()));
      next = page.next();
    } while (next.isPresent());
    assertThat(found).isEqualTo(all);
  }

  @Test
  void daysAreDroppedWhenTheirTimeIsOver() {
    String old = arrived("a@one.example", "anna@example.test", "");
    core.clock().advance(Duration.ofDays(3));
    String young = arrived("a@one.example", "anna@example.test", "");
    happened(old, TraceEvent.of(core.clock().instant(), Kind.BOUNCED, List.of()));
    flush();
    assertThat(trace.prune()).isZero();
    core.clock().advance(Duration.ofDays(1));
    assertThat(trace.prune()).isEqualTo(1);
    assertThat(ids(TraceQuery.all())).containsExactly(young);
    assertThat(trace.find(core.organization(), old)).isEmpty();
  }

  @Test
  void nothingOfAMessageIsReadableInTheStore() {
    arrived("secret-sender@one.example", "anna@example.test", "");
    flush();
    var partition =
        TraceRows.partition(core.organization(), TraceRows.dayOf(core.clock().instant()));
    for (var collection : List.of(TraceRows.MESSAGES, TraceRows.EVENTS, TraceRows.IDS)) {
      for (var row : core.store().range(partition, collection, Range.all(), 100).rows()) {
        assertThat(new String(row.value(), java.nio.charset.StandardCharsets.ISO_8859_1))
            .doesNotContain("secret-sender", "Planted-Word");
      }
    }
    core.keys().destroy(core.organization());
    arrived("a@one.example", "anna@example.test", "");
    flush();
    assertThat(trace.droppedCount()).isZero();
  }

  @Test
  void aStoreThatIsBehindCostsEntriesNotTime() {
    try (var small =
        new MessageTrace(
            core.store(), core.keys(), new TraceSettings(3, 5), core.clock(), random)) {
      for (int i = 0; i < 1_000; i++) {
        small.add(
            new TraceEntry.Happened(
                core.organization(),
                "0".repeat(32),
                TraceEvent.of(core.clock().instant(), Kind.ACCEPTED, List.of())));
      }
      assertThat(small.droppedCount()).isGreaterThan(900);
    }
  }

  @Test
  void theLargestMessageFitsItsRow() {
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 2_000; i++)
      many.add("r".repeat(60) + i + "@" + "d".repeat(180) + ".example");
    QueueId id = QueueId.random(random);
    trace.add(
        new TraceEntry.Arrived(
            core.organization(),
            new TraceSummary(
                id.toString(),
                core.clock().instant(),
                Optional.empty(),
                "192.0.2.7",
                Optional.empty(),
                many,
                many,
                Optional.of("x".repeat(10_000)),
                Optional.of("x".repeat(10_000)),
                many,
                many,
                2_000)));
    for (int i = 0; i < 3; i++) {
      happened(
          id.toString(),
          TraceEvent.of(core.clock().instant(), Kind.ACCEPTED, many).withDetail("y".repeat(5_000)));
    }
    flush();
    assertThat(trace.droppedCount()).isZero();
    assertThat(trace.find(core.organization(), id.toString()).orElseThrow().inside()).hasSize(75);
    assertThat(trace.events(core.organization(), id.toString())).hasSize(3);
  }

  @Test
  @DisplayName("A dry run tells which past messages other rules would have sent another way")
  void dryRun() {
    String spam = arrived("x@spam.example", "anna@example.test", "");
    happened(
        spam,
        TraceEvent.of(core.clock().instant(), Kind.INBOUND_RULE, List.of("anna@example.test"))
            .withRule("old", "DROP"));
    arrived("y@good.example", "anna@example.test", "");
    String sent = arrived("anna@example.test", "", "z@far.example");
    flush();
    var dry = new RuleDryRun(trace);
    var report = dry.inbound(core.organization(), List.of(), 100);
    assertThat(report.examined()).isEqualTo(2);
    assertThat(report.changes())
        .singleElement()
        .satisfies(change -> {
          assertThat(change.message().id()).isEqualTo(spam);
          assertThat(change.before())
              .isEqualTo(new RuleDryRun.Decision(Optional.of("old"), "DROP"));
          assertThat(change.after())
              .isEqualTo(new RuleDryRun.Decision(Optional.empty(), "DEFAULT"));
        });
    var junk =
        new FlowRule<>(
            "r",
            FlowRule.Terms.inbound(
                "good",
                InboundAction.DELIVER_TO_JUNK,
                List.of(AddressPattern.parse("good.example")),
                Optional.empty()),
            Instant.EPOCH,
            Instant.EPOCH);
    assertThat(dry.inbound(core.organization(), List.of(junk), 100).changes()).hasSize(2);
    var block =
        new FlowRule<>(
            "r",
            new FlowRule.Terms<>(
                "block",
                OutboundAction.BOUNCE,
                List.of(AddressPattern.any()),
                List.of(AddressPattern.parse("far.example")),
                Optional.empty(),
                Optional.empty()),
            Instant.EPOCH,
            Instant.EPOCH);
    assertThat(dry.outbound(core.organization(), List.of(block), 100).changes())
        .singleElement()
        .satisfies(change -> assertThat(change.message().id()).isEqualTo(sent));
    assertThat(dry.inbound(core.organization(), List.of(junk), 1).examined()).isEqualTo(1);
  }
}
