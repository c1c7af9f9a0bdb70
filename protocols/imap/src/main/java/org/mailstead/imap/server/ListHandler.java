package org.mailstead.imap.server;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.mailstead.base.MalformedException;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.access.Right;
import org.mailstead.core.mailbox.Flags;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.imap.wire.ImapCommand;
import org.mailstead.imap.wire.ImapCommand.ListReturn;
import org.mailstead.imap.wire.ImapCommand.ListSelection;
import org.mailstead.imap.wire.ImapCommand.StatusItem;
import org.mailstead.imap.wire.ImapLimits;
import org.mailstead.imap.wire.ResponseWriter;

/// LIST with its extensions, LSUB, STATUS, NAMESPACE.
final class ListHandler {
  private final ImapServices services;
  private final ResponseWriter writer;
  private final SessionModes modes;

  ListHandler(ImapServices services, ResponseWriter writer, SessionModes modes) {
    this.services = services;
    this.writer = writer;
    this.modes = modes;
  }

  Answer namespace() throws IOException {
    writer.text("* NAMESPACE ((\"\" \"/\")) ((\"Other Users/\" \"/\")) NIL\r\n");
    return Answer.ok("done");
  }

  Answer list(Account account, ImapCommand.ListFolders command) throws IOException {
    if (!command.extended() && command.patterns().getFirst().isEmpty()) {
      // RFC 9051 §6.3.9: an empty name asks for the delimiter.
      writer.text("* LIST (\\Noselect) \"/\" \"\"\r\n");
      return Answer.ok("done");
    }
    List<NamePattern> patterns = patterns(command.reference(), command.patterns());
    Set<ListSelection> selections = command.selections();
    FolderTree tree = FolderTree.of(account, patterns);
    boolean recursive = selections.contains(ListSelection.RECURSIVEMATCH);
    Set<String> withSelectedBelow = recursive ? above(tree, selections, patterns) : Set.of();
    for (FolderTree.Node node : tree.nodes()) {
      if (patterns.stream().noneMatch(pattern -> pattern.matches(node.name()))) continue;
      boolean selected = isSelected(node, selections);
      boolean below = withSelectedBelow.contains(node.name());
      if (!selected && !below) continue;
      writeList(node, tree, command, below);
      if (!command.statusItems().isEmpty() && node.isReadable()) {
        writeStatus(node.name(), node.target().orElseThrow(), command.statusItems());
      }
    }
    return Answer.ok("done");
  }

  /// RFC 3501 §6.3.9: `%` also shows names that only have subscribed names below.
  Answer lsub(Account account, ImapCommand.Lsub command) throws IOException {
    List<NamePattern> patterns = patterns(command.reference(), List.of(command.pattern()));
    FolderTree tree = FolderTree.of(account, patterns);
    Set<String> withSubscribedBelow = above(tree, EnumSet.of(ListSelection.SUBSCRIBED), List.of());
    for (FolderTree.Node node : tree.nodes()) {
      if (!patterns.getFirst().matches(node.name())) continue;
      boolean onlyBelow = !node.subscribed();
      if (onlyBelow
          && !(withSubscribedBelow.contains(node.name()) && command.pattern().endsWith("%"))) {
        continue;
      }
      writer.text(onlyBelow ? "* LSUB (\\Noselect) \"/\" " : "* LSUB () \"/\" ");
      writer.mailbox(node.name()).crlf();
    }
    return Answer.ok("done");
  }

  Answer status(Account account, ImapCommand.Status command) throws IOException {
    Account.Target target = account.load(command.mailbox());
    if (!target.folder().selectable()) {
      throw new RefusedException(Refusal.NOT_FOUND, "this mailbox holds no messages");
    }
    target.require(Right.READ);
    writeStatus(command.mailbox(), target, command.items());
    return Answer.ok("done");
  }

  private static List<NamePattern> patterns(String reference, List<String> patterns) {
    List<NamePattern> compiled = new ArrayList<>();
    for (String pattern : patterns) {
      String whole = reference + pattern;
      if (whole.length() > ImapLimits.PATTERN_LENGTH_MAX) {
        throw new MalformedException("pattern too long");
      }
      compiled.add(new NamePattern(whole));
    }
    return compiled;
  }

  private static boolean isSelected(FolderTree.Node node, Set<ListSelection> selections) {
    if (selections.contains(ListSelection.SUBSCRIBED) && !node.subscribed()) return false;
    if (selections.contains(ListSelection.SPECIAL_USE) && node.use().isEmpty()) return false;
    // Names without a folder are of interest only to who asks for subscriptions.
    return node.isShown() || selections.contains(ListSelection.SUBSCRIBED);
  }

  /// Names with a selected one somewhere below that is not matched, and so not shown, itself (RFC
  /// 5258 §3.5).
  private static Set<String> above(
      FolderTree tree, Set<ListSelection> selections, List<NamePattern> patterns) {
    Set<String> above = new HashSet<>();
    for (FolderTree.Node node : tree.nodes()) {
      boolean shown = patterns.stream().anyMatch(pattern -> pattern.matches(node.name()));
      if (!shown && isSelected(node, selections)) {
        FolderTree.forEachParent(node.name(), above::add);
      }
    }
    return above;
  }

  private void writeList(
      FolderTree.Node node, FolderTree tree, ImapCommand.ListFolders command, boolean below)
      throws IOException {
    Set<ListSelection> selections = command.selections();
    writer.text("* LIST (");
    writer.text(tree.hasChildren(node.name()) ? "\\HasChildren" : "\\HasNoChildren");
    if (!node.exists()) writer.text(" \\NonExistent");
    // RFC 5258 §3: \NonExistent implies \Noselect, but who does not know the one knows the other.
    if (!node.isReadable() && (node.exists() || !command.extended())) writer.text(" \\Noselect");
    boolean showSubscribed =
        command.returns().contains(ListReturn.SUBSCRIBED)
            || selections.contains(ListSelection.SUBSCRIBED);
    if (showSubscribed && node.subscribed()) writer.text(" \\Subscribed");
    if (node.use().isPresent()) writer.space().text(node.use().get().attribute());
    writer.text(") \"/\" ").mailbox(node.name());
    if (below) {
      // RFC 5258 §3.5: which selection the names below meet.
      writer.text(" (\"CHILDINFO\" (");
      writer.text(
          selections.contains(ListSelection.SUBSCRIBED) ? "\"SUBSCRIBED\"" : "\"SPECIAL-USE\"");
      writer.text("))");
    }
    writer.crlf();
  }

  private void writeStatus(String name, Account.Target target, List<StatusItem> items)
      throws IOException {
    Folder folder = target.folder();
    writer.text("* STATUS ").mailbox(name).text(" (");
    boolean first = true;
    for (StatusItem item : items) {
      if (!first) writer.space();
      first = false;
      writer.text(item.wireName()).space();
      switch (item) {
        case MESSAGES -> writer.number(folder.messageCount());
        case RECENT -> writer.number(services.recent().count(target.mailbox(), folder));
        case UIDNEXT -> writer.number(folder.uidNext());
        case UIDVALIDITY -> writer.number(folder.uidValidity());
        case UNSEEN -> writer.number(folder.unseenCount());
        case DELETED -> writer.number(folder.deletedCount());
        case SIZE -> writer.number(folder.bytes());
        case HIGHESTMODSEQ -> {
          // RFC 7162 §3.1: asking for it enables CONDSTORE.
          modes.enableCondstore();
          writer.number(folder.highestModSeq());
        }
        case MAILBOXID ->
            writer.octet('(').text(ObjectIds.of(folder.id(), target.place())).octet(')');
        case APPENDLIMIT -> writer.number(services.limits().appendBytesMax());
        case DELETED_STORAGE -> writer.number(deletedBytes(target));
      }
    }
    writer.text(")\r\n");
  }

  private static long deletedBytes(Account.Target target) {
    if (target.folder().deletedCount() == 0) return 0;
    FolderView view = target.mailbox().view(target.folder().id());
    long bytes = 0;
    for (int sequence = 1; sequence <= view.count(); sequence++) {
      if ((view.flags(sequence) & Flags.DELETED) != 0) bytes += view.size(sequence);
    }
    return bytes;
  }
}
