package org.mailstead.formats.mime;

/// The binary form of a structure that is stored beside a message. The first byte is the format.
@SuppressWarnings("DoNotCallSuggester")
public final class StructureCodec {
  private StructureCodec() {}

  public static byte[] encode(MimePart message) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// @throws IllegalStateException the bytes are not what [#encode] made: damaged data
  public static MimePart decode(byte[] encoded) {
    throw new UnsupportedOperationException("skeleton");
  }
}
