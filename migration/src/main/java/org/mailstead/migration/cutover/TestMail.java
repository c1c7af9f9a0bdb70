package org.mailstead.migration.cutover;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.migration.cutover.CutoverJournal.Outstanding;
import org.mailstead.migration.imap.Arrivals;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.plan.CutoverSettings;
import org.mailstead.migration.plan.MailboxEntry;

/// Sends a message to each address through the target's own door and looks for it in the mailboxes
/// that should get it. What is found is removed again; what was not found in time is remembered and
/// removed when it is found by a later check.
final class TestMail {
  /// Waits between looks; a test need not.
  @FunctionalInterface
  interface Pause {
    void of(Duration duration) throws InterruptedException;
  }

  /// Opens a target's mailbox.
  @FunctionalInterface
  interface Mailboxes {
    Arrivals open(MailboxEntry mailbox);
  }

  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final Duration SEND_AGAIN_AFTER = Duration.ofSeconds(10);

  private final TestMailSender sender;
  private final CutoverSettings.TestMail settings;
  private final Mailboxes mailboxes;
  private final CutoverJournal journal;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Pause pause;
  private final Map<String, Arrivals> open = new HashMap<>();
  private final Map<String, String> unreadable = new HashMap<>();

  TestMail(
      TestMailSender sender,
      CutoverSettings.TestMail settings,
      Mailboxes mailboxes,
      CutoverJournal journal,
      InstantSource clock,
      RandomGenerator random,
      Pause pause) {
    this.sender = sender;
    this.settings = settings;
    this.mailboxes = mailboxes;
    this.journal = journal;
    this.clock = clock;
    this.random = random;
    this.pause = pause;
  }

  /// One address on its way.
  private static final class Probe {
    final Addresses address;
    final String token;
    final Set<MailboxEntry> missing;
    final Set<MailboxEntry> inJunk = new LinkedHashSet<>();
    boolean accepted;
    String refusal = "";
    Instant sendAt;

    Probe(Addresses address, String token, Instant sendAt) {
      this.address = address;
      this.token = token;
      this.missing = new LinkedHashSet<>(address.mailboxes());
      this.sendAt = sendAt;
    }

    boolean isSettled() {
      return (!refusal.isEmpty() && !accepted && sendAt.equals(Instant.MAX))
          || (accepted && missing.isEmpty());
    }
  }

  /// One finding for each address.
  List<Finding> check(List<Addresses> addresses, List<MailboxEntry> plan) throws IOException {
    try {
      removeEarlier(plan);
      Instant start = clock.instant();
      List<Probe> probes = new ArrayList<>();
      for (Addresses each : addresses) {
        byte[] octets = new byte[10];
        random.nextBytes(octets);
        Probe probe = new Probe(each, "mcut" + HexFormat.of().formatHex(octets), start);
        probes.add(probe);
        for (MailboxEntry mailbox : each.mailboxes()) {
          journal.sending(new Outstanding(probe.token, each.address(), mailbox.target()));
        }
      }
      // Known before it is sent, so that no crash leaves a message that nobody removes.
      journal.write();
      Instant end = start.plus(settings.patience());
      while (true) {
        boolean last = !clock.instant().isBefore(end);
        for (Probe probe : probes) if (!last) send(probe);
        look(probes, last);
        if (last || probes.stream().allMatch(Probe::isSettled)) break;
        pause.of(LOOK_EVERY);
      }
      journal.write();
      return probes.stream().map(this::finding).toList();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      open.values().forEach(Arrivals::close);
      open.clear();
    }
  }

  private void send(Probe probe) {
    if (probe.accepted || clock.instant().isBefore(probe.sendAt)) return;
    switch (sender.send(settings.from(), probe.address.address(), message(probe))) {
      case TestMailSender.Outcome.Accepted() -> probe.accepted = true;
      case TestMailSender.Outcome.Refused(String reply) -> {
        probe.refusal = reply;
        probe.sendAt = Instant.MAX;
        journal.refused(probe.token);
      }
      case TestMailSender.Outcome.Later(String reason) -> {
        probe.refusal = reason;
        probe.sendAt = clock.instant().plus(SEND_AGAIN_AFTER);
      }
    }
  }

  /// RFC 3834 §5: Auto-Submitted keeps out-of-office replies away.
  private byte[] message(Probe probe) {
    String domain = settings.from().substring(settings.from().lastIndexOf('@') + 1);
    return """
    From: <%1$s>
    To: <%2$s>
    Subject: Mailstead cut-over test %3$s
    Date: %4$s
    Message-ID: <%3$s@%5$s>
    Auto-Submitted: auto-generated
    MIME-Version: 1.0
    Content-Type: text/plain; charset=us-ascii

    This message shows that mail for %2$s arrives after the move to another mail service.
    It is removed again by the program that sent it. If you read it, you may delete it.
    """
        .formatted(
            settings.from(),
            probe.address.address(),
            probe.token,
            DateTimeFormatter.RFC_1123_DATE_TIME.format(clock.instant().atOffset(ZoneOffset.UTC)),
            domain)
        .replace("\n", "\r\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private void look(List<Probe> probes, boolean last) {
    for (Probe probe : probes) {
      if (!probe.accepted) continue;
      for (MailboxEntry mailbox : List.copyOf(probe.missing)) {
        for (Arrivals.Found found : find(mailbox, probe.token, last)) {
          probe.missing.remove(mailbox);
          if (found.folder().role() == FolderRole.JUNK) probe.inJunk.add(mailbox);
          if (remove(mailbox, found)) journal.found(probe.token, mailbox.target());
        }
      }
    }
  }

  private Arrivals arrivals(MailboxEntry mailbox) {
    return open.computeIfAbsent(mailbox.target(), _ -> mailboxes.open(mailbox));
  }

  private List<Arrivals.Found> find(MailboxEntry mailbox, String token, boolean everywhere) {
    try {
      List<Arrivals.Found> found = arrivals(mailbox).withSubject(token, everywhere);
      unreadable.remove(mailbox.target());
      return found;
    } catch (IOException | RefusedException | UnavailableException e) {
      unreadable.put(mailbox.target(), String.valueOf(e.getMessage()));
      return List.of();
    }
  }

  private boolean remove(MailboxEntry mailbox, Arrivals.Found found) {
    try {
      arrivals(mailbox).remove(found);
      return true;
    } catch (IOException | RefusedException | UnavailableException e) {
      // The next check finds it by the journal.
      return false;
    }
  }

  private void removeEarlier(List<MailboxEntry> plan) {
    Map<String, MailboxEntry> byTarget = new LinkedHashMap<>();
    for (MailboxEntry each : plan) byTarget.put(each.target(), each);
    for (Outstanding earlier : journal.outstanding()) {
      MailboxEntry mailbox = byTarget.get(earlier.mailbox());
      if (mailbox == null) continue;
      for (Arrivals.Found found : find(mailbox, earlier.token(), true)) {
        if (remove(mailbox, found)) journal.found(earlier.token(), earlier.mailbox());
      }
    }
  }

  private Finding finding(Probe probe) {
    String about = "test mail";
    String to = probe.address.address();
    if (!probe.accepted) {
      return Finding.noGo(about, to + " is not taken: " + probe.refusal);
    }
    if (!probe.missing.isEmpty()) {
      MailboxEntry first = probe.missing.iterator().next();
      String why = unreadable.getOrDefault(first.target(), "");
      return Finding.noGo(
          about,
          "%s did not arrive in %s within %d s%s"
              .formatted(
                  to,
                  String.join(", ", probe.missing.stream().map(MailboxEntry::target).toList()),
                  settings.patience().toSeconds(),
                  why.isEmpty() ? "" : ": " + why));
    }
    if (probe.address.mailboxes().isEmpty()) {
      return Finding.warning(about, to + " is taken; no mailbox of the plan to look for it in");
    }
    if (!probe.inJunk.isEmpty()) {
      return Finding.warning(about, to + " arrived in the junk folder");
    }
    return Finding.ok(
        about,
        probe.address.mailboxes().size() == 1
            ? to + " arrived"
            : "%s arrived in %d mailboxes".formatted(to, probe.address.mailboxes().size()));
  }
}
