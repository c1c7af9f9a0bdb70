package org.mailstead.formats.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;

/// What holds for the structure of every byte sequence.
final class StructureChecks {
  private StructureChecks() {}

  /// Offsets in bounds, parts inside of each other and one after the other, line counts as counted,
  /// the same from every kind of buffer, the codec's round trip, texts that parse, and nothing that
  /// reads the message throws.
  static void check(byte[] octets) {
    ByteBuffer buffer = ByteBuffer.wrap(octets);
    MimePart root = MessageScanner.scan(buffer);
    assertThat(root.headerOffset()).isZero();
    assertThat(root.end()).isEqualTo(octets.length);
    assertThat(root.envelope()).isPresent();
    checkPart(octets, root, 1);

    ByteBuffer direct = ByteBuffer.allocateDirect(octets.length).put(octets).flip();
    assertThat(MessageScanner.scan(direct)).isEqualTo(root);
    byte[] shifted = new byte[octets.length + 24];
    System.arraycopy(octets, 0, shifted, 11, octets.length);
    ByteBuffer slice = ByteBuffer.wrap(shifted, 11, octets.length);
    assertThat(MessageScanner.scan(slice)).isEqualTo(root);
    assertThat(slice.position()).isEqualTo(11);
    assertThat(MessageScanner.scan(slice.slice().asReadOnlyBuffer())).isEqualTo(root);

    assertThat(StructureCodec.decode(StructureCodec.encode(root))).isEqualTo(root);
    WireText.parse(StructureWriter.envelope(root));
    WireText.checkBody(WireText.parse(StructureWriter.bodyStructure(root)), true);
    WireText.checkBody(WireText.parse(StructureWriter.body(root)), false);

    String preview = Preview.of(buffer, root);
    assertThat(preview.codePointCount(0, preview.length()))
        .isLessThanOrEqualTo(MimeLimits.PREVIEW_CHARACTERS);
    assertThat(preview).doesNotContain("\n", "\r", "\0");
    assertThat(Preview.of(slice, root)).isEqualTo(preview);
    MessageText text = MessageText.of(buffer, root);
    assertThat(MessageText.of(slice, root)).isEqualTo(text);
    SearchText.fold(text.body());
    SearchText.fold(text.headers());
    BaseSubject.of(text.subject());
    Dates.parse(root.envelope().orElseThrow().date().orElse(""));
  }

  private static void checkPart(byte[] octets, MimePart part, int depth) {
    assertThat(depth).isLessThanOrEqualTo(MimeLimits.DEPTH_MAX);
    assertThat(part.bodyOffset()).isBetween(part.headerOffset(), part.end());
    long lines = 0;
    for (long i = part.bodyOffset(); i < part.end(); i++) if (octets[(int) i] == '\n') lines++;
    assertThat(part.bodyLines()).isEqualTo(lines);
    if (!part.children().isEmpty()) {
      assertThat(part.type()).isIn("multipart", "message");
      if (part.type().equals("message")) {
        assertThat(part.children()).hasSize(1);
        assertThat(part.children().getFirst().headerOffset()).isEqualTo(part.bodyOffset());
        assertThat(part.children().getFirst().end()).isEqualTo(part.end());
        assertThat(part.children().getFirst().envelope()).isPresent();
      }
    }
    long before = part.bodyOffset();
    for (MimePart child : part.children()) {
      assertThat(child.headerOffset()).isGreaterThanOrEqualTo(before);
      assertThat(child.end()).isLessThanOrEqualTo(part.end());
      checkPart(octets, child, depth + 1);
      before = child.end();
    }
    HeaderFields fields = HeaderFields.of(ByteBuffer.wrap(octets), part);
    for (HeaderFields.Field field : fields) {
      assertThat(field.start()).isBetween(part.headerOffset(), field.valueStart());
      assertThat(field.valueStart()).isLessThanOrEqualTo(field.end());
      assertThat(field.end()).isLessThanOrEqualTo(part.bodyOffset());
      HeaderText.decode(fields.value(field));
    }
    ParameterText.filename(part);
    assertThat(TransferDecoder.size(ByteBuffer.wrap(octets), part)).isNotNegative();
  }
}
