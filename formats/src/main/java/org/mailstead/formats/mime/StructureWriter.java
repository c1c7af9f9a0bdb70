package org.mailstead.formats.mime;

/// ENVELOPE, BODYSTRUCTURE and BODY in their IMAP wire form (RFC 9051 §7.5.2).
@SuppressWarnings("DoNotCallSuggester")
public final class StructureWriter {
  private StructureWriter() {}

  /// The parenthesized ENVELOPE of a message part; of NILs if the part is no message.
  public static byte[] envelope(MimePart message) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The parenthesized body structure with extension data.
  public static byte[] bodyStructure(MimePart message) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The parenthesized body structure without extension data.
  public static byte[] body(MimePart message) {
    throw new UnsupportedOperationException("skeleton");
  }
}
