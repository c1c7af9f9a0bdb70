package org.mailstead.mailflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.access.Principal;
import org.mailstead.core.content.Contents;
import org.mailstead.core.directory.DirectoryCheck;
import org.mailstead.core.directory.DirectoryLimits;
import org.mailstead.core.flow.FlowCheck;
import org.mailstead.core.flow.FlowMessages;
import org.mailstead.core.logs.LogRecord;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.MailboxCheck;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.QueueCheck;
import org.mailstead.core.queue.QueueStatus;
import org.mailstead.core.queue.SendingMaxima;
import org.mailstead.core.reports.ReportLimits;
import org.mailstead.core.trace.TraceEntry;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.filter.FilterSettings;
import org.mailstead.mailflow.filter.Filtering;
import org.mailstead.mailflow.hooks.FunctionCalls;
import org.mailstead.mailflow.journaling.Journaling;
import org.mailstead.mailflow.limits.SendingLimits;
import org.mailstead.mailflow.outside.OutsideRequest;
import org.mailstead.mailflow.reports.MailReports;
import org.mailstead.mailflow.reports.ReportPost;
import org.mailstead.mailflow.reports.ReportSettings;
import org.mailstead.smtp.server.Reception;
import org.mailstead.smtp.server.SessionFacts;
import org.mailstead.smtp.server.Verdict;
import org.mailstead.smtp.wire.MailFrom;
import org.mailstead.smtp.wire.RcptTo;
import org.mailstead.store.FailingStore;
import org.mailstead.store.FaultPlan;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.StoreCheck;
import org.mailstead.store.TestClock;

/// Mail flow over a whole core on a memory store that can fail, with a DNS of its own, the rest of
/// the world as a [TestSink], and a clock that stands until it is moved. Closing checks the store.
final class MailflowFixture implements AutoCloseable {
  static final String HOST = "mx.example.test";

  final TestClock clock = new TestClock();
  final MemoryStore memory = new MemoryStore(clock);
  final FaultPlan faults = new FaultPlan();
  final CoreFixture core =
      new CoreFixture(
          DirectoryLimits.standard(), clock, memory, store -> new FailingStore(store, faults));
  final TestDns dns = new TestDns();
  final TestSink sink;
  private final SSLContext clientTls;
  private final Optional<FunctionCalls.Functions> functions;
  private FlowMessages messages;
  private final Path spool;
  private MailflowSettings settings;
  private FilterSettings filters = FilterSettings.off();
  private MailQueue queue;
  SendingMaxima maxima = new SendingMaxima(1_000, 2_000, 200);
  private SendingLimits limits;
  private ReportSettings reports = ReportSettings.off(HOST);
  private Mailflow flow;

  MailflowFixture() {
    this(UnaryOperator.identity());
  }

  MailflowFixture(UnaryOperator<MailflowSettings> change) {
    this(change, new TestSink(), systemTrust());
  }

  /// @param functions that Run Lambda rules call
  MailflowFixture(FunctionCalls.Functions functions) {
    this(UnaryOperator.identity(), new TestSink(), systemTrust(), Optional.of(functions));
  }

  MailflowFixture(UnaryOperator<MailflowSettings> change, FunctionCalls.Functions functions) {
    this(change, new TestSink(), systemTrust(), Optional.of(functions));
  }

  MailflowFixture(UnaryOperator<MailflowSettings> change, TestSink sink) {
    this(change, sink, systemTrust());
  }

  /// @param clientTls what certificates of other servers are checked with
  MailflowFixture(UnaryOperator<MailflowSettings> change, TestSink sink, SSLContext clientTls) {
    this(change, sink, clientTls, Optional.empty());
  }

  private MailflowFixture(
      UnaryOperator<MailflowSettings> change,
      TestSink sink,
      SSLContext clientTls,
      Optional<FunctionCalls.Functions> functions) {
    this.functions = functions;
    this.sink = sink;
    this.clientTls = clientTls;
    try {
      spool = Files.createTempDirectory("mailflow");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    dns.mx("far.example", 10, "sink.example").address("sink.example", "127.0.0.1");
    settings =
        change.apply(
            MailflowSettings.of(HOST)
                .with(AuthenticationSettings.off())
                .withResolver(dns.address(), Duration.ofSeconds(2))
                .withRemotePort(sink.port()));
    open();
  }

  /// What the event log heard.
  final List<LogRecord.Email> events = new CopyOnWriteArrayList<>();

  /// What message traces heard.
  final List<TraceEntry> traced = new CopyOnWriteArrayList<>();

  private void open() {
    SecureRandom random = new SecureRandom();
    Contents contents = new Contents(core.store(), random);
    queue = new MailQueue(core.store(), contents, core.keys(), clock, random, "node");
    messages = new FlowMessages(core.store(), contents, core.keys(), clock, random);
    flow =
        new Mailflow(
            settings,
            queue,
            core.directory(),
            core.keys(),
            core.access(),
            core.mailboxes(),
            clientTls,
            spool,
            clock,
            random,
            new AcceptanceDuties(
                    Optional.of(limits = new SendingLimits(queue, core.directory(), maxima, clock)),
                    Optional.of(new Journaling(core.directory(), random)),
                    functions.map(each -> new FunctionCalls(each, messages)),
                    Optional.empty())
                .with(
                    new MailReports(
                        reports,
                        core.directory(),
                        queue,
                        new DnsResolver(settings.dns(), clock),
                        new ReportPost(
                            new OutsideRequest(
                                clientTls,
                                _ -> new InetAddress[] {InetAddress.ofLiteral("127.0.0.1")},
                                _ -> true)),
                        ReportLimits.standard(),
                        clock)),
            new Filtering(filters, Optional.of(core.learning())),
            new MailEventListener() {
              @Override
              public void happened(LogRecord.Email record) {
                events.add(record);
              }

              @Override
              public void traced(TraceEntry entry) {
                traced.add(entry);
              }
            });
  }

  private static SSLContext systemTrust() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  Reception reception() {
    return flow.reception();
  }

  Mailflow flow() {
    return flow;
  }

  MailQueue queue() {
    return queue;
  }

  /// What the message-flow API works on.
  FlowMessages messages() {
    return messages;
  }

  SendingLimits limits() {
    return limits;
  }

  QueueStatus status() {
    return new QueueStatus(memory, clock);
  }

  /// From now on these filters look into messages.
  MailflowFixture with(FilterSettings value) {
    flow.close();
    filters = value;
    open();
    return this;
  }

  /// The program ends where it is, and another run begins.
  void restart() {
    flow.close();
    messages.close();
    faults.heal();
    core.reopen();
    open();
    queue.recover();
  }

  /// From now on reports are made.
  void reportFrom(String address) {
    reports = new ReportSettings(Optional.of(EmailAddress.parse(address)), "Example & Co", HOST);
    flow.close();
    open();
  }

  /// Works until nothing is due.
  void settle() {
    await(() -> flow.activeCount() == 0);
    flow.runDue();
  }

  static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
      LockSupport.parkNanos(200_000);
    }
  }

  // ---- sending

  /// A message on its way in, and the verdicts it got.
  final class Sending implements AutoCloseable {
    private final Reception.Transaction transaction;
    final List<Verdict> recipients = new ArrayList<>();

    Sending(SessionFacts session, MailFrom from) {
      transaction = flow.reception().begin(session, from);
    }

    Sending to(String... addresses) {
      for (String address : addresses) to(RcptTo.of(EmailAddress.parse(address)));
      return this;
    }

    Sending to(RcptTo to) {
      recipients.add(transaction.recipient(to));
      return this;
    }

    Reception.Outcome data(String message) {
      try (Content content = Content.of(message.getBytes(StandardCharsets.UTF_8))) {
        return transaction.data(content, new Reception.DataFacts(0));
      }
    }

    /// The one verdict for all recipients.
    Verdict verdict(String message) {
      return ((Reception.Outcome.All) data(message)).verdict();
    }

    @Override
    public void close() {
      transaction.close();
    }
  }

  Sending inbound(String from) {
    return new Sending(session(SessionFacts.Kind.INBOUND, Optional.empty()), mailFrom(from));
  }

  Sending inbound(MailFrom from) {
    return new Sending(session(SessionFacts.Kind.INBOUND, Optional.empty()), from);
  }

  Sending lmtp(String from) {
    return new Sending(session(SessionFacts.Kind.LMTP, Optional.empty()), mailFrom(from));
  }

  Sending submission(EntityId user, String from) {
    return submission(user, mailFrom(from));
  }

  Sending submission(EntityId user, MailFrom from) {
    Principal principal = core.principal(user);
    return new Sending(session(SessionFacts.Kind.SUBMISSION, Optional.of(principal)), from);
  }

  static MailFrom mailFrom(String from) {
    return MailFrom.of(from.isEmpty() ? Optional.empty() : Optional.of(EmailAddress.parse(from)));
  }

  static MailFrom mailFrom(String from, long size) {
    MailFrom plain = mailFrom(from);
    return new MailFrom(
        plain.reversePath(),
        OptionalLong.of(size),
        plain.body(),
        false,
        Optional.empty(),
        Optional.empty());
  }

  SessionFacts session(SessionFacts.Kind kind, Optional<Principal> principal) {
    return new SessionFacts(
        "s1",
        kind,
        InetAddress.ofLiteral("192.0.2.7"),
        4711,
        "client.example",
        principal.isPresent() ? "ESMTPSA" : "ESMTP",
        principal.isPresent()
            ? Optional.of(new SessionFacts.TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384"))
            : Optional.empty(),
        principal,
        Instant.EPOCH);
  }

  static String message(String from, String subject) {
    return "From: "
        + from
        + "\r\nTo: somebody@example.test\r\nSubject: "
        + subject
        + "\r\nDate: Fri, 1 Jan 2027 00:00:00 +0000\r\nMessage-ID: <"
        + subject.hashCode()
        + "@client.example>\r\n\r\nHello.\r\n";
  }

  // ---- looking

  /// The messages in a user's INBOX, in order of arrival.
  List<String> inbox(EntityId user) {
    Mailbox mailbox = core.mailbox(user);
    FolderView view = mailbox.view(mailbox.findFolder(List.of("INBOX")).orElseThrow().id());
    List<String> texts = new ArrayList<>();
    for (int i = 1; i <= view.count(); i++) {
      try (Content content = mailbox.content(view.email(i))) {
        texts.add(StandardCharsets.UTF_8.decode(content.buffer()).toString());
      }
    }
    return texts;
  }

  void checkQueueEmpty() {
    assertThat(status().counts().entries()).as("entries in the queue").isZero();
  }

  StoreCheck.Result check() {
    faults.heal();
    StoreCheck.Result result =
        new StoreCheck(
                memory,
                List.of(
                    new QueueCheck(),
                    new FlowCheck(),
                    new MailboxCheck(core.keys()),
                    new DirectoryCheck()))
            .run();
    assertThat(result.errors()).isEmpty();
    return result;
  }

  @Override
  public void close() {
    flow.close();
    messages.close();
    check();
    sink.close();
    dns.close();
    core.close();
    try (var files = Files.list(spool)) {
      assertThat(files.toList()).as("spool files left").isEmpty();
      Files.delete(spool);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
