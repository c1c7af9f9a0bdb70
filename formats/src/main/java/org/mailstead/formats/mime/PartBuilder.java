package org.mailstead.formats.mime;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailstead.formats.mime.MimePart.Disposition;
import org.mailstead.formats.mime.MimePart.Parameter;

/// A part while it is scanned.
final class PartBuilder {
  final @Nullable PartBuilder parent;
  final int depth;

  /// Whether the header is a message's, with an envelope.
  final boolean message;

  String type;
  String subtype;
  List<Parameter> parameters = List.of();
  @Nullable Disposition disposition;
  String encoding = "7bit";
  @Nullable String contentId;
  @Nullable String description;
  @Nullable String md5;
  List<String> languages = List.of();
  @Nullable String location;
  @Nullable Envelope envelope;

  int headerOffset;
  int bodyOffset;
  int bodyLinesStart;
  byte[] boundary = new byte[0];

  private int end;
  private int bodyLines;
  private @Nullable List<PartBuilder> children;

  PartBuilder(@Nullable PartBuilder parent, boolean message) {
    this.parent = parent;
    this.message = message;
    this.depth = parent == null ? 1 : parent.depth + 1;
    // RFC 2046 §5.1.5: inside a digest a part without Content-Type is a message.
    boolean digest =
        parent != null
            && !message
            && parent.type.equals("multipart")
            && parent.subtype.equals("digest");
    this.type = digest ? "message" : "text";
    this.subtype = digest ? "rfc822" : "plain";
  }

  PartBuilder requireParent() {
    if (parent == null) throw new IllegalStateException("the boundary of a part outside");
    return parent;
  }

  PartBuilder addChild(boolean message) {
    PartBuilder child = new PartBuilder(this, message);
    if (children == null) children = new ArrayList<>(message ? 1 : 4);
    children.add(child);
    return child;
  }

  /// Whether the body is a message to be looked into. RFC 2046 §5.2.1 allows no other encoding than
  /// the identity, RFC 6532 §3.7 does for message/global: then it is opaque.
  boolean holdsMessage() {
    return type.equals("message")
        && (subtype.equals("rfc822") || subtype.equals("global"))
        && (encoding.equals("7bit") || encoding.equals("8bit") || encoding.equals("binary"));
  }

  /// The boundary of a multipart; empty if there is none to go by.
  byte[] findBoundary() {
    if (!type.equals("multipart")) return new byte[0];
    for (Parameter parameter : parameters) {
      if (!parameter.name().equals("boundary")) continue;
      String value = parameter.value();
      int length = value.length();
      // RFC 2046 §5.1.1: white space at its end is what a gateway added.
      while (length > 0 && value.charAt(length - 1) <= ' ') length--;
      if (length == 0 || length > MimeLimits.BOUNDARY_BYTES_MAX) return new byte[0];
      return value.substring(0, length).getBytes(StandardCharsets.ISO_8859_1);
    }
    return new byte[0];
  }

  void close(int bodyEnd, int linesEnd) {
    end = Math.max(bodyEnd, bodyOffset);
    bodyLines = Math.max(linesEnd - bodyLinesStart, 0);
  }

  MimePart build() {
    List<MimePart> built = List.of();
    if (children != null) {
      var parts = new ArrayList<MimePart>(children.size());
      for (PartBuilder child : children) parts.add(child.build());
      built = List.copyOf(parts);
    }
    return new MimePart(
        type,
        subtype,
        parameters,
        Optional.ofNullable(disposition),
        encoding,
        Optional.ofNullable(contentId),
        Optional.ofNullable(description),
        Optional.ofNullable(md5),
        languages,
        Optional.ofNullable(location),
        headerOffset,
        bodyOffset,
        end,
        bodyLines,
        built,
        Optional.ofNullable(envelope));
  }
}
