package org.mailstead.migration.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.migration.imap.AllMail;
import org.mailstead.migration.imap.ImapServerAddress;
import org.mailstead.migration.imap.Provider;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.Source;
import org.mailstead.migration.item.Target;
import org.mailstead.migration.plan.EndSettings;
import org.mailstead.migration.plan.FolderRules;
import org.mailstead.migration.plan.MailboxEntry;
import org.mailstead.migration.plan.MigrationSettings;
import org.mailstead.migration.transfer.FolderPair;

/// Looks at both ends and says what a run would do. Changes nothing.
public final class Planner {
  /// Mailboxes above this are named in the plan (MIG-7).
  public static final long MANY_ITEMS = 100_000;

  /// @param oversizeCount items larger than the target takes
  public record FolderPlan(
      String source, String target, String role, long items, long bytes, long oversizeCount) {}

  /// @param problems what must be looked at first
  /// @param notes what is good to know
  public record MailboxPlan(
      String name, List<FolderPlan> folders, List<String> notes, List<String> problems) {
    public long items() {
      return folders.stream().mapToLong(FolderPlan::items).sum();
    }

    public long bytes() {
      return folders.stream().mapToLong(FolderPlan::bytes).sum();
    }
  }

  private final MigrationSettings settings;

  public Planner(MigrationSettings settings) {
    this.settings = settings;
  }

  public List<MailboxPlan> plan() throws IOException {
    Path spool = Files.createTempDirectory("mailstead-plan");
    try {
      List<MailboxPlan> plans = new ArrayList<>();
      for (MailboxEntry mailbox : settings.mailboxes()) plans.add(plan(mailbox, spool));
      return plans;
    } finally {
      Files.deleteIfExists(spool);
    }
  }

  private MailboxPlan plan(MailboxEntry mailbox, Path spoolFolder) {
    List<String> problems = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    List<FolderPlan> folders = new ArrayList<>();
    ContentSpool spool = new ContentSpool(spoolFolder, 1 << 20);
    List<MailFolder> there = new ArrayList<>();
    long itemBytesMax = settings.transfer().itemBytesMax();
    try (Target target = Ends.target(settings.target(), mailbox, spool)) {
      there.addAll(target.folders());
      itemBytesMax = Math.min(itemBytesMax, target.itemBytesMax());
      long present = there.stream().mapToLong(f -> Math.max(0, f.itemCount())).sum();
      if (present > 0 && !Files.exists(settings.ledger(mailbox))) {
        notes.add(
            present + " messages are in the target already: copies among them are recognised");
      }
    } catch (IOException | RefusedException | UnavailableException e) {
      problems.add("the target cannot be opened: " + e.getMessage());
    }
    try (Source source = Ends.source(settings.source(), mailbox, spool)) {
      List<MailFolder> all = source.folders();
      FolderRules.Mapped mapped = settings.folders().map(all, there);
      notes.addAll(mapped.notes());
      if (settings.source() instanceof EndSettings.Imap(ImapServerAddress server, var _)
          && server.provider() == Provider.GMAIL) {
        notes.add(allMailNote(server.allMail()));
      }
      for (String unused : settings.folders().unused(all)) {
        notes.add("the settings map " + unused + ", which the source does not have");
      }
      for (FolderPair pair : mapped.pairs()) {
        folders.add(folder(source, pair, itemBytesMax));
      }
    } catch (IOException | RefusedException | UnavailableException e) {
      problems.add("the source cannot be read: " + e.getMessage());
    }
    MailboxPlan plan = new MailboxPlan(mailbox.name(), folders, notes, problems);
    long oversize = folders.stream().mapToLong(FolderPlan::oversizeCount).sum();
    if (oversize > 0) {
      problems.add(
          "%d messages are larger than %d octets and will be set aside"
              .formatted(oversize, itemBytesMax));
    }
    if (plan.items() > MANY_ITEMS)
      notes.add("more than " + MANY_ITEMS + " messages: plan time for it");
    return plan;
  }

  private static String allMailNote(AllMail allMail) {
    return switch (allMail) {
      case UNLABELLED ->
          "a message with several labels goes into the folder of each; of All Mail only what has no label that is carried over";
      case EVERYTHING -> "All Mail goes along whole: labelled messages are there once more";
      case SKIP -> "All Mail is left out: archived messages without a label stay behind";
    };
  }

  private static FolderPlan folder(Source source, FolderPair pair, long itemBytesMax)
      throws IOException {
    long items = 0;
    long bytes = 0;
    long oversize = 0;
    if (source.list(pair.source(), Optional.empty())
        instanceof FolderListing.Complete(List<ItemSummary> all, String _)) {
      for (ItemSummary item : all) {
        items++;
        bytes += Math.max(0, item.sizeBytes());
        if (item.sizeBytes() > itemBytesMax) oversize++;
      }
    }
    return new FolderPlan(
        pair.source().path().text(),
        pair.target().text(),
        pair.role().name(),
        items,
        bytes,
        oversize);
  }

  /// Text for a person: each mailbox, each folder, sizes, expected time, notes.
  ///
  /// @param messagesPerSecond what the slower end is expected to bear
  public static String text(List<MailboxPlan> plans, double messagesPerSecond) {
    StringBuilder out = new StringBuilder();
    long items = 0;
    long bytes = 0;
    for (MailboxPlan plan : plans) {
      out.append(plan.name())
          .append(": ")
          .append(plan.items())
          .append(" messages, ")
          .append(StatusText.bytes(plan.bytes()))
          .append('\n');
      for (FolderPlan folder : plan.folders()) {
        out.append(
            "  %s -> %s: %d, %s%s\n"
                .formatted(
                    folder.source(),
                    folder.target(),
                    folder.items(),
                    StatusText.bytes(folder.bytes()),
                    folder.oversizeCount() > 0
                        ? ", " + folder.oversizeCount() + " too large"
                        : ""));
      }
      plan.notes().forEach(note -> out.append("  note: ").append(note).append('\n'));
      plan.problems().forEach(text -> out.append("  PROBLEM: ").append(text).append('\n'));
      items += plan.items();
      bytes += plan.bytes();
    }
    out.append("together: %d messages, %s".formatted(items, StatusText.bytes(bytes)));
    if (messagesPerSecond > 0) {
      long seconds = (long) (items / messagesPerSecond);
      out.append(
          ", about %s at %.0f messages a second"
              .formatted(
                  StatusText.time(java.time.Duration.ofSeconds(seconds)), messagesPerSecond));
    }
    return out.append('\n').toString();
  }
}
