package org.mailstead.mailflow;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import org.mailstead.core.access.Access;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Recipients;
import org.mailstead.core.flow.FlowRules;
import org.mailstead.core.flow.SmtpGateways;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.core.policy.MailSettings;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.reports.RememberedPolicies;
import org.mailstead.core.signing.DkimKeys;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.mailflow.filter.Filtering;
import org.mailstead.mailflow.filter.MessageFilters;
import org.mailstead.mailflow.reports.MailReports;
import org.mailstead.mailflow.srs.SenderRewriting;
import org.mailstead.mailflow.transport.StsFetch;
import org.mailstead.mailflow.transport.StsPolicies;
import org.mailstead.mailflow.transport.TransportLimits;
import org.mailstead.mailflow.transport.TransportSecurity;
import org.mailstead.smtp.server.Reception;

/// Mail flow as a whole: takes mail in for the SMTP server and works the queue off. Joined by
/// constructor; [#start] it once the store is open, close it before the store.
public final class Mailflow implements AutoCloseable {
  private final MailReception reception;
  private final QueueRunner runner;
  private final MessageFilters filters;
  private final Optional<MailReports> reports;

  /// @param clientTls what the certificates of other servers are checked with where they must be
  /// @param spoolFolder for large messages while trace lines are put on them
  public Mailflow(
      MailflowSettings settings,
      MailQueue queue,
      Directory directory,
      OrganizationKeys keys,
      Access access,
      Mailboxes mailboxes,
      SSLContext clientTls,
      Path spoolFolder,
      InstantSource clock,
      RandomGenerator random) {
    this(
        settings,
        queue,
        directory,
        keys,
        access,
        mailboxes,
        clientTls,
        spoolFolder,
        clock,
        random,
        AcceptanceDuties.none(),
        Filtering.off(),
        _ -> {});
  }

  /// @param duties what accepting a message does besides
  /// @param filtering what looks into messages
  /// @param listener hears what becomes of mail
  public Mailflow(
      MailflowSettings settings,
      MailQueue queue,
      Directory directory,
      OrganizationKeys keys,
      Access access,
      Mailboxes mailboxes,
      SSLContext clientTls,
      Path spoolFolder,
      InstantSource clock,
      RandomGenerator random,
      AcceptanceDuties duties,
      Filtering filtering,
      MailEventListener listener) {
    MailEvents events = new MailEvents(listener);
    Recipients recipients = directory.recipients();
    DnsResolver dns = new DnsResolver(settings.dns(), clock);
    LocalDelivery local = new LocalDelivery(mailboxes);
    MailExchangers exchangers = new MailExchangers(settings, dns, random);
    this.reports = duties.reports();
    TransportSecurity security =
        new TransportSecurity(
            dns,
            new StsPolicies(
                dns,
                new StsFetch(clientTls),
                clock,
                Optional.of(new RememberedPolicies(directory, TransportLimits.POLICIES_MAX))));
    RemoteDelivery remote =
        new RemoteDelivery(
            settings,
            exchangers,
            security,
            new GatewayRoutes(new SmtpGateways(directory, keys, clock, random)),
            clientTls,
            duties.reports().flatMap(MailReports::tls),
            clock);
    DeliveryReports reports = new DeliveryReports(settings.hostname(), clock, random);
    MessageAssembly assembly = new MessageAssembly(spoolFolder);
    JournalEntries journals = new JournalEntries(duties.journaling(), queue, assembly, settings);
    Settlement settlement =
        new Settlement(settings, queue, recipients, reports, events, assembly, journals, clock);
    MessageAuthentication authentication =
        new MessageAuthentication(settings.hostname(), settings.authentication(), dns, clock);
    DmarcEnforcement enforcement =
        new DmarcEnforcement(authentication, new MailSettings(directory)::isInboundDmarcEnforced);
    FlowEnforcement flow =
        new FlowEnforcement(
            FlowRules.inbound(directory, clock, random),
            FlowRules.outbound(directory, clock, random),
            events,
            random);
    this.filters =
        new MessageFilters(
            settings.hostname(), filtering.settings(), dns, filtering.learning(), clock);
    ContentChecks checks =
        new ContentChecks(
            filters,
            settings.authentication(),
            new MailSettings(directory)::isSpamFiltered,
            settings.hostname());
    SenderRewriting srs = new SenderRewriting(directory, keys, clock, random);
    RuleSending sending =
        new RuleSending(settings, directory, flow, duties.limits(), journals, srs, clock, random);
    RuleDelivery rules = new RuleDelivery(mailboxes, recipients, queue, local, sending, events);
    OutboundSigning signing =
        new OutboundSigning(
            settings.hostname(),
            directory,
            new DkimKeys(directory, keys, clock),
            dns,
            assembly,
            clock);
    this.runner =
        new QueueRunner(
            settings,
            queue,
            rules,
            remote,
            settlement,
            enforcement,
            checks,
            flow,
            new HookRunner(
                queue,
                duties.functions(),
                new HookVerdict(
                    queue,
                    flow,
                    recipients,
                    assembly,
                    duties.limits(),
                    journals,
                    events,
                    clock,
                    random),
                events,
                clock,
                random),
            signing,
            clock);
    this.reception =
        new MailReception(
            settings,
            recipients,
            queue,
            local,
            rules,
            srs,
            runner,
            new SubmissionRules(access, random),
            assembly,
            authentication,
            enforcement,
            checks,
            flow,
            duties,
            events,
            clock);
  }

  /// What stands behind the SMTP, submission and LMTP listeners.
  public Reception reception() {
    return reception;
  }

  /// How the filters do that look into messages.
  public List<MessageFilters.Health> filterHealth() {
    return filters.health();
  }

  /// Takes up what an earlier run left and begins to work the queue off.
  public void start() {
    runner.start();
  }

  /// Works off what is due now, and what comes of that, in the calling thread. For tests that own
  /// the clock; not together with [#start].
  ///
  /// @return how many entries were worked on
  public int runDue() {
    return runner.runDue();
  }

  /// Sends the reports to other domains that are due.
  public void sendReports() {
    reports.ifPresent(each -> runner.submit(each.sendDue()));
  }

  /// Entries in memory, waiting for a worker or worked on.
  public int activeCount() {
    return runner.activeCount();
  }

  /// Finishes what can be finished in a few seconds; the rest is taken up by the next run.
  @Override
  public void close() {
    runner.close();
    reports.ifPresent(MailReports::close);
  }
}
