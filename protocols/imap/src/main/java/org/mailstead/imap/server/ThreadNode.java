package org.mailstead.imap.server;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.imap.wire.ResponseWriter;

/// A message in a thread, or a place without one (sequence 0) that only holds its children
/// together.
final class ThreadNode {
  final int sequence;
  final List<ThreadNode> children = new ArrayList<>(0);

  ThreadNode(int sequence) {
    this.sequence = sequence;
  }

  /// `(1 2 (3)(4 5))`. Without recursion: a thread may be as deep as the folder is long.
  void write(ResponseWriter writer, FolderView view, boolean byUid) throws IOException {
    Deque<Object> todo = new ArrayDeque<>();
    todo.push(this);
    while (!todo.isEmpty()) {
      Object next = todo.pop();
      if (!(next instanceof ThreadNode node)) {
        writer.octet(')');
        continue;
      }
      writer.octet('(');
      boolean first = true;
      while (true) {
        if (node.sequence > 0) {
          if (!first) writer.space();
          writer.number(byUid ? view.uid(node.sequence) : node.sequence);
          first = false;
        }
        if (node.children.size() != 1) break;
        node = node.children.getFirst();
      }
      todo.push(END);
      if (!node.children.isEmpty() && !first) writer.space();
      for (int i = node.children.size() - 1; i >= 0; i--) todo.push(node.children.get(i));
    }
  }

  private static final Object END = new Object();
}
