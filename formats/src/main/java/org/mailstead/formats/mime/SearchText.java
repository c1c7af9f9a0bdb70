package org.mailstead.formats.mime;

/// The folding that search uses everywhere, for what is stored and for what is asked.
@SuppressWarnings("DoNotCallSuggester")
public final class SearchText {
  private SearchText() {}

  public static String fold(String text) {
    throw new UnsupportedOperationException("skeleton");
  }
}
