package org.mailstead.mailflow.filter;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.spam.SpamLearning;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.mailflow.dns.DnsResolver;
import org.mailstead.smtp.server.Verdict;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Shows a message to the filters that are set, after it was authenticated and before the mail flow
/// rules: virus scanner, milters, spam filters, or in their place the built-in one (FLW-7, FLW-9;
/// docs/decisions/0067-filters.md).
///
/// A filter that is down or slow costs its message the time limit, the next ones nothing
/// ([Breaker]); the message goes on without its word, or its peer is asked to come again.
public final class MessageFilters {
  private static final Logger LOG = LoggerFactory.getLogger(MessageFilters.class);
  private static final String CLAMD = "clamd";

  /// What the filters make of a message.
  public sealed interface Outcome {
    record Passed(FilterVerdict verdict, HeaderEdits edits) implements Outcome {}

    record Refused(Verdict verdict) implements Outcome {}

    /// A milter wants it dropped and nobody told.
    record Discarded() implements Outcome {}
  }

  /// Where a message comes from.
  public enum Source {
    /// Another server.
    OUTSIDE,
    /// A server on our side: not looked at for spam.
    TRUSTED,
    /// One of our users: not looked at for spam.
    USER
  }

  /// How a filter does.
  ///
  /// @param failure why it has no verdicts now; empty: as far as known it works
  public record Health(String filter, Optional<String> failure) {}

  private record Guarded<T>(String name, T filter, Breaker breaker) {}

  private final FilterSettings settings;
  private final Optional<Guarded<ClamdScanner>> clamd;
  private final List<Guarded<Milter>> milters = new ArrayList<>();
  private final List<Guarded<SpamScanner>> scanners = new ArrayList<>();
  private final BuiltInFilter builtIn;

  /// @param learning what the built-in filter learns; empty: nothing
  public MessageFilters(
      String hostname,
      FilterSettings settings,
      DnsResolver dns,
      Optional<SpamLearning> learning,
      InstantSource clock) {
    this.settings = settings;
    this.clamd =
        settings
            .clamd()
            .map(address ->
                guarded(CLAMD, new ClamdScanner(address, settings.timeout()), settings, clock));
    for (FilterAddress address : settings.milters()) {
      Milter milter = new Milter(address, hostname, settings.timeout());
      milters.add(guarded("milter " + address.text(), milter, settings, clock));
    }
    settings
        .rspamd()
        .ifPresent(rspamd ->
            scanners.add(
                guarded(
                    "rspamd",
                    new RspamdScanner(
                        rspamd.address(), rspamd.password(), hostname, settings.timeout()),
                    settings,
                    clock)));
    settings
        .spamd()
        .ifPresent(address ->
            scanners.add(
                guarded("spamd", new SpamdScanner(address, settings.timeout()), settings, clock)));
    this.builtIn = new BuiltInFilter(settings.builtIn(), dns, learning);
  }

  private static <T> Guarded<T> guarded(
      String name, T filter, FilterSettings settings, InstantSource clock) {
    return new Guarded<>(name, filter, new Breaker(name, settings.timeout(), clock));
  }

  /// How those that are set do.
  public List<Health> health() {
    List<Health> all = new ArrayList<>();
    clamd.ifPresent(each -> all.add(each.breaker.health()));
    milters.forEach(each -> all.add(each.breaker.health()));
    scanners.forEach(each -> all.add(each.breaker.health()));
    return all;
  }

  /// Whether anybody looks for spam.
  public boolean looksForSpam() {
    return !scanners.isEmpty() || isBuiltIn();
  }

  /// Whether the built-in filter is the one that looks for spam.
  public boolean isBuiltIn() {
    return settings.isBuiltIn();
  }

  /// @param headerEnd where the header ends in the message
  /// @param organization whose mail it is, if it is one's only
  /// @param mailbox to which it goes, if it is one only
  public Outcome check(
      FilteredMessage message,
      HeaderFields header,
      int headerEnd,
      Source source,
      SenderFacts facts,
      Optional<OrganizationId> organization,
      Optional<MailboxId> mailbox) {
    boolean scans = source != Source.USER || settings.scansSubmissions();
    boolean tooLarge = message.content().length() > settings.messageBytesMax();
    List<String> down = new ArrayList<>();
    Optional<String> virus = Optional.empty();
    boolean scanned = false;
    Optional<String> quarantine = Optional.empty();
    HeaderEdits edits = HeaderEdits.none();
    if (scans && !tooLarge) {
      if (clamd.isPresent()) {
        Guarded<ClamdScanner> scanner = clamd.get();
        var found = scanner.breaker.ask(message.id(), () -> scanner.filter.scan(message));
        if (found.isEmpty()) down.add(CLAMD);
        else virus = found.get();
        scanned = found.isPresent();
        if (virus.isPresent()) {
          LOG.info("message {} from {}: virus {}", message.id(), message.peer(), virus.get());
          // What our own users send goes to others as well, who have no junk folder here.
          if (source == Source.USER || settings.whenVirus() == FilterSettings.WhenVirus.REFUSE) {
            return refused(virus.get());
          }
        }
      }
      for (Guarded<Milter> milter : milters) {
        Optional<Milter.Outcome> outcome =
            milter.breaker.ask(message.id(), () -> milter.filter.check(message, header, headerEnd));
        if (outcome.isEmpty()) {
          down.add("milter");
          continue;
        }
        switch (outcome.get()) {
          case Milter.Outcome.Refused(Verdict verdict) -> {
            LOG.info("message {} is refused by {}", message.id(), milter.name);
            return new Outcome.Refused(verdict);
          }
          case Milter.Outcome.Discarded() -> {
            LOG.info("message {} is discarded by {}", message.id(), milter.name);
            return new Outcome.Discarded();
          }
          case Milter.Outcome.Passed(HeaderEdits wanted, Optional<String> reason) -> {
            edits = edits.and(wanted);
            if (reason.isPresent()) {
              LOG.info("message {}: {} puts it aside: {}", message.id(), milter.name, reason.get());
              quarantine = reason;
            }
          }
        }
      }
    }
    Optional<SpamScore> score = Optional.empty();
    String by = "";
    Optional<Double> rest = Optional.empty();
    if (source == Source.OUTSIDE) {
      for (Guarded<SpamScanner> scanner : tooLarge ? List.<Guarded<SpamScanner>>of() : scanners) {
        Optional<SpamScore> found =
            scanner.breaker.ask(message.id(), () -> scanner.filter.scan(message));
        if (found.isEmpty()) {
          down.add(scanner.name);
        } else if (score.isEmpty() || (found.get().isSpam() && !score.get().isSpam())) {
          score = found;
          by = scanner.name;
        }
      }
      if (isBuiltIn()) {
        BuiltInFilter.Result result =
            builtIn.check(
                message, header, facts, new BuiltInFilter.Audience(organization, mailbox));
        score = Optional.of(result.score());
        by = BuiltInFilter.NAME;
        rest = Optional.of(result.rest());
      }
    }
    if (!down.isEmpty() && settings.whenDown() == FilterSettings.WhenDown.DEFER) {
      return new Outcome.Refused(
          Verdict.deferred(451, "4.7.1", "The message cannot be checked now, try again later"));
    }
    return new Outcome.Passed(
        new FilterVerdict(virus, scanned, score, by, rest, down, quarantine), edits);
  }

  private static Outcome refused(String virus) {
    return new Outcome.Refused(
        Verdict.rejected(
            554, "5.7.1", "The message is refused: it contains a virus (" + virus + ")"));
  }

  /// What a message's fields, written by [FilterVerdict] when it was taken in, say.
  public FilterVerdict.Read read(HeaderFields header) {
    return FilterVerdict.Read.of(
        header.findAll("X-Mailstead-Spam"), header.findAll("X-Mailstead-Virus"));
  }

  /// In which of these mailboxes of an organization a message that was taken in goes to the junk
  /// folder, if no rule says where it goes.
  public Set<MailboxId> junk(
      FilterVerdict.Read read,
      OrganizationId organization,
      Collection<MailboxId> mailboxes,
      Content content) {
    if (read.rest().isPresent() && isBuiltIn()) {
      return builtIn.junk(read, organization, mailboxes, content);
    }
    return read.isJunk() ? Set.copyOf(mailboxes) : Set.of();
  }

  /// A user's message was accepted: whom it goes to is known from now on.
  public void wrote(OrganizationId organization, List<EmailAddress> addresses) {
    if (!isBuiltIn() || addresses.isEmpty()) return;
    builtIn
        .learning()
        .ifPresent(learning ->
            learning.wrote(organization, addresses.stream().map(EmailAddress::toString).toList()));
  }

  /// A message from outside was accepted: its author's domain gets a history.
  public void came(OrganizationId organization, SenderFacts facts, FilterVerdict verdict) {
    if (!isBuiltIn() || verdict.spam().isEmpty()) return;
    Optional<SenderFacts.Author> author = facts.address().filter(SenderFacts.Author::isSure);
    if (author.isEmpty()) return;
    builtIn
        .learning()
        .ifPresent(learning ->
            learning.came(organization, author.get().domain(), verdict.spam().get().isSpam()));
  }
}
