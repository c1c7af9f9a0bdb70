package org.mailstead.formats.mime;

/// The base subject for SORT and THREAD (RFC 5256 §2.1).
///
/// @param text upper or lower case as it was; compare after [SearchText#fold]
/// @param replyOrForward whether anything that marks one was removed
@SuppressWarnings("DoNotCallSuggester")
public record BaseSubject(String text, boolean replyOrForward) {

  /// @param decoded a subject after [HeaderText#decode]
  public static BaseSubject of(String decoded) {
    throw new UnsupportedOperationException("skeleton");
  }
}
