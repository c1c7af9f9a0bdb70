package org.mailstead.imap.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.base.EntityId;
import org.mailstead.base.FolderId;
import org.mailstead.base.MailboxId;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.access.Access.OtherMailbox;
import org.mailstead.core.access.AccessEffect;
import org.mailstead.core.access.AccessRule;
import org.mailstead.core.access.AccessRules;
import org.mailstead.core.access.Credentials;
import org.mailstead.core.access.LoginExtensions;
import org.mailstead.core.access.Logins;
import org.mailstead.core.access.Principal;
import org.mailstead.core.access.Protocol;
import org.mailstead.core.access.Right;
import org.mailstead.core.mailbox.NewMessage;
import org.mailstead.core.policy.RetentionJob;
import org.mailstead.core.policy.RetentionPolicies;
import org.mailstead.core.policy.RetentionPolicy;
import org.mailstead.imap.wire.ImapLimits;

/// What an organization's rules do to IMAP sessions, on a whole core.
final class AccessRulesTest {
  @TempDir private Path folder;
  private CoreFixture core;
  private AccessRules rules;
  private ImapServer server;
  private InetSocketAddress address;

  private record RealLogin(Logins logins) implements ImapLogin {
    @Override
    public Principal login(Credentials credentials, InetAddress peer) {
      return logins.login(credentials, Protocol.IMAP, peer);
    }

    @Override
    public boolean mayContinue(Principal principal, InetAddress peer) {
      return logins.mayContinue(principal, Protocol.IMAP, peer);
    }
  }

  private static final class Alone implements ImapSharing {
    @Override
    public Set<Right> folderRights(Principal asker, MailboxId mailbox, FolderId folder) {
      return Set.of();
    }

    @Override
    public List<OtherMailbox> otherMailboxes(Principal asker) {
      return List.of();
    }

    @Override
    public Optional<EntityId> findGrantee(Principal asker, String identifier) {
      return Optional.empty();
    }

    @Override
    public void setFolderPermission(
        Principal asker, MailboxId mailbox, FolderId folder, EntityId grantee, Set<Right> rights) {
      throw new IllegalStateException("nothing is shared here");
    }

    @Override
    public Optional<String> findIdentifier(Principal asker, EntityId grantee) {
      return Optional.empty();
    }
  }

  private final class Peer implements AutoCloseable {
    private final Socket socket = new Socket(address.getAddress(), address.getPort());
    private final BufferedReader in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));

    Peer() throws IOException {
      socket.setSoTimeout(15_000);
      assertThat(in.readLine()).startsWith("* OK");
    }

    Peer loggedIn() throws IOException {
      assertThat(command("LOGIN anna@example.test " + CoreFixture.PASSWORD_OF_ANNA).getLast())
          .startsWith("a OK");
      return this;
    }

    /// The lines up to the tagged answer or a continuation; to the end if the server hangs up.
    List<String> command(String text) throws IOException {
      send("a " + text);
      List<String> lines = new ArrayList<>();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        lines.add(line);
        if (line.startsWith("a ") || line.startsWith("+")) break;
      }
      return lines;
    }

    void send(String line) throws IOException {
      socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    Optional<String> next() throws IOException {
      return Optional.ofNullable(in.readLine());
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @BeforeEach
  void start() throws IOException {
    core = new CoreFixture();
    rules = new AccessRules(core.directory(), core.clock());
    server =
        new ImapServer(
            new ImapSettings(ImapLimits.STANDARD, true, folder, "test"),
            new RealLogin(core.logins(LoginExtensions.none().withPolicy(rules))),
            core.mailboxes(),
            new Alone(),
            Optional.empty(),
            core.clock());
    address =
        server.listen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            ImapServer.Security.STARTTLS);
  }

  @AfterEach
  void stop() {
    server.close();
    assertThat(server.bugCount()).isZero();
    core.close();
  }

  private void denyImap() {
    rules.put(
        core.change("PutAccessControlRule"),
        core.organization(),
        "no-imap",
        AccessEffect.DENY,
        "d",
        new AccessRule.Conditions(
            List.of("127.0.0.0/8"),
            List.of(),
            List.of("IMAP"),
            List.of(),
            List.of(core.anna().value()),
            List.of(),
            List.of(),
            List.of()));
  }

  @Test
  @DisplayName("a rule refuses the next command of a running session and says goodbye")
  void theNextCommandIsRefused() throws IOException {
    try (var peer = new Peer().loggedIn();
        var other = new Peer()) {
      assertThat(other.command("LOGIN bert@example.test " + CoreFixture.PASSWORD_OF_BERT).getLast())
          .startsWith("a OK");
      assertThat(peer.command("SELECT INBOX").getLast()).startsWith("a OK");
      denyImap();
      assertThat(peer.command("NOOP"))
          .containsExactly("a NO [AUTHORIZATIONFAILED] access is no longer allowed");
      assertThat(peer.next()).hasValueSatisfying(line -> assertThat(line).startsWith("* BYE"));
      assertThat(peer.next()).isEmpty();
      assertThat(other.command("NOOP").getLast()).startsWith("a OK");
    }
    try (var again = new Peer()) {
      assertThat(again.command("LOGIN anna@example.test " + CoreFixture.PASSWORD_OF_ANNA))
          .containsExactly("a NO [AUTHENTICATIONFAILED] wrong user name or password");
    }
  }

  @Test
  @DisplayName("a rule ends a session that only waits, IDLE or not, within seconds")
  void waitingSessionsEnd() throws IOException {
    try (var idle = new Peer().loggedIn();
        var silent = new Peer().loggedIn()) {
      assertThat(idle.command("SELECT INBOX").getLast()).startsWith("a OK");
      assertThat(idle.command("IDLE").getLast()).startsWith("+");
      denyImap();
      assertThat(idle.next()).contains("* BYE access is no longer allowed");
      assertThat(idle.next()).isEmpty();
      assertThat(silent.next()).contains("* BYE access is no longer allowed");
    }
  }

  @Test
  void disablingAUserEndsItsSessions() throws IOException {
    try (var peer = new Peer().loggedIn()) {
      core.directory()
          .registrations()
          .deregister(core.change("DeregisterFromWorkMail"), core.organization(), "anna");
      assertThat(peer.command("NOOP").getLast()).startsWith("a NO [AUTHORIZATIONFAILED]");
    }
  }

  @Test
  @DisplayName("what retention removes reaches a waiting client as EXPUNGE")
  void retentionIsSeen() throws IOException {
    var policies = new RetentionPolicies(core.directory(), new Random(1));
    policies.put(
        core.change("PutRetentionPolicy"),
        core.organization(),
        Optional.empty(),
        "p",
        Optional.empty(),
        Map.of(
            RetentionPolicy.Folder.INBOX,
            new RetentionPolicy.Rule(RetentionPolicy.Action.DELETE, Optional.of(7))));
    byte[] text = "Subject: old\r\n\r\nx\r\n".getBytes(StandardCharsets.US_ASCII);
    var mailbox = core.mailbox(core.anna());
    mailbox.append(
        mailbox.inbox(),
        List.of(new NewMessage(Content.of(text), 0, Set.of(), core.clock().instant())));
    core.clock().advance(Duration.ofDays(5));
    mailbox.append(
        mailbox.inbox(),
        List.of(new NewMessage(Content.of(text), 0, Set.of(), core.clock().instant())));
    try (var peer = new Peer().loggedIn()) {
      assertThat(peer.command("SELECT INBOX")).contains("* 2 EXISTS");
      assertThat(peer.command("IDLE").getLast()).startsWith("+");
      core.clock().advance(Duration.ofDays(3));
      var job = new RetentionJob(core.directory(), policies, core.mailboxes(), core.clock());
      assertThat(job.runOnce()).isEqualTo(1);
      assertThat(peer.next()).contains("* 1 EXPUNGE");
      peer.send("DONE");
      Optional<String> line = peer.next();
      while (line.filter(l -> l.startsWith("*")).isPresent()) line = peer.next();
      assertThat(line).hasValueSatisfying(l -> assertThat(l).startsWith("a OK"));
      assertThat(peer.command("STATUS INBOX (MESSAGES)")).contains("* STATUS INBOX (MESSAGES 1)");
    }
  }
}
