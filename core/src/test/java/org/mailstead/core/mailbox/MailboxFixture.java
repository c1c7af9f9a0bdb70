package org.mailstead.core.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.mailstead.base.Content;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.content.Contents;
import org.mailstead.core.keys.LocalKeyService;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.store.Store;
import org.mailstead.store.StoreCheck;

/// Mailboxes over a store, for tests; [#check] ends every test that touches it.
public final class MailboxFixture {
  public static final OrganizationId ORGANIZATION =
      new OrganizationId("m-0123456789abcdef0123456789abcdef");
  public static final MailboxId ANN = new MailboxId("ann");
  public static final MailboxId BOB = new MailboxId("bob");
  public static final long QUOTA = 1L << 40;

  private final Store store;
  private final Store plain;
  private final Path keyFile;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private OrganizationKeys keys;
  private Contents contents;
  private Mailboxes mailboxes;

  /// @param around what stands between the mailboxes and the store, to make it fail
  public MailboxFixture(
      Store plain, UnaryOperator<Store> around, Path folder, InstantSource clock) {
    this.plain = plain;
    this.store = around.apply(plain);
    this.keyFile = folder.resolve("keys");
    this.clock = clock;
    LocalKeyService service = LocalKeyService.open(keyFile, plain, random);
    keys = new OrganizationKeys(store, service, random);
    contents = new Contents(store, random);
    mailboxes = mailboxesOver(store, keys, contents);
  }

  public MailboxFixture(Store store, Path folder, InstantSource clock) {
    this(store, UnaryOperator.identity(), folder, clock);
  }

  private Mailboxes mailboxesOver(Store over, OrganizationKeys withKeys, Contents withContents) {
    return new Mailboxes(
        over,
        withKeys,
        withContents,
        clock,
        random,
        new Mailboxes.CacheSettings(64 << 20, 8 << 20));
  }

  public Mailboxes mailboxes() {
    return mailboxes;
  }

  public Contents contents() {
    return contents;
  }

  public OrganizationKeys keys() {
    return keys;
  }

  /// A mailbox, made at the first call.
  public Mailbox mailbox(MailboxId id) {
    return mailboxes.create(ORGANIZATION, id, QUOTA);
  }

  /// As after a restart: nothing is remembered but what the store has.
  public void reopen() {
    keys = new OrganizationKeys(plain, LocalKeyService.open(keyFile, plain, random), random);
    contents = new Contents(plain, random);
    mailboxes = mailboxesOver(plain, keys, contents);
  }

  /// The whole store agrees with itself.
  public StoreCheck.Result check() {
    OrganizationKeys fresh =
        new OrganizationKeys(plain, LocalKeyService.open(keyFile, plain, random), random);
    StoreCheck.Result result = new StoreCheck(plain, List.of(new MailboxCheck(fresh))).run();
    assertThat(result.errors()).isEmpty();
    return result;
  }

  public static NewMessage message(String subject, String body) {
    return message(subject, body, 0, Set.of());
  }

  public static NewMessage message(String subject, String body, int flags, Set<String> keywords) {
    return new NewMessage(
        Content.of(bytes(subject, body)), flags, keywords, Instant.ofEpochSecond(1_700_000_000));
  }

  public static byte[] bytes(String subject, String body) {
    return ("From: Ann <ann@example.com>\r\nTo: bob@example.com\r\nSubject: "
            + subject
            + "\r\nMessage-ID: <"
            + Integer.toHexString(subject.hashCode())
            + "."
            + Integer.toHexString(body.hashCode())
            + "@example.com>\r\n\r\n"
            + body
            + "\r\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  /// All octets of a message, as a mail program fetches them.
  public static byte[] read(Mailbox mailbox, FolderView view, int sequence) {
    try (Content content = mailbox.content(view.email(sequence));
        var in = content.open()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static long[] uids(FolderView view) {
    return Mailbox.allUids(view);
  }

  public static FolderId folder(Mailbox mailbox, String... path) {
    return mailbox.findFolder(List.of(path)).orElseThrow().id();
  }
}
