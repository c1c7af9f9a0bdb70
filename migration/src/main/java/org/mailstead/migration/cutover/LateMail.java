package org.mailstead.migration.cutover;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.ReadItem;
import org.mailstead.migration.item.Source;
import org.mailstead.migration.ledger.Ledger;
import org.mailstead.migration.ledger.LedgerEntry;
import org.mailstead.migration.plan.MailboxEntry;
import org.mailstead.migration.plan.MigrationSettings;
import org.mailstead.migration.transfer.FolderPair;

/// What came into a mailbox of the old service after the switch: mail of those who still know the
/// old MX, of clients and applications that still submit there. Reads only.
final class LateMail {
  /// Messages whose header is read, of each mailbox; the others are counted.
  private static final int READ_MAX = 200;

  private static final int HEADER_BYTES_MAX = 32_768;

  private final MigrationSettings settings;
  private final Set<String> ownDomains;
  private final Optional<DirectoryCheck> directory;
  private final Instant switched;
  private final Instant now;

  /// @param directory the target's, if it can be asked
  /// @param switched when the first domain was seen to be switched
  LateMail(
      MigrationSettings settings,
      Set<String> ownDomains,
      Optional<DirectoryCheck> directory,
      Instant switched,
      Instant now) {
    this.settings = settings;
    this.ownDomains = ownDomains;
    this.directory = directory;
    this.switched = switched;
    this.now = now;
  }

  private record Late(MailFolder folder, ItemSummary item) {}

  /// Findings about one mailbox.
  List<Finding> check(MailboxEntry mailbox, Source source) throws IOException {
    String about = "late mail of " + mailbox.name();
    Optional<Ledger> ledger =
        Files.exists(settings.ledger(mailbox))
            ? Ledger.read(Files.readAllBytes(settings.ledger(mailbox)))
            : Optional.empty();
    List<Finding> findings = new ArrayList<>();
    List<Late> late = new ArrayList<>();
    long open = 0;
    for (FolderPair pair : settings.folders().map(source.folders(), List.of()).pairs()) {
      open += take(source, pair.source(), ledger, late);
    }
    if (open > 0) {
      findings.add(
          Finding.noGo(
              about,
              open + " messages of the old service are not at the target",
              "mailstead migrate run"));
    }
    Instant newest =
        late.stream().map(each -> each.item().received()).max(Instant::compareTo).orElse(switched);
    if (late.isEmpty()) {
      findings.add(Finding.ok(about, "nothing came to the old service since " + switched));
      return findings;
    }
    boolean quiet = Duration.between(newest, now).compareTo(AfterSwitch.QUIET) >= 0;
    String text = "%d messages came since %s, the last %s".formatted(late.size(), switched, newest);
    findings.add(
        quiet
            ? Finding.ok(about, text)
            : Finding.noGo(about, text, "Wait until none has come for a week."));
    who(source, late, about, findings);
    return findings;
  }

  /// @return messages that are not in the ledger
  private long take(Source source, MailFolder folder, Optional<Ledger> ledger, List<Late> late)
      throws IOException {
    Optional<Ledger.KnownFolder> known =
        ledger.flatMap(each ->
            each.sourceFolders().stream()
                .filter(f -> f.key().equals(folder.key()) && f.validity().equals(folder.validity()))
                .findFirst());
    Map<String, LedgerEntry> entries = new LinkedHashMap<>();
    Optional<String> token = Optional.empty();
    if (known.isPresent()) {
      Ledger open = ledger.orElseThrow();
      for (LedgerEntry entry : open.entries(known.get().number())) entries.put(entry.id(), entry);
      token = open.token(known.get().number()).filter(text -> !text.isEmpty());
    }
    List<ItemSummary> listed =
        switch (source.list(folder, token)) {
          case FolderListing.Complete(List<ItemSummary> all, String _) -> all;
          case FolderListing.Changes(List<ItemSummary> changed, List<String> _, String _) ->
              changed;
          case FolderListing.Unchanged _ -> List.of();
        };
    long open = 0;
    for (ItemSummary item : listed) {
      if (entries.containsKey(item.id())) continue;
      open++;
      if (item.received().isAfter(switched)) late.add(new Late(folder, item));
    }
    for (LedgerEntry entry : entries.values()) {
      if (entry.received().isAfter(switched)) {
        late.add(
            new Late(folder, new ItemSummary(entry.id(), -1, entry.flags(), entry.received())));
      }
    }
    return open;
  }

  private void who(Source source, List<Late> late, String about, List<Finding> findings)
      throws IOException {
    Map<MailFolder, List<ItemSummary>> byFolder = new LinkedHashMap<>();
    for (Late each : late.subList(Math.max(0, late.size() - READ_MAX), late.size())) {
      byFolder.computeIfAbsent(each.folder(), _ -> new ArrayList<>()).add(each.item());
    }
    Set<String> senders = new TreeSet<>();
    Set<String> submitters = new TreeSet<>();
    Set<String> missed = new TreeSet<>();
    for (Map.Entry<MailFolder, List<ItemSummary>> each : byFolder.entrySet()) {
      boolean sent = each.getKey().role() == FolderRole.SENT;
      for (String message : read(source, each.getKey(), each.getValue())) {
        for (String from : HeaderText.addresses(message, "From")) {
          boolean own = ownDomains.contains(HeaderText.domain(from));
          if (sent || own) submitters.add(from);
          else senders.add(from);
        }
        for (String field : List.of("To", "Cc", "Delivered-To", "X-Original-To")) {
          for (String to : HeaderText.addresses(message, field)) {
            if (ownDomains.contains(HeaderText.domain(to)) && isMissing(to)) missed.add(to);
          }
        }
      }
    }
    if (!submitters.isEmpty()) {
      findings.add(
          Finding.noGo(
              about,
              "still sent through the old service by " + some(submitters),
              "Give these clients and applications the target's server."));
    }
    if (!missed.isEmpty()) {
      findings.add(
          Finding.noGo(about, "was written to addresses that the target lacks: " + some(missed)));
    }
    if (!senders.isEmpty()) {
      findings.add(Finding.warning(about, "came from " + some(senders)));
    }
  }

  /// Nothing is said to be missing that cannot be looked up.
  private boolean isMissing(String address) {
    return directory.filter(each -> !each.isKnown(address)).isPresent();
  }

  private static String some(Set<String> addresses) {
    String first = String.join(", ", addresses.stream().limit(10).toList());
    return addresses.size() > 10 ? first + " and " + (addresses.size() - 10) + " more" : first;
  }

  private static List<String> read(Source source, MailFolder folder, List<ItemSummary> items)
      throws IOException {
    List<String> messages = new ArrayList<>();
    try (ItemReader reader = source.read(folder, items)) {
      for (Optional<ReadItem> next = reader.next(); next.isPresent(); next = reader.next()) {
        switch (next.get()) {
          case ReadItem.Found(ItemSummary _, var content) -> {
            try (content;
                InputStream in = content.open()) {
              messages.add(
                  new String(in.readNBytes(HEADER_BYTES_MAX), StandardCharsets.ISO_8859_1));
            }
          }
          case ReadItem.Missing _, ReadItem.Unreadable _ -> {}
        }
      }
    }
    return messages;
  }
}
