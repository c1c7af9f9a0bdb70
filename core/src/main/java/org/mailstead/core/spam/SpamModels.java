package org.mailstead.core.spam;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.mailstead.base.EmailId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.outbox.Commits;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.Versions;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The learned tables of all organizations and mailboxes (docs/decisions/0068-learned-spam.md).
///
/// Three sorts, each a partition of its own: what an organization's users taught, what the user of
/// a mailbox taught, and what the organization knows of senders. A table that is in use is held in
/// memory, within [SpamLimits#CACHE_BYTES_MAX]. A lesson is one commit in the mailbox's table and
/// one in the organization's; a crash between the two loses the second, never counts one twice.
/// Thread-safe.
public final class SpamModels implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SpamModels.class);

  private static final String ORGANIZATION = "spam/";
  private static final String MAILBOX = "spam-mailbox/";
  private static final String SENDERS = "spam-senders/";
  private static final int LESSON_FORMAT = 1;
  private static final int LESSONS_DROPPED = 1_000;
  private static final int PAGE_COUNT = 500;
  private static final long DAY_MILLIS = 86_400_000L;

  private final Store store;
  private final OrganizationKeys keys;
  private final Versions versions;
  private final Commits commits;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Cache<PartitionId, Loaded> loaded;

  /// A table in memory; without one, nothing was learned.
  private record Loaded(long version, Optional<CountModel> model, Optional<SipHash> hash) {}

  /// A message to be learned.
  ///
  /// @param isSpam what its user says it is
  public record Lesson(EmailId email, MessageTokens tokens, boolean isSpam) {}

  /// A message that came in, for the standing of its sender.
  ///
  /// @param domain that is surely its author's
  /// @param weight how many messages it counts for
  public record Note(String domain, boolean isSpam, int weight) {}

  /// `random` makes keys: it must be fit for secrets.
  public SpamModels(
      Store store, OrganizationKeys keys, InstantSource clock, RandomGenerator random) {
    this.store = store;
    this.keys = keys;
    this.versions = new Versions(store);
    this.commits = new Commits(store, versions, random);
    this.clock = clock;
    this.random = random;
    this.loaded =
        Caffeine.newBuilder()
            .maximumWeight(SpamLimits.CACHE_BYTES_MAX)
            .weigher(
                (PartitionId id, Loaded each) -> each.model.map(CountModel::weight).orElse(200))
            .build();
  }

  /// Whether a Bayes filter of the organization, or of the mailbox, has learned enough to speak.
  public boolean isTrained(OrganizationId organization, Optional<MailboxId> mailbox) {
    return trained(organization, mailbox).isPresent();
  }

  private record Trained(CountModel model, SipHash hash, boolean isPersonal) {}

  /// The mailbox's own where it has seen much, or where the organization has seen too little.
  private Optional<Trained> trained(OrganizationId organization, Optional<MailboxId> mailbox) {
    Optional<Trained> personal =
        mailbox.flatMap(id -> trained(organization, mailboxPartition(id), true));
    if (personal.filter(found -> found.model.head().isSure()).isPresent()) return personal;
    return trained(organization, organizationPartition(organization), false).or(() -> personal);
  }

  private Optional<Trained> trained(
      OrganizationId organization, PartitionId partition, boolean isPersonal) {
    Loaded table = table(organization, partition);
    return table
        .model
        .filter(model -> model.head().isTrained())
        .map(model -> new Trained(model, table.hash.orElseThrow(), isPersonal));
  }

  /// Whether it is the mailbox's own filter that speaks.
  public boolean isPersonal(OrganizationId organization, MailboxId mailbox) {
    return trained(organization, Optional.of(mailbox)).filter(Trained::isPersonal).isPresent();
  }

  /// What the mailbox's filter says, or the organization's; empty if neither has learned enough, or
  /// what they learned cannot be read now.
  public Optional<BayesScore> score(
      OrganizationId organization, Optional<MailboxId> mailbox, MessageTokens tokens) {
    return trained(organization, mailbox)
        .map(found ->
            new BayesScore(
                Bayes.probability(found.model, tokens.hashes(found.hash)),
                found.isPersonal,
                found.model.head().isSure()));
  }

  /// What is known of a sender.
  ///
  /// @param address as a user would write to it
  public SenderStanding standing(OrganizationId organization, String address, String domain) {
    Loaded table = table(organization, sendersPartition(organization));
    if (table.model.isEmpty()) return SenderStanding.unknown();
    CountModel model = table.model.get();
    SipHash hash = table.hash.orElseThrow();
    long byDomain = hash.hash(octets(domainToken(domain)));
    return new SenderStanding(
        model.hamOf(hash.hash(octets(addressToken(address)))) > 0,
        model.spamOf(byDomain),
        model.hamOf(byDomain));
  }

  private Loaded table(OrganizationId organization, PartitionId partition) {
    try {
      // Not even from memory once the organization's key is gone.
      keys.checkUsable(organization);
      // Asked before reading: what is read may be newer than this version, never older.
      long version = versions.known(partition);
      Loaded known = loaded.getIfPresent(partition);
      if (known != null && known.version >= version) return known;
      Optional<CountModel> model = CountModel.load(store, partition, keys);
      Loaded fresh =
          new Loaded(
              version, model, model.map(found -> CountModel.Keys.open(keys, found.head()).hash()));
      loaded.put(partition, fresh);
      return fresh;
    } catch (RefusedException | UnavailableException | IllegalStateException e) {
      // A message is not held up because nobody remembers what spam looks like.
      LOG.warn("{} cannot be read: {}", partition, e.getMessage());
      return new Loaded(0, Optional.empty(), Optional.empty());
    }
  }

  /// Learns from messages of one mailbox. One that was learned as the same before is passed over;
  /// as the other, that is taken back.
  ///
  /// @return how many changed something
  /// @throws RefusedException WRONG_STATE: the organization's key was destroyed
  public int learn(OrganizationId organization, MailboxId mailbox, List<Lesson> lessons) {
    List<Applied> applied = new ArrayList<>();
    commits.change(
        mailboxPartition(mailbox),
        commit -> {
          applied.clear();
          for (Lesson lesson : lessons) {
            byte[] key = ByteBuffer.allocate(8).putLong(lesson.email.value()).array();
            Optional<Boolean> before =
                commit.get(CountModel.LESSONS, key).map(value -> value[1] == 1);
            if (before.equals(Optional.of(lesson.isSpam))) continue;
            if (applied.stream().anyMatch(each -> each.lesson.email.equals(lesson.email))) continue;
            applied.add(new Applied(lesson, before.isPresent()));
            byte[] value = {LESSON_FORMAT, (byte) (lesson.isSpam ? 1 : 0)};
            commit.put(CountModel.LESSONS, key, value);
          }
          long fresh = applied.stream().filter(each -> !each.wasOther).count();
          apply(commit, organization, applied, fresh);
          return applied.size();
        });
    if (applied.isEmpty()) return 0;
    commits.change(
        organizationPartition(organization),
        commit -> {
          apply(commit, organization, applied, 0);
          return true;
        });
    return applied.size();
  }

  /// @param wasOther it was learned as the other sort before
  private record Applied(Lesson lesson, boolean wasOther) {}

  private void apply(
      PartitionChange commit, OrganizationId organization, List<Applied> applied, long lessons) {
    if (applied.isEmpty()) return;
    CountModel.Head head = head(commit, organization);
    CountModel.Keys opened = CountModel.Keys.open(keys, head);
    List<CountRow.Change> changes = new ArrayList<>();
    int spam = 0;
    int ham = 0;
    for (Applied each : applied) {
      boolean isSpam = each.lesson.isSpam;
      int other = each.wasOther ? -1 : 0;
      int spamChange = isSpam ? 1 : other;
      int hamChange = isSpam ? other : 1;
      spam += spamChange;
      ham += hamChange;
      for (long hash : each.lesson.tokens.hashes(opened.hash())) {
        changes.add(new CountRow.Change(hash, spamChange, hamChange));
      }
    }
    CountModel.Head after =
        head.with(
            head.spamMessages() + spam, head.hamMessages() + ham, head.lessonCount() + lessons);
    boolean halve = Math.max(after.spamMessages(), after.hamMessages()) > SpamLimits.MESSAGES_MAX;
    write(commit, opened, changes, halve);
    if (halve) {
      after = after.with(after.spamMessages() / 2, after.hamMessages() / 2, after.lessonCount());
    }
    if (after.lessonCount() > SpamLimits.LESSONS_MAX) after = dropOldLessons(commit, after);
    commit.put(CountModel.HEAD, CountModel.ONLY, after.value());
  }

  private void write(
      PartitionChange commit,
      CountModel.Keys opened,
      List<CountRow.Change> changes,
      boolean halve) {
    int day = (int) (clock.millis() / DAY_MILLIS);
    var byRow = CountModel.byRow(changes);
    for (int bucket = 0; bucket < SpamLimits.BUCKETS; bucket++) {
      List<CountRow.Change> here = byRow.getOrDefault(bucket, List.of());
      if (here.isEmpty() && !halve) continue;
      CountModel.write(
          commit,
          opened.sealing(),
          bucket,
          row -> halve ? row.with(here, day).halved() : row.with(here, day));
    }
  }

  /// Email ids grow with time.
  private static CountModel.Head dropOldLessons(PartitionChange commit, CountModel.Head head) {
    List<Row> oldest = commit.range(CountModel.LESSONS, Range.all(), LESSONS_DROPPED).rows();
    oldest.forEach(row -> commit.delete(CountModel.LESSONS, row.key()));
    return head.with(head.spamMessages(), head.hamMessages(), head.lessonCount() - oldest.size());
  }

  private CountModel.Head head(PartitionChange commit, OrganizationId organization) {
    return commit
        .get(CountModel.HEAD, CountModel.ONLY)
        .map(CountModel.Head::read)
        .orElseGet(() -> CountModel.fresh(organization, keys, random));
  }

  /// Notes whom users have written to, and what came from where.
  ///
  /// @throws RefusedException WRONG_STATE: the organization's key was destroyed
  public void note(OrganizationId organization, List<String> writtenTo, List<Note> notes) {
    commits.change(
        sendersPartition(organization),
        commit -> {
          CountModel.Head head = head(commit, organization);
          CountModel.Keys opened = CountModel.Keys.open(keys, head);
          List<CountRow.Change> changes = new ArrayList<>();
          for (String address : writtenTo) {
            changes.add(
                new CountRow.Change(opened.hash().hash(octets(addressToken(address))), 0, 1));
          }
          for (Note note : notes) {
            long hash = opened.hash().hash(octets(domainToken(note.domain)));
            changes.add(
                new CountRow.Change(
                    hash, note.isSpam ? note.weight : 0, note.isSpam ? 0 : note.weight));
          }
          write(commit, opened, changes, false);
          commit.put(CountModel.HEAD, CountModel.ONLY, head.value());
          return true;
        });
  }

  /// What a mailbox taught its own filter goes with it.
  public void forget(MailboxId mailbox) {
    drop(mailboxPartition(mailbox));
  }

  private void drop(PartitionId partition) {
    if (store.version(partition) == 0) return;
    store.drop(partition);
    versions.forget(partition);
    loaded.invalidate(partition);
  }

  /// Removes what belongs to organizations whose key was destroyed: unreadable already. To be
  /// called every hour or so.
  ///
  /// @return how many tables went
  public int sweep() {
    int dropped = 0;
    for (String prefix : List.of(ORGANIZATION, SENDERS, MAILBOX)) {
      Optional<PartitionId> after = Optional.empty();
      while (true) {
        List<PartitionId> page = store.partitions(prefix, after, PAGE_COUNT);
        for (PartitionId partition : page) {
          if (!isOver(partition)) continue;
          drop(partition);
          dropped++;
        }
        if (page.size() < PAGE_COUNT) break;
        after = Optional.of(page.getLast());
      }
    }
    return dropped;
  }

  private boolean isOver(PartitionId partition) {
    Optional<byte[]> head = store.get(partition, CountModel.HEAD, CountModel.ONLY);
    if (head.isEmpty()) return false;
    try {
      keys.checkUsable(CountModel.Head.read(head.get()).organization());
      return false;
    } catch (RefusedException e) {
      return true;
    } catch (UnavailableException e) {
      return false;
    }
  }

  private static PartitionId organizationPartition(OrganizationId organization) {
    return new PartitionId(ORGANIZATION + organization.value());
  }

  private static PartitionId mailboxPartition(MailboxId mailbox) {
    return new PartitionId(MAILBOX + mailbox.value());
  }

  private static PartitionId sendersPartition(OrganizationId organization) {
    return new PartitionId(SENDERS + organization.value());
  }

  private static String addressToken(String address) {
    return "written:" + address.toLowerCase(Locale.ROOT);
  }

  private static String domainToken(String domain) {
    return "domain:" + domain.toLowerCase(Locale.ROOT);
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    versions.close();
  }
}
