package org.mailstead.imap.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.mailstead.base.Content;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.access.Access.OtherMailbox;
import org.mailstead.core.access.Credentials;
import org.mailstead.core.access.Principal;
import org.mailstead.core.access.Right;
import org.mailstead.core.content.Contents;
import org.mailstead.core.keys.LocalKeyService;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.MailboxCheck;
import org.mailstead.core.mailbox.Mailboxes;
import org.mailstead.core.mailbox.NewMessage;
import org.mailstead.imap.wire.ImapLimits;
import org.mailstead.store.MemoryStore;
import org.mailstead.store.Store;
import org.mailstead.store.StoreCheck;

/// An IMAP server on a loopback port over mailboxes in memory. Anybody may log in with the password
/// `secret`; the mailbox is made at the first login. Who has Full Access to whom is told by
/// [#grantFullAccess]; folder permissions are the mailboxes' own.
public final class ImapFixture implements AutoCloseable {
  static final OrganizationId ORGANIZATION =
      new OrganizationId("m-0123456789abcdef0123456789abcdef");
  public static final String PASSWORD = "secret";
  static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final long QUOTA = 1L << 40;

  private final Store store;
  private final OrganizationKeys keys;
  private final Mailboxes mailboxes;
  private final ImapServer server;
  private final InetSocketAddress address;
  private final Map<String, Long> quotas = new ConcurrentHashMap<>();
  private final Set<String> users = ConcurrentHashMap.newKeySet();
  private final Set<String> fullAccess = ConcurrentHashMap.newKeySet();

  public ImapFixture(Path folder) {
    this(folder, ImapLimits.STANDARD, true, Optional.empty());
  }

  /// A server that takes all messages for older than itself: none is recent.
  static ImapFixture withoutRecent(Path folder) {
    return new ImapFixture(
        folder,
        ImapLimits.STANDARD,
        true,
        Optional.empty(),
        store -> store,
        InstantSource.fixed(NOW),
        InstantSource.fixed(NOW.plusSeconds(1)));
  }

  /// @param wrapper makes the store that the server uses of the one that is checked at the end
  ImapFixture(Path folder, UnaryOperator<Store> wrapper, InstantSource clock) {
    this(folder, ImapLimits.STANDARD, true, Optional.empty(), wrapper, clock, clock);
  }

  ImapFixture(
      Path folder,
      ImapLimits limits,
      boolean plainLoginAllowed,
      Optional<Supplier<SSLContext>> tls) {
    this(
        folder,
        limits,
        plainLoginAllowed,
        tls,
        store -> store,
        InstantSource.fixed(NOW),
        InstantSource.fixed(NOW));
  }

  /// What the mailbox access log heard.
  final List<ImapAccess> accesses = new CopyOnWriteArrayList<>();

  private ImapFixture(
      Path folder,
      ImapLimits limits,
      boolean plainLoginAllowed,
      Optional<Supplier<SSLContext>> tls,
      UnaryOperator<Store> wrapper,
      InstantSource clock,
      InstantSource serverClock) {
    SecureRandom random = new SecureRandom();
    this.store = new MemoryStore();
    LocalKeyService service = LocalKeyService.open(folder.resolve("keys"), store, random);
    this.keys = new OrganizationKeys(store, service, random);
    Store used = wrapper.apply(store);
    this.mailboxes =
        new Mailboxes(
            used,
            keys,
            new Contents(used, random),
            clock,
            random,
            new Mailboxes.CacheSettings(64 << 20, 8 << 20));
    this.server =
        new ImapServer(
            new ImapSettings(limits, plainLoginAllowed, folder, "test"),
            this::login,
            mailboxes,
            new Sharing(),
            tls,
            serverClock,
            Optional.of(accesses::add));
    try {
      this.address =
          server.listen(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              ImapServer.Security.STARTTLS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ImapServer server() {
    return server;
  }

  public InetSocketAddress address() {
    return address;
  }

  void quota(String user, long bytes) {
    quotas.put(user, bytes);
  }

  void grantFullAccess(String owner, String grantee) {
    mailbox(owner);
    fullAccess.add(owner + ">" + grantee);
  }

  Mailboxes mailboxes() {
    return mailboxes;
  }

  Mailbox mailbox(String user) {
    users.add(user);
    return mailboxes.create(ORGANIZATION, new MailboxId(user), quotas.getOrDefault(user, QUOTA));
  }

  /// Stores a message past the server, as delivery does.
  void append(String user, String folderName, String text, int flags) {
    Mailbox mailbox = mailbox(user);
    List<String> path = List.of(folderName.split("/"));
    Folder folder =
        mailbox.findFolder(path).orElseGet(() -> mailbox.createFolder(path, Optional.empty()));
    try (Content content = Content.of(text.getBytes(StandardCharsets.UTF_8))) {
      mailbox.append(folder.id(), List.of(new NewMessage(content, flags, Set.of(), NOW)));
    }
  }

  static String message(int number) {
    return "From: Sender "
        + number
        + " <sender"
        + number
        + "@example.org>\r\nTo: ann@example.com\r\nSubject: Message "
        + number
        + "\r\nDate: Mon, "
        + String.format(Locale.ROOT, "%02d", 1 + number % 28)
        + " Jan 2024 10:00:00 +0000\r\nMessage-ID: <"
        + number
        + "@example.org>\r\n\r\nBody of message "
        + number
        + ".\r\n";
  }

  @Override
  public void close() {
    server.close();
    assertThat(server.bugCount()).as("errors of the server's own").isZero();
    assertThat(new StoreCheck(store, List.of(new MailboxCheck(keys))).run().errors()).isEmpty();
    store.close();
  }

  /// Everybody has the same password; only `admin` may act as others.
  private Principal login(Credentials credentials, InetAddress peer) {
    if (!credentials.secret().equals(PASSWORD)) {
      throw new RefusedException(Refusal.AUTHENTICATION_FAILED, "wrong name or password");
    }
    String name = credentials.name();
    String actingAs = credentials.authorizationIdentity().orElse(name);
    if (!actingAs.equalsIgnoreCase(name) && !name.equals("admin")) {
      throw new RefusedException(Refusal.FORBIDDEN, "acting for another user is not possible");
    }
    String user = actingAs.contains("@") ? actingAs.substring(0, actingAs.indexOf('@')) : actingAs;
    mailbox(user);
    return new Principal(
        ORGANIZATION,
        new EntityId(user),
        new MailboxId(user),
        EmailAddress.parse(address(user)),
        actingAs.equalsIgnoreCase(name) ? Optional.empty() : Optional.of(new EntityId(name)));
  }

  private static String address(String user) {
    return user + "@example.com";
  }

  /// Full Access from the test, folder permissions from the mailboxes.
  private final class Sharing implements ImapSharing {
    @Override
    public Set<Right> folderRights(Principal asker, MailboxId mailbox, FolderId folder) {
      if (fullAccess.contains(mailbox.value() + ">" + asker.user().value())) {
        return EnumSet.allOf(Right.class);
      }
      Map<EntityId, Set<Right>> permissions = mailboxes.open(mailbox).folderPermissions(folder);
      Set<Right> rights = EnumSet.noneOf(Right.class);
      rights.addAll(permissions.getOrDefault(asker.user(), Set.of()));
      rights.addAll(permissions.getOrDefault(Mailbox.ANYONE, Set.of()));
      return rights;
    }

    @Override
    public List<OtherMailbox> otherMailboxes(Principal asker) {
      List<OtherMailbox> others = new ArrayList<>();
      for (String user : users) {
        if (user.equals(asker.user().value())) continue;
        MailboxId id = new MailboxId(user);
        boolean full = fullAccess.contains(user + ">" + asker.user().value());
        boolean some =
            full
                || mailboxes.open(id).folders().stream()
                    .anyMatch(folder -> !folderRights(asker, id, folder.id()).isEmpty());
        if (some) others.add(new OtherMailbox(id, address(user), full));
      }
      return others;
    }

    @Override
    public Optional<EntityId> findGrantee(Principal asker, String identifier) {
      String user = identifier.replace("@example.com", "");
      return users.contains(user) ? Optional.of(new EntityId(user)) : Optional.empty();
    }

    @Override
    public void setFolderPermission(
        Principal asker, MailboxId mailbox, FolderId folder, EntityId grantee, Set<Right> rights) {
      mailboxes.open(mailbox).setFolderPermission(folder, grantee, rights);
    }

    @Override
    public Optional<String> findIdentifier(Principal asker, EntityId grantee) {
      return Optional.of(address(grantee.value()));
    }
  }
}
