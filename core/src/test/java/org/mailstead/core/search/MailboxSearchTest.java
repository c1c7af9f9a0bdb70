package org.mailstead.core.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.content.Contents;
import org.mailstead.core.keys.LocalKeyService;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.core.mailbox.NewMessage;
import org.mailstead.core.mailbox.TextCandidates;
import org.mailstead.store.MemoryStore;

/// The index behind a real mailbox: what it finds, and that nothing new is missed.
final class MailboxSearchTest {
  @TempDir Path folder;

  private static NewMessage message(String subject, String body) {
    String text =
        "Subject: "
            + subject
            + "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
            + body
            + "\r\n";
    return new NewMessage(
        Content.of(text.getBytes(StandardCharsets.UTF_8)), 0, Set.of(), Instant.EPOCH);
  }

  @Test
  void aSearchFindsOldAndNewMessagesByPartsOfWords() throws Exception {
    InstantSource clock = InstantSource.system();
    SecureRandom random = new SecureRandom();
    try (MemoryStore store = new MemoryStore();
        TextIndexes indexes = new TextIndexes(folder.resolve("search"), clock)) {
      OrganizationKeys keys =
          new OrganizationKeys(
              store, LocalKeyService.open(folder.resolve("master.key"), store, random), random);
      Mailboxes mailboxes =
          new Mailboxes(
              store,
              keys,
              new Contents(store, random),
              clock,
              random,
              Mailboxes.CacheSettings.ofHeap(),
              Optional.of(indexes));
      Mailbox mailbox =
          mailboxes.create(
              new OrganizationId("m-0123456789abcdef0123456789abcdef"),
              new MailboxId("search"),
              1L << 30);
      FolderId inbox = mailbox.findFolder(List.of("INBOX")).orElseThrow().id();
      assertThat(mailbox.textCandidates(inbox, List.of("word"))).as("small: no index").isEmpty();

      List<NewMessage> many = new ArrayList<>();
      for (int i = 0; i < 400; i++) many.add(message("letter " + i, "body with token" + i + "x"));
      many.add(message("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Über die Brücke"));
      mailbox.append(inbox, many);
      assertThat(uids(mailbox, inbox, "oken39"))
          .containsExactly(40L, 391L, 392L, 393L, 394L, 395L, 396L, 397L, 398L, 399L, 400L);
      assertThat(uids(mailbox, inbox, "brucke")).contains(401L).hasSizeLessThan(10);
      assertThat(uids(mailbox, inbox, "nowhere")).isEmpty();

      mailbox.append(inbox, List.of(message("late", "a zyzzyva")));
      assertThat(uids(mailbox, inbox, "zyzzyva")).as("not indexed yet").contains(402L);

      mailbox.expunge(inbox, new long[] {40});
      assertThat(uids(mailbox, inbox, "token39x")).as("not deleted: no \\Deleted").contains(40L);
    }
  }

  private static SortedSet<Long> uids(Mailbox mailbox, FolderId folder, String text) {
    TextCandidates found = mailbox.textCandidates(folder, List.of(text)).orElseThrow();
    SortedSet<Long> uids = new TreeSet<>();
    for (long uid : found.possible()) uids.add(uid);
    for (long uid : found.sure()) uids.add(uid);
    return uids;
  }
}
