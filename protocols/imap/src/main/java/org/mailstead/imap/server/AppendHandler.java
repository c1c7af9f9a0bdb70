package org.mailstead.imap.server;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.core.access.Right;
import org.mailstead.core.mailbox.Flags;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.NewMessage;
import org.mailstead.imap.wire.CommandParser.AppendGate;
import org.mailstead.imap.wire.ImapCommand;

/// APPEND of one or several messages (RFC 3502): all or none, durable before the answer.
final class AppendHandler {
  private final ImapServices services;

  AppendHandler(ImapServices services) {
    this.services = services;
  }

  /// Asked before a message is sent, so that a hopeless one need not be (LIM-1, LIM-2).
  Optional<AppendGate.Refusal> refuse(Account account, String name, long length) {
    if (length > services.limits().appendBytesMax()) {
      return Optional.of(new AppendGate.Refusal("TOOBIG", "message larger than APPENDLIMIT"));
    }
    if (length == 0) {
      return Optional.of(new AppendGate.Refusal("CANNOT", "a message must not be empty"));
    }
    Optional<Account.Target> target = account.find(name);
    if (target.isEmpty() || !target.get().folder().selectable()) {
      return Optional.of(new AppendGate.Refusal("TRYCREATE", "there is no such mailbox"));
    }
    target.get().require(Right.INSERT);
    Mailbox mailbox = target.get().mailbox();
    if (mailbox.usedBytes() + length > mailbox.quotaBytes()) {
      return Optional.of(new AppendGate.Refusal("OVERQUOTA", "the mailbox is full"));
    }
    return Optional.empty();
  }

  Answer append(Account account, ImapCommand.Append command) {
    Optional<Account.Target> target = account.find(command.mailbox());
    // It may have gone while the message came.
    if (target.isEmpty()) return Answer.no("TRYCREATE", "there is no such mailbox");
    target.get().require(Right.INSERT);
    List<Content> converted = new ArrayList<>();
    try {
      return append(account, target.get(), command, converted);
    } finally {
      for (Content content : converted) content.close();
    }
  }

  private Answer append(
      Account account, Account.Target target, ImapCommand.Append command, List<Content> converted) {
    Instant now = services.clock().instant();
    List<NewMessage> messages = new ArrayList<>(command.messages().size());
    for (ImapCommand.AppendMessage message : command.messages()) {
      Content content = message.content();
      if (message.hasNul()) {
        content = BinaryConversion.convert(content, services.spool());
        converted.add(content);
      }
      messages.add(
          new NewMessage(
              content,
              allowedFlags(target, message.flags().flags()),
              target.rights().contains(Right.WRITE_FLAGS) ? message.flags().keywords() : Set.of(),
              message.received().orElse(now),
              RestoreHandler.kept(account, target, message.kept())));
    }
    Mailbox.Placed placed = target.mailbox().append(target.folder().id(), messages);
    StringBuilder code = new StringBuilder("APPENDUID ").append(placed.uidValidity()).append(' ');
    UidText.append(code, placed.targetUids());
    return Answer.ok(code.toString(), "appended");
  }

  /// RFC 4314 §4: flags without the right to set them are left out in silence.
  static int allowedFlags(Account.Target target, int flags) {
    int allowed = 0;
    if (target.rights().contains(Right.KEEP_SEEN)) allowed |= Flags.SEEN;
    if (target.rights().contains(Right.DELETE_MESSAGES)) allowed |= Flags.DELETED;
    if (target.rights().contains(Right.WRITE_FLAGS)) {
      allowed |= Flags.ANSWERED | Flags.FLAGGED | Flags.DRAFT;
    }
    return flags & allowed;
  }

  static void close(ImapCommand.Append command) {
    for (ImapCommand.AppendMessage message : command.messages()) message.content().close();
  }
}
