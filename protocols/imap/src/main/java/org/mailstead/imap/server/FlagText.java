package org.mailstead.imap.server;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.mailstead.core.mailbox.Flags;
import org.mailstead.core.mailbox.FolderView;

/// Flag lists as they are written, `(\Seen $Work)`. Remembers the last one with keywords: runs of
/// messages carry the same.
final class FlagText {
  private static final String[] SYSTEM = {
    "\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"
  };
  private static final int RECENT = 1 << SYSTEM.length;

  /// Every list without keywords.
  private static final byte[][] PLAIN = new byte[RECENT << 1][];

  static {
    for (int flags = 0; flags < PLAIN.length; flags++) PLAIN[flags] = build(flags, 0, List.of());
  }

  private int lastFlags = -1;
  private long lastKeywords;
  private byte[] lastText = new byte[0];
  private List<String> lastNames = List.of();

  byte[] of(FolderView view, int sequence, boolean recent) {
    int flags = view.flags(sequence) & RECENT - 1;
    return of(recent ? flags | RECENT : flags, view.keywords(sequence), view);
  }

  // The list of names is immutable: the same object has the same names.
  @SuppressWarnings("ReferenceEquality")
  private byte[] of(int known, long keywords, FolderView view) {
    if (keywords == 0) return PLAIN[known];
    List<String> names = view.keywordNames();
    if (known != lastFlags || keywords != lastKeywords || names != lastNames) {
      lastText = build(known, keywords, names);
      lastFlags = known;
      lastKeywords = keywords;
      lastNames = names;
    }
    return lastText;
  }

  private static byte[] build(int flags, long keywords, List<String> names) {
    StringBuilder out = new StringBuilder("(");
    for (int bit = 0; bit < SYSTEM.length; bit++) {
      if ((flags & 1 << bit) != 0) append(out, SYSTEM[bit]);
    }
    if ((flags & RECENT) != 0) append(out, "\\Recent");
    for (int bit = 0; bit < names.size(); bit++) {
      if ((keywords & 1L << bit) != 0) append(out, names.get(bit));
    }
    return out.append(')').toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void append(StringBuilder out, String name) {
    if (out.length() > 1) out.append(' ');
    out.append(name);
  }

  /// All flags that messages of the folder may carry, for the FLAGS response.
  static String defined(List<String> keywordNames) {
    StringBuilder out = new StringBuilder("(");
    for (String name : SYSTEM) append(out, name);
    for (String name : keywordNames) append(out, name);
    return out.append(')').toString();
  }

  /// What this session may change lastingly (RFC 9051 §7.1 PERMANENTFLAGS).
  static String permanent(
      List<String> keywordNames, boolean seen, boolean deleted, boolean others) {
    StringBuilder out = new StringBuilder("(");
    for (int bit = 0; bit < SYSTEM.length; bit++) {
      boolean allowed =
          switch (1 << bit) {
            case Flags.SEEN -> seen;
            case Flags.DELETED -> deleted;
            default -> others;
          };
      if (allowed) append(out, SYSTEM[bit]);
    }
    if (others) {
      for (String name : keywordNames) append(out, name);
      if (keywordNames.size() < Flags.KEYWORD_COUNT_MAX) append(out, "\\*");
    }
    return out.append(')').toString();
  }
}
