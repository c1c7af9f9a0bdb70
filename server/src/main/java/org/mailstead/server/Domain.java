package org.mailstead.server;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.access.AccessRules;
import org.mailstead.core.content.Contents;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryCheck;
import org.mailstead.core.directory.DirectorySettings;
import org.mailstead.core.directory.HealthProbe;
import org.mailstead.core.directory.MailboxProvider;
import org.mailstead.core.directory.OrganizationHealth;
import org.mailstead.core.directory.Passwords;
import org.mailstead.core.domains.DomainCheckSettings;
import org.mailstead.core.domains.MailDomainChecks;
import org.mailstead.core.export.Exports;
import org.mailstead.core.export.MailboxArchive;
import org.mailstead.core.flow.FlowCheck;
import org.mailstead.core.flow.FlowMessages;
import org.mailstead.core.keys.LocalKeyService;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.mailbox.MailboxCheck;
import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.core.policy.RetentionJob;
import org.mailstead.core.policy.RetentionPolicies;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.QueueCheck;
import org.mailstead.core.search.TextIndexes;
import org.mailstead.core.signing.DkimKeys;
import org.mailstead.core.spam.SpamLearning;
import org.mailstead.core.spam.SpamModels;
import org.mailstead.core.trace.MessageTrace;
import org.mailstead.core.trace.TraceSettings;
import org.mailstead.http.aws.AwsClient;
import org.mailstead.http.aws.AwsLimits;
import org.mailstead.http.aws.BucketTargets;
import org.mailstead.http.aws.Buckets;
import org.mailstead.interop.DirectorySynchronization;
import org.mailstead.interop.LdapDirectories;
import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;
import org.mailstead.store.StoreCheck;
import org.mailstead.store.rocksdb.DataFolderException;
import org.mailstead.store.rocksdb.RocksSettings;
import org.mailstead.store.rocksdb.RocksStore;

/// The store and everything in `core` that works on it, joined by constructors, without any
/// listener: what `serve` and the offline words share. Closing it closes the store.
public final class Domain implements AutoCloseable {
  private static final String NODE = "node-1";
  private static final int SPOOL_MEMORY_BYTES = 1 << 20;

  private final DataFolder data;
  private final RocksStore store;
  private final LocalKeyService keyService;
  private final AwsClient kms;
  private final OrganizationKeys keys;
  private final Contents contents;
  private final TextIndexes indexes;
  private final SpamLearning spam;
  private final Mailboxes mailboxes;
  private final Passwords passwords;
  private final LdapDirectories directories;
  private final Directory directory;
  private final DirectorySynchronization synchronization;
  private final AccessRules accessRules;
  private final DomainCheckSettings domainSettings;
  private final MailDomainChecks domainChecks;
  private final RetentionJob retentionPolicies;
  private final MailQueue queue;
  private final FlowMessages flow;
  private final MessageTrace trace;
  private final Buckets buckets;
  private final MailboxArchive archive;
  private final Exports exports;
  private final List<HealthProbe> healthProbes;
  private final InstantSource clock = InstantSource.system();
  private final RandomGenerator random = new SecureRandom();

  private Domain(DataFolder data, Settings settings, RocksStore store) {
    this.data = data;
    this.store = store;
    keyService = LocalKeyService.open(data.masterKey(), store, random);
    kms = new AwsClient(clock, random, Thread::sleep, AwsLimits.PROMPT);
    keys =
        new OrganizationKeys(
            store, keyService, CustomerKeySettings.open(settings, kms), clock, random);
    contents = new Contents(store, random);
    indexes = new TextIndexes(data.search(), clock);
    spam = new SpamLearning(new SpamModels(store, keys, clock, random));
    mailboxes =
        new Mailboxes(
            store,
            keys,
            contents,
            clock,
            random,
            Mailboxes.CacheSettings.ofHeap(),
            Optional.of(indexes),
            Optional.of(spam));
    passwords = new Passwords(Passwords.Cost.standard(), random);
    directories = new LdapDirectories(ConnectedDirectorySettings.read(settings, System.getenv()));
    directory =
        new Directory(
            store,
            keys,
            MailboxProvider.of(mailboxes),
            passwords,
            new DirectorySettings(
                settings.text("server.test-domain-suffix"),
                settings.text("server.region"),
                Set.copyOf(settings.texts("domains.verified")),
                DirectoryLimitSettings.read(settings),
                directories),
            clock,
            random);
    accessRules = new AccessRules(directory, clock);
    domainSettings = DomainNames.checkSettings(settings, kms, clock);
    domainChecks =
        new MailDomainChecks(
            directory, new DkimKeys(directory, keys, clock), domainSettings, clock);
    retentionPolicies =
        new RetentionJob(directory, new RetentionPolicies(directory, random), mailboxes, clock);
    queue = new MailQueue(store, contents, keys, clock, random, NODE);
    flow = new FlowMessages(store, contents, keys, clock, random);
    trace =
        new MessageTrace(
            store,
            keys,
            new TraceSettings(
                Math.max(0, settings.count("trace.keep-days")),
                TraceSettings.standard().queuedMax()),
            clock,
            random);
    buckets = BucketSettings.open(settings, clock, random);
    archive = new MailboxArchive(new ContentSpool(data.spool(), SPOOL_MEMORY_BYTES), clock);
    exports = new Exports(directory, mailboxes, archive, new BucketTargets(buckets), clock, random);
    synchronization = new DirectorySynchronization(directories, directory, clock);
    healthProbes = List.of(OrganizationHealth.ofKeys(keys), synchronization.health());
  }

  /// Opens the store of this folder, making it if it is new.
  ///
  /// @throws RefusedException WRONG_STATE: the folder is in use, from a newer version, or its key
  ///   file is missing; one line
  public static Domain open(DataFolder data, Settings settings) {
    long cacheBytes = settings.number("store.cache-megabytes") << 20;
    if (cacheBytes < RocksSettings.CACHE_BYTES_MIN) {
      throw new SettingsException(
          "store.cache-megabytes: at least " + (RocksSettings.CACHE_BYTES_MIN >> 20));
    }
    RocksStore store;
    try {
      store =
          RocksStore.open(
              new RocksSettings(data.store(), cacheBytes, RocksSettings.SEGMENT_BYTES_USUAL),
              InstantSource.system(),
              new SecureRandom());
    } catch (DataFolderException e) {
      throw new RefusedException(Refusal.WRONG_STATE, String.valueOf(e.getMessage()));
    }
    try {
      return new Domain(data, settings, store);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /// Walks the whole store, in use or not.
  public StoreCheck.Result check() {
    return new StoreCheck(
            store,
            List.of(
                new MailboxCheck(keys), new DirectoryCheck(), new QueueCheck(), new FlowCheck()))
        .run();
  }

  DataFolder data() {
    return data;
  }

  RocksStore store() {
    return store;
  }

  LocalKeyService keyService() {
    return keyService;
  }

  OrganizationKeys keys() {
    return keys;
  }

  Contents contents() {
    return contents;
  }

  Mailboxes mailboxes() {
    return mailboxes;
  }

  Directory directory() {
    return directory;
  }

  LdapDirectories directories() {
    return directories;
  }

  /// Connected directories, every four hours and on demand.
  DirectorySynchronization synchronization() {
    return synchronization;
  }

  DomainCheckSettings domainSettings() {
    return domainSettings;
  }

  MailDomainChecks domainChecks() {
    return domainChecks;
  }

  AccessRules accessRules() {
    return accessRules;
  }

  /// The job that carries out the organizations' retention policies.
  RetentionJob retentionPolicies() {
    return retentionPolicies;
  }

  /// What the built-in spam filter has learned and learns.
  SpamLearning spam() {
    return spam;
  }

  Passwords passwords() {
    return passwords;
  }

  MailQueue queue() {
    return queue;
  }

  /// What decides whether an organization is impaired.
  List<HealthProbe> healthProbes() {
    return healthProbes;
  }

  /// Contents of messages in mail flow, for the message-flow API.
  FlowMessages flow() {
    return flow;
  }

  /// What became of messages.
  MessageTrace trace() {
    return trace;
  }

  /// The operator's buckets, for whoever writes or reads there.
  Buckets buckets() {
    return buckets;
  }

  MailboxArchive archive() {
    return archive;
  }

  Exports exports() {
    return exports;
  }

  InstantSource clock() {
    return clock;
  }

  RandomGenerator random() {
    return random;
  }

  @Override
  public void close() {
    exports.close();
    buckets.close();
    trace.close();
    flow.close();
    kms.close();
    synchronization.close();
    directory.close();
    directories.close();
    passwords.close();
    spam.close();
    indexes.close();
    store.close();
  }
}
