package org.mailstead.formats.mime;

/// The base subject for SORT and THREAD (RFC 5256 §2.1).
///
/// @spec https://www.rfc-editor.org/rfc/rfc5256 RFC 5256 §2.1
/// @param text upper or lower case as it was; compare after [SearchText#fold]
/// @param replyOrForward whether anything that marks one was removed
public record BaseSubject(String text, boolean replyOrForward) {

  /// @param decoded a subject after [HeaderText#decode]
  public static BaseSubject of(String decoded) {
    // Step 1: white space runs become one space.
    String text =
        collapse(
            decoded.substring(
                0, Math.min(decoded.length(), MimeLimits.BASE_SUBJECT_CHARACTERS_MAX)));
    boolean marked = false;
    while (true) {
      // Step 2: trailers.
      String before = text;
      while (true) {
        text = stripEnd(text);
        if (!endsWith(text, "(fwd)")) break;
        text = text.substring(0, text.length() - 5);
        marked = true;
      }
      // Steps 3 to 5: leaders, and blobs unless nothing would be left.
      boolean changed = true;
      while (changed) {
        text = stripStart(text);
        int leader = leaderEnd(text);
        if (leader > 0) {
          text = text.substring(leader);
          marked = true;
          continue;
        }
        int blob = blobEnd(text, 0);
        changed = blob > 0 && blob < text.length();
        if (changed) text = text.substring(blob);
      }
      // Step 6: a forward wrapped as a whole.
      if (startsWith(text, "[fwd:") && text.endsWith("]")) {
        text = text.substring(5, text.length() - 1);
        marked = true;
        continue;
      }
      if (text.equals(before)) return new BaseSubject(text, marked);
    }
  }

  /// The end of `*subj-blob subj-refwd` at the start; 0 if it does not begin so.
  private static int leaderEnd(String text) {
    int at = 0;
    while (true) {
      int blob = blobEnd(text, at);
      if (blob <= at) break;
      at = blob;
    }
    String rest = text.substring(at, Math.min(text.length(), at + 3));
    if (startsWith(rest, "fwd")) at += 3;
    else if (startsWith(rest, "re") || startsWith(rest, "fw")) at += 2;
    else return 0;
    while (at < text.length() && text.charAt(at) == ' ') at++;
    at = Math.max(at, blobEnd(text, at));
    return at < text.length() && text.charAt(at) == ':' ? at + 1 : 0;
  }

  /// The end of `"[" *BLOBCHAR "]" *WSP` here; 0 if there is none.
  private static int blobEnd(String text, int start) {
    if (start >= text.length() || text.charAt(start) != '[') return 0;
    int at = start + 1;
    while (at < text.length() && text.charAt(at) != ']') {
      if (text.charAt(at) == '[') return 0;
      at++;
    }
    if (at >= text.length()) return 0;
    at++;
    while (at < text.length() && text.charAt(at) == ' ') at++;
    return at;
  }

  private static String collapse(String text) {
    var out = new StringBuilder(text.length());
    boolean space = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean white = c == ' ' || c == '\t' || c == '\r' || c == '\n';
      if (white && space) continue;
      out.append(white ? ' ' : c);
      space = white;
    }
    return out.toString();
  }

  private static String stripEnd(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == ' ') end--;
    return text.substring(0, end);
  }

  private static String stripStart(String text) {
    int start = 0;
    while (start < text.length() && text.charAt(start) == ' ') start++;
    return text.substring(start);
  }

  private static boolean startsWith(String text, String lower) {
    return text.regionMatches(true, 0, lower, 0, lower.length());
  }

  private static boolean endsWith(String text, String lower) {
    return text.regionMatches(true, text.length() - lower.length(), lower, 0, lower.length());
  }
}
