package org.mailstead.mailflow.filter;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.spam.BayesScore;
import org.mailstead.core.spam.MessageTokens;
import org.mailstead.core.spam.SenderStanding;
import org.mailstead.core.spam.SpamLearning;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.mailflow.dns.DnsAnswer;
import org.mailstead.mailflow.dns.DnsBudget;
import org.mailstead.mailflow.dns.DnsResolver;

/// The spam filter that needs nothing installed. It adds up points: what authentication found, DNS
/// block lists that the operator has set, fields that every honest program writes, what the
/// organization knows of the sender, and what its users taught the Bayes filter.
///
/// The Bayes filter is that of the mailbox if it has learned enough, otherwise the organization's.
/// For a message to several mailboxes the header fields tell the organization's opinion, and each
/// mailbox's own is asked when it is delivered ([FilterVerdict.Read]).
final class BuiltInFilter {
  static final String NAME = "built-in";

  private static final Duration LISTS_DURATION_MAX = Duration.ofSeconds(5);

  private final FilterSettings.BuiltIn settings;
  private final DnsResolver dns;
  private final Optional<SpamLearning> learning;

  BuiltInFilter(FilterSettings.BuiltIn settings, DnsResolver dns, Optional<SpamLearning> learning) {
    this.settings = settings;
    this.dns = dns;
    this.learning = learning;
  }

  /// Whose filter is asked.
  ///
  /// @param organization empty if the message goes to several: then nothing learned counts
  /// @param mailbox if it goes to one only
  record Audience(Optional<OrganizationId> organization, Optional<MailboxId> mailbox) {}

  /// @param rest the score without the Bayes filter's part
  record Result(SpamScore score, double rest) {}

  /// Points and their reasons.
  private static final class Sum {
    private double points;
    private final List<String> reasons = new ArrayList<>();

    void add(String reason, double value) {
      if (value == 0) return;
      points += value;
      reasons.add(reason + String.format(Locale.ROOT, "(%.1f)", value));
    }
  }

  Result check(FilteredMessage message, HeaderFields header, SenderFacts facts, Audience audience) {
    var sum = new Sum();
    if (facts.isChecked()) authentication(facts, sum);
    form(header, sum);
    lists(message.peer(), sum);
    audience.organization().ifPresent(organization -> sender(organization, facts, sum));
    double rest = sum.points;
    audience
        .organization()
        .flatMap(organization -> bayes(organization, audience.mailbox(), message.content()))
        .ifPresent(score -> sum.add(score.reason(), score.points()));
    // As the header field has it: what is read back later must not round to the other side.
    double points = Math.round(sum.points * 10) / 10.0;
    return new Result(
        new SpamScore(points >= settings.required(), points, settings.required(), sum.reasons),
        rest);
  }

  private static void authentication(SenderFacts facts, Sum sum) {
    switch (facts.spf()) {
      case "fail" -> sum.add("SPF_FAIL", 1.5);
      case "softfail" -> sum.add("SPF_SOFTFAIL", 0.7);
      case "permerror" -> sum.add("SPF_PERMERROR", 0.3);
      default -> {
        // Nothing to hold against it.
      }
    }
    if (facts.dkim().equals("fail")) sum.add("DKIM_FAIL", 0.5);
    if (facts.isVouchedFor()) {
      sum.add("ARC_TRUSTED", -0.5);
    } else if (facts.dmarc().equals("fail")) {
      sum.add("DMARC_FAIL", 2);
    } else if (!facts.spf().equals("pass") && !facts.dkim().equals("pass")) {
      sum.add("UNAUTHENTICATED", 1);
    }
    if (facts.dmarc().equals("pass")) sum.add("DMARC_PASS", -0.2);
  }

  /// RFC 5322 §3.6: what every message has.
  private static void form(HeaderFields header, Sum sum) {
    if (header.find("From").isEmpty()) sum.add("NO_FROM", 2);
    if (header.find("Date").isEmpty()) sum.add("NO_DATE", 1);
    if (header.find("Message-ID").isEmpty()) sum.add("NO_MESSAGE_ID", 0.8);
    if (header.findAll("From").size() > 1) sum.add("FROM_TWICE", 2);
    if (header.findAll("Subject").size() > 1) sum.add("SUBJECT_TWICE", 1);
  }

  private void lists(InetAddress peer, Sum sum) {
    if (settings.blockLists().isEmpty()) return;
    DnsBudget budget = DnsBudget.of(LISTS_DURATION_MAX, settings.blockLists().size());
    for (FilterSettings.BlockList list : settings.blockLists()) {
      DnsAnswer<InetAddress> answer = dns.a(reversed(peer) + "." + list.zone(), false, budget);
      if (!(answer instanceof DnsAnswer.Found<InetAddress> found)) continue;
      // RFC 5782 §2.1: lists answer within 127/8; anything else is somebody else's web page.
      // 127.255.255.0/24 are answers of lists that refuse the question.
      boolean listed =
          found.values().stream()
              .anyMatch(each -> each.getAddress()[0] == 127 && each.getAddress()[1] != (byte) 255);
      if (listed) sum.add("LISTED_" + list.zone(), list.points());
    }
  }

  /// RFC 5782 §2.1 and §2.4.
  static String reversed(InetAddress peer) {
    byte[] octets = peer.getAddress();
    var out = new StringBuilder();
    for (int i = octets.length - 1; i >= 0; i--) {
      if (!out.isEmpty()) out.append('.');
      int octet = octets[i] & 0xff;
      if (peer instanceof Inet4Address) out.append(octet);
      else
        out.append(Integer.toHexString(octet & 15))
            .append('.')
            .append(Integer.toHexString(octet >> 4));
    }
    return out.toString();
  }

  private void sender(OrganizationId organization, SenderFacts facts, Sum sum) {
    // Anybody can write anything into From: only what is sure counts, for good and bad.
    Optional<SenderFacts.Author> author = facts.address().filter(SenderFacts.Author::isSure);
    if (author.isEmpty() || learning.isEmpty()) return;
    SenderStanding standing =
        learning
            .get()
            .models()
            .standing(organization, author.get().address(), author.get().domain());
    String name = standing.isCorrespondent() ? "CORRESPONDENT" : "SENDER_HISTORY";
    sum.add(name, Math.round(standing.points() * 10) / 10.0);
  }

  /// Reads the message only if somebody has taught the filter enough.
  Optional<BayesScore> bayes(
      OrganizationId organization, Optional<MailboxId> mailbox, Content content) {
    if (!isTrained(organization, mailbox)) return Optional.empty();
    return learning.orElseThrow().models().score(organization, mailbox, MessageTokens.of(content));
  }

  /// In which of these mailboxes a message that was taken in goes to the junk folder, if no rule
  /// says where it goes.
  Set<MailboxId> junk(
      FilterVerdict.Read read,
      OrganizationId organization,
      Collection<MailboxId> mailboxes,
      Content content) {
    Set<MailboxId> junk = new HashSet<>();
    Optional<MessageTokens> tokens = Optional.empty();
    Optional<Boolean> usual = Optional.empty();
    for (MailboxId mailbox : mailboxes) {
      boolean personal =
          learning.isPresent() && learning.get().models().isPersonal(organization, mailbox);
      boolean asks = personal || usual.isEmpty();
      if (asks && isTrained(organization, Optional.of(mailbox))) {
        if (tokens.isEmpty()) tokens = Optional.of(MessageTokens.of(content));
        boolean found =
            read.isJunk(
                learning
                    .orElseThrow()
                    .models()
                    .score(organization, Optional.of(mailbox), tokens.get()));
        if (found) junk.add(mailbox);
        if (!personal) usual = Optional.of(found);
      } else if (usual.orElse(read.isJunk())) {
        junk.add(mailbox);
      }
    }
    return junk;
  }

  private boolean isTrained(OrganizationId organization, Optional<MailboxId> mailbox) {
    return learning.isPresent() && learning.get().models().isTrained(organization, mailbox);
  }

  Optional<SpamLearning> learning() {
    return learning;
  }
}
