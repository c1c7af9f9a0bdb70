package org.mailstead.migration.imap;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What is peculiar to the IMAP servers that people come from and go to.
public enum Provider {
  GENERIC(4, 6, Set.of()),
  /// Drops connections under load; few at a time.
  WORKMAIL(2, 1, Set.of()),
  /// Labels are folders; everything is in All Mail once more.
  GMAIL(4, 1, Set.of("[Gmail]/Important", "[Gmail]/Starred", "[Google Mail]/Starred")),
  /// No SPECIAL-USE, no MULTIAPPEND, folders of other item classes among the mail folders.
  MICROSOFT365(
      4,
      4,
      Set.of(
          "Calendar",
          "Contacts",
          "Tasks",
          "Notes",
          "Journal",
          "Outbox",
          "Sync Issues",
          "Conversation History",
          "Files")),
  EXCHANGE(
      4, 4, Set.of("Calendar", "Contacts", "Tasks", "Notes", "Journal", "Outbox", "Sync Issues")),
  DOVECOT(4, 8, Set.of()),
  CYRUS(4, 6, Set.of());

  private final int connectionsMax;
  private final int batchesInFlight;

  // Only ever a Set.of.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Set<String> passedOver;

  Provider(int connectionsMax, int batchesInFlight, Set<String> passedOver) {
    this.connectionsMax = connectionsMax;
    this.batchesInFlight = batchesInFlight;
    this.passedOver = passedOver;
  }

  /// Connections to one mailbox that the server bears well.
  public int connectionsMax() {
    return connectionsMax;
  }

  /// Messages in one MULTIAPPEND, where the server has it.
  public int batchItemsMax() {
    return 100;
  }

  /// Batches on the way to the server before an answer is awaited.
  public int batchesInFlight() {
    return batchesInFlight;
  }

  /// Folders that hold no mail of their own, by path, those below them included.
  public Set<String> passedOver() {
    return passedOver;
  }

  /// The provider by its name in the settings.
  public static Provider parse(String name) {
    for (Provider provider : values()) {
      if (provider.name().equalsIgnoreCase(name.replace("-", ""))) return provider;
    }
    throw new IllegalArgumentException(
        "unknown profile '%s': one of %s"
            .formatted(
                name,
                List.of(values()).stream().map(p -> p.name().toLowerCase(Locale.ROOT)).toList()));
  }
}
