package org.mailstead.core.spam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.EmailId;
import org.mailstead.base.EntityId;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.NewMessage;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;

final class SpamModelsTest {
  private final CoreFixture core = new CoreFixture();
  private final GeneratedMail mail = new GeneratedMail(7);
  private long email = 1;

  @AfterEach
  void closeAndCheck() {
    core.close();
  }

  private SpamModels models() {
    return core.learning().models();
  }

  private MailboxId mailbox(EntityId user) {
    return core.mailbox(user).id();
  }

  private void learn(EntityId user, boolean isSpam, int count) {
    List<SpamModels.Lesson> lessons = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lessons.add(new SpamModels.Lesson(new EmailId(email++), mail.tokens(isSpam), isSpam));
    }
    assertThat(models().learn(core.organization(), mailbox(user), lessons)).isEqualTo(count);
  }

  private Optional<BayesScore> score(EntityId user, MessageTokens tokens) {
    return models().score(core.organization(), Optional.of(mailbox(user)), tokens);
  }

  @Test
  void saysNothingUntilItHasSeenEnoughOfBothSorts() {
    learn(core.anna(), true, SpamLimits.TRAINED_MIN + 5);
    assertThat(score(core.anna(), mail.tokens(true))).isEmpty();
    learn(core.anna(), false, SpamLimits.TRAINED_MIN - 1);
    assertThat(score(core.anna(), mail.tokens(true))).isEmpty();
    assertThat(models().isTrained(core.organization(), Optional.of(mailbox(core.anna()))))
        .isFalse();
    learn(core.anna(), false, 1);
    assertThat(score(core.anna(), mail.tokens(true))).isPresent();
  }

  @Test
  void tellsSortsApartForTheUserWhoTaughtItAndForHisOrganization() {
    learn(core.anna(), true, 100);
    learn(core.anna(), false, 100);
    for (EntityId user : List.of(core.anna(), core.bert())) {
      int wrong = 0;
      for (int i = 0; i < 100; i++) {
        if (score(user, mail.tokens(true)).orElseThrow().probability() < 0.5) wrong++;
        if (score(user, mail.tokens(false)).orElseThrow().probability() > 0.5) wrong++;
      }
      assertThat(wrong).as("of 200").isLessThan(30);
    }
    assertThat(score(core.anna(), mail.tokens(true)).orElseThrow().isPersonal()).isTrue();
    assertThat(score(core.bert(), mail.tokens(true)).orElseThrow().isPersonal()).isFalse();
  }

  @Test
  void oneUsersWordBeatsTheOrganizationsForHim() {
    learn(core.anna(), true, 300);
    learn(core.anna(), false, 300);
    // What others call spam is what Bert works with.
    List<SpamModels.Lesson> lessons = new ArrayList<>();
    for (int i = 0; i < 2 * SpamLimits.SURE_MIN; i++) {
      lessons.add(new SpamModels.Lesson(new EmailId(email++), mail.tokens(i % 2 == 0), i % 2 != 0));
    }
    models().learn(core.organization(), mailbox(core.bert()), lessons);
    MessageTokens offer = mail.tokens(true);
    assertThat(score(core.bert(), offer).orElseThrow().probability()).isLessThan(0.5);
    assertThat(score(core.anna(), offer).orElseThrow().probability()).isGreaterThan(0.5);
  }

  @Test
  void oneThatHasSeenLittleDoesNotDecideAlone() {
    learn(core.anna(), true, SpamLimits.TRAINED_MIN);
    learn(core.anna(), false, SpamLimits.TRAINED_MIN);
    for (int i = 0; i < 100; i++) {
      assertThat(score(core.anna(), mail.tokens(true)).orElseThrow().points()).isLessThan(4);
    }
    learn(core.anna(), true, SpamLimits.SURE_MIN);
    learn(core.anna(), false, SpamLimits.SURE_MIN);
    boolean decides = false;
    for (int i = 0; i < 100; i++) {
      decides |= score(core.anna(), mail.tokens(true)).orElseThrow().points() >= 5;
    }
    assertThat(decides).isTrue();
  }

  @Test
  void aMessageCountsOnceAndCanBeTakenBack() {
    learn(core.anna(), true, 30);
    learn(core.anna(), false, 30);
    MessageTokens one = GeneratedMail.tokens("Subject: x\r\n\r\nunmistakable singularity\r\n");
    var spam = List.of(new SpamModels.Lesson(new EmailId(5_000), one, true));
    var good = List.of(new SpamModels.Lesson(new EmailId(5_000), one, false));
    MailboxId mailbox = mailbox(core.anna());
    assertThat(models().learn(core.organization(), mailbox, spam)).isEqualTo(1);
    double once = score(core.anna(), one).orElseThrow().probability();
    assertThat(once).isGreaterThan(0.7);
    assertThat(models().learn(core.organization(), mailbox, spam)).isZero();
    assertThat(score(core.anna(), one).orElseThrow().probability()).isEqualTo(once);
    assertThat(models().learn(core.organization(), mailbox, good)).isEqualTo(1);
    assertThat(score(core.anna(), one).orElseThrow().probability()).isLessThan(0.3);
  }

  @Test
  void outlivesARestart() {
    learn(core.anna(), true, 30);
    learn(core.anna(), false, 30);
    MessageTokens tokens = mail.tokens(true);
    double before = score(core.anna(), tokens).orElseThrow().probability();
    core.reopen();
    assertThat(score(core.anna(), tokens).orElseThrow().probability()).isEqualTo(before);
  }

  @Test
  void staysWithinItsBoundsWhateverIsLearned() {
    var random = new Random(3);
    for (int round = 0; round < 60; round++) {
      List<SpamModels.Lesson> lessons = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        var body = new StringBuilder("Subject: flood\r\n\r\n");
        for (int word = 0; word < 3_000; word++) body.append(random.nextInt()).append("x ");
        lessons.add(
            new SpamModels.Lesson(
                new EmailId(email++), GeneratedMail.tokens(body.toString()), round % 2 == 0));
      }
      models().learn(core.organization(), mailbox(core.anna()), lessons);
    }
    // 240,000 different words: the commits would be refused if rows or their sum grew too large.
    int rows = rows(new PartitionId("spam/" + core.organization().value())).size();
    assertThat(rows).isLessThanOrEqualTo(SpamLimits.BUCKETS + 1);
  }

  @Test
  void wordsAreNowhereInTheStore() {
    MessageTokens tokens = GeneratedMail.tokens("Subject: x\r\n\r\nplantedword plantedword\r\n");
    models()
        .learn(
            core.organization(),
            mailbox(core.anna()),
            List.of(new SpamModels.Lesson(new EmailId(1), tokens, true)));
    models().note(core.organization(), List.of("planted@address.example"), List.of());
    for (String prefix : List.of("spam/", "spam-mailbox/", "spam-senders/")) {
      List<PartitionId> partitions = core.store().partitions(prefix, Optional.empty(), 10);
      assertThat(partitions).isNotEmpty();
      for (PartitionId partition : partitions) {
        for (Store.StoredRow row : rows(partition)) {
          String text =
              new String(row.key(), StandardCharsets.ISO_8859_1)
                  + new String(row.value(), StandardCharsets.ISO_8859_1);
          assertThat(text).doesNotContain("planted");
        }
      }
    }
  }

  private List<Store.StoredRow> rows(PartitionId partition) {
    List<Store.StoredRow> all = new ArrayList<>();
    Optional<byte[]> after = Optional.empty();
    do {
      Store.ScanPage page = core.store().scan(partition, after);
      all.addAll(page.rows());
      after = page.next();
    } while (after.isPresent());
    return all;
  }

  @Test
  void forgetsWithTheOrganizationsKeyAndWithTheMailbox() {
    learn(core.anna(), true, 30);
    learn(core.anna(), false, 30);
    models().note(core.organization(), List.of("friend@far.example"), List.of());
    MailboxId anna = mailbox(core.anna());
    core.mailboxes().delete(anna);
    assertThat(core.store().version(new PartitionId("spam-mailbox/" + anna.value()))).isZero();
    assertThat(models().score(core.organization(), Optional.of(anna), mail.tokens(true)))
        .hasValueSatisfying(score -> assertThat(score.isPersonal()).isFalse());
    core.keys().destroy(core.organization());
    assertThat(models().score(core.organization(), Optional.empty(), mail.tokens(true))).isEmpty();
    assertThat(models().sweep()).isEqualTo(2);
    assertThat(core.store().partitions("spam", Optional.empty(), 10)).isEmpty();
  }

  @Test
  void knowsSenders() {
    SenderStanding unknown = models().standing(core.organization(), "a@far.example", "far.example");
    assertThat(unknown).isEqualTo(SenderStanding.unknown());
    assertThat(unknown.points()).isZero();
    models()
        .note(
            core.organization(),
            List.of("A@Far.example"),
            List.of(new SpamModels.Note("bad.example", true, 50)));
    SenderStanding friend = models().standing(core.organization(), "a@far.example", "far.example");
    assertThat(friend.isCorrespondent()).isTrue();
    assertThat(friend.points()).isLessThan(-3);
    SenderStanding bad = models().standing(core.organization(), "x@bad.example", "bad.example");
    assertThat(bad.points()).isGreaterThan(1.5).isLessThanOrEqualTo(2);
  }

  @Test
  void learnsFromMoves() throws Exception {
    Mailbox mailbox = core.mailbox(core.anna());
    FolderId inbox = mailbox.inbox();
    FolderId junk = folder(mailbox, "Junk E-mail");
    FolderId trash = folder(mailbox, "Deleted Items");
    FolderId archive = folder(mailbox, "Archive");
    FolderId own = mailbox.createFolder(List.of("Projects"), Optional.empty()).id();
    List<NewMessage> messages = new ArrayList<>();
    for (int i = 0; i < 80; i++) messages.add(message(mail.message(i < 40)));
    mailbox.append(inbox, messages);
    FolderView view = mailbox.view(inbox);
    long[] spam = uids(view, 1, 40);
    mailbox.move(inbox, spam, junk);
    core.learning().flush();
    assertThat(models().isTrained(core.organization(), Optional.of(mailbox.id()))).isFalse();
    mailbox.copy(inbox, uids(view, 41, 55), archive);
    mailbox.move(inbox, uids(view, 56, 70), own);
    // Neither a move into the trash nor one between other folders says anything.
    mailbox.move(inbox, uids(view, 71, 80), trash);
    mailbox.move(junk, uids(mailbox.view(junk), 1, 3), trash);
    core.learning().flush();
    assertThat(models().isTrained(core.organization(), Optional.of(mailbox.id()))).isTrue();
    assertThat(score(core.anna(), mail.tokens(true)).orElseThrow().probability())
        .isGreaterThan(0.5);
    assertThat(head(mailbox).spamMessages()).isEqualTo(40);
    assertThat(head(mailbox).hamMessages()).isEqualTo(30);
    // Out of the junk folder: it was a mistake.
    mailbox.move(junk, uids(mailbox.view(junk), 1, 1), inbox);
    core.learning().flush();
    assertThat(head(mailbox).spamMessages()).isEqualTo(39);
    assertThat(head(mailbox).hamMessages()).isEqualTo(31);
  }

  private CountModel.Head head(Mailbox mailbox) {
    return CountModel.Head.read(
        core.store()
            .get(
                new PartitionId("spam-mailbox/" + mailbox.id().value()),
                CountModel.HEAD,
                CountModel.ONLY)
            .orElseThrow());
  }

  private static FolderId folder(Mailbox mailbox, String name) {
    return mailbox.findFolder(List.of(name)).orElseThrow().id();
  }

  private NewMessage message(String text) {
    return new NewMessage(
        Content.of(text.getBytes(StandardCharsets.UTF_8)), 0, Set.of(), core.clock().instant());
  }

  private static long[] uids(FolderView view, int from, int to) {
    long[] uids = new long[to - from + 1];
    for (int i = 0; i < uids.length; i++) uids[i] = view.uid(from + i);
    return uids;
  }

  @Test
  void chiSquareAndSipHashAsPublished() {
    // Abramowitz and Stegun, table 26.8: 5 % points.
    assertThat(Bayes.chiSquare(5.99146, 2)).isCloseTo(0.05, within(1e-5));
    assertThat(Bayes.chiSquare(18.3070, 10)).isCloseTo(0.05, within(1e-5));
    assertThat(Bayes.chiSquare(2_000, 300)).isCloseTo(0, within(1e-12));
    byte[] key = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
    byte[] input = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e");
    // The SipHash paper, appendix A.
    assertThat(new SipHash(key).hash(input)).isEqualTo(0xa129ca6149be45e5L);
  }
}
