package org.mailstead.imap.server;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.EmailId;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.MessageSummary;

/// Threads by References, as Jamie Zawinski's algorithm has it.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5256 RFC 5256 §3 REFERENCES
final class ReferencesThreading {
  private final MessageKeys messageKeys;
  private final SelectedFolder selected;
  private final Sorter sorter;
  private final FolderView view;

  /// One message id: a message of the search, or a place for one that is only referred to.
  private static final class Container {
    int sequence;
    MessageKeys.@Nullable Keys keys;
    long date;
    @Nullable Container parent;
    List<Container> children = new ArrayList<>(0);
  }

  ReferencesThreading(MessageKeys messageKeys, SelectedFolder selected, Sorter sorter) {
    this.messageKeys = messageKeys;
    this.selected = selected;
    this.sorter = sorter;
    this.view = selected.known();
  }

  List<ThreadNode> threads(int[] sequences) {
    List<Container> roots = link(sequences);
    List<Container> kept = prune(roots);
    kept.sort(
        Comparator.comparingLong((Container c) -> first(c).date)
            .thenComparingInt(ReferencesThreading::order));
    List<Container> gathered = gather(kept);
    return nodes(sortSiblings(gathered));
  }

  /// Steps 1 and 2: links by References; a message id that occurs twice counts once.
  private List<Container> link(int[] sequences) {
    MessageKeys.@Nullable Keys[] keys = sorter.load(sequences);
    List<List<String>> ids = threadIds(sequences);
    Map<String, Container> byId = new HashMap<>();
    List<Container> all = new ArrayList<>();
    for (int i = 0; i < sequences.length; i++) {
      List<String> own = ids.get(i);
      String id = own.getFirst();
      Container container = id.isEmpty() ? null : byId.get(id);
      if (container == null || container.sequence != 0) {
        boolean repeated = container != null;
        container = new Container();
        all.add(container);
        if (!id.isEmpty() && !repeated) byId.put(id, container);
      }
      container.sequence = sequences[i];
      container.keys = keys[i];
      container.date = sorter.sentSeconds(sequences[i], keys[i]);
      Container before = null;
      for (String reference : own.subList(1, own.size())) {
        Container referred = byId.get(reference);
        if (referred == null) {
          referred = new Container();
          byId.put(reference, referred);
          all.add(referred);
        }
        // Step 1.A: existing links are never changed by a chain that only passes through.
        if (before != null && referred.parent == null) adopt(before, referred);
        before = referred;
      }
      // Step 1.B: the last reference is the parent, or there is none, whatever was thought before.
      Container old = container.parent;
      if (old != null) old.children.remove(container);
      container.parent = null;
      if (before != null) adopt(before, container);
    }
    List<Container> roots = new ArrayList<>();
    for (Container container : all) if (container.parent == null) roots.add(container);
    return roots;
  }

  private List<List<String>> threadIds(int[] sequences) {
    List<List<String>> ids = new ArrayList<>(sequences.length);
    List<EmailId> missing = new ArrayList<>();
    for (int sequence : sequences) {
      Optional<List<String>> known =
          messageKeys.findThreadIds(selected.mailbox(), view.email(sequence));
      ids.add(known.orElse(List.of()));
      if (known.isEmpty()) missing.add(view.email(sequence));
    }
    if (missing.isEmpty()) return ids;
    Map<EmailId, MessageSummary> summaries = MessageKeys.summaries(selected.mailbox(), missing);
    for (int i = 0; i < sequences.length; i++) {
      if (!ids.get(i).isEmpty()) continue;
      MessageSummary summary = summaries.get(view.email(sequences[i]));
      ids.set(
          i, summary == null ? List.of("") : messageKeys.threadIds(selected.mailbox(), summary));
    }
    return ids;
  }

  private static void adopt(Container parent, Container child) {
    if (parent == child || isAbove(child, parent)) return;
    child.parent = parent;
    parent.children.add(child);
  }

  /// Whether the first is the second, or somewhere above it.
  private static boolean isAbove(Container above, Container below) {
    // Without children it is above nothing: the usual case, and it keeps long chains linear.
    if (above.children.isEmpty()) return above == below;
    for (Container at = below; at != null; at = at.parent) if (at == above) return true;
    return false;
  }

  /// Step 3: places without a message go, their children take their part; at the top only if there
  /// is one child.
  private static List<Container> prune(List<Container> roots) {
    List<Container> order = postOrder(roots);
    for (Container container : order) {
      List<Container> kept = new ArrayList<>(container.children.size());
      for (Container child : container.children) {
        if (child.sequence != 0) kept.add(child);
        else kept.addAll(child.children);
      }
      for (Container child : kept) child.parent = container;
      container.children = kept;
    }
    List<Container> result = new ArrayList<>();
    for (Container root : roots) {
      if (root.sequence != 0 || root.children.size() > 1) {
        result.add(root);
      } else if (root.children.size() == 1) {
        Container child = root.children.getFirst();
        child.parent = null;
        result.add(child);
      }
    }
    return result;
  }

  private static List<Container> postOrder(List<Container> roots) {
    List<Container> order = new ArrayList<>();
    Deque<Container> todo = new ArrayDeque<>(roots);
    while (!todo.isEmpty()) {
      Container next = todo.pop();
      order.add(next);
      for (Container child : next.children) todo.push(child);
    }
    return order.reversed();
  }

  private static Container first(Container container) {
    if (container.sequence != 0 || container.children.isEmpty()) return container;
    Container earliest = container.children.getFirst();
    for (Container child : container.children) {
      if (child.date < earliest.date
          || (child.date == earliest.date && child.sequence < earliest.sequence)) {
        earliest = child;
      }
    }
    return earliest;
  }

  private static int order(Container container) {
    return first(container).sequence;
  }

  private static MessageKeys.@Nullable Keys keys(Container container) {
    return first(container).keys;
  }

  /// Step 5: threads of one base subject become one.
  private static List<Container> gather(List<Container> roots) {
    Map<String, Container> bySubject = new LinkedHashMap<>();
    for (Container root : roots) {
      MessageKeys.Keys keys = keys(root);
      if (keys == null || keys.baseSubject().isEmpty()) continue;
      Container old = bySubject.get(keys.baseSubject());
      // Step 5.B.iii: a place without a message, or the original rather than a reply, stands first.
      if (old == null
          || (root.sequence == 0 && old.sequence != 0)
          || (old.sequence != 0 && isReply(old) && !isReply(root))) {
        bySubject.put(keys.baseSubject(), root);
      }
    }
    List<Container> result = new ArrayList<>();
    Map<Container, Container> replaced = new HashMap<>();
    for (Container root : roots) {
      MessageKeys.Keys keys = keys(root);
      Container chosen =
          keys == null || keys.baseSubject().isEmpty() ? null : bySubject.get(keys.baseSubject());
      if (chosen == null || chosen == root) {
        result.add(root);
        continue;
      }
      Container target = replaced.getOrDefault(chosen, chosen);
      if (target.sequence == 0) {
        if (root.sequence == 0) target.children.addAll(root.children);
        else target.children.add(root);
      } else if (isReply(root) && !isReply(target)) {
        target.children.add(root);
      } else {
        // Neither is the other's answer: both under a place without a message.
        Container both = new Container();
        both.children.add(target);
        both.children.add(root);
        replaced.put(chosen, both);
      }
    }
    for (int i = 0; i < result.size(); i++) {
      Container instead = replaced.get(result.get(i));
      if (instead != null) result.set(i, instead);
    }
    return result;
  }

  private static boolean isReply(Container container) {
    MessageKeys.Keys keys = keys(container);
    return keys != null && keys.replyOrForward();
  }

  /// Step 6: siblings by date, at every level.
  private static List<Container> sortSiblings(List<Container> roots) {
    Comparator<Container> byDate =
        Comparator.comparingLong((Container c) -> first(c).date)
            .thenComparingInt(ReferencesThreading::order);
    for (Container container : postOrder(roots)) {
      if (container.children.size() > 1) container.children.sort(byDate);
    }
    roots.sort(byDate);
    return roots;
  }

  private static List<ThreadNode> nodes(List<Container> roots) {
    List<ThreadNode> result = new ArrayList<>(roots.size());
    Deque<Map.Entry<Container, ThreadNode>> todo = new ArrayDeque<>();
    for (Container root : roots) {
      ThreadNode node = new ThreadNode(root.sequence);
      result.add(node);
      todo.push(Map.entry(root, node));
    }
    while (!todo.isEmpty()) {
      Map.Entry<Container, ThreadNode> next = todo.pop();
      for (Container child : next.getKey().children) {
        ThreadNode node = new ThreadNode(child.sequence);
        next.getValue().children.add(node);
        todo.push(Map.entry(child, node));
      }
    }
    return result;
  }
}
