package org.mailstead.formats.mime;

import java.util.List;
import java.util.Optional;

/// Unicode text of parameters (RFC 2231, and RFC 2047 words as clients write them there).
@SuppressWarnings("DoNotCallSuggester")
public final class ParameterText {
  private ParameterText() {}

  public static Optional<String> find(List<MimePart.Parameter> parameters, String name) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The file name by Content-Disposition, else the name by Content-Type.
  public static Optional<String> filename(MimePart part) {
    throw new UnsupportedOperationException("skeleton");
  }
}
