package org.mailstead.formats.mime;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.Invariant;
import org.mailstead.formats.mime.MimePart.Disposition;
import org.mailstead.formats.mime.MimePart.Parameter;

/// The binary form of a structure that is stored beside a message. The first byte is the format.
///
/// Numbers are varints; strings and lists are counted; frequent strings are one byte. An offset is
/// written as its distance from the one before it, which is small. What is there is told by one
/// varint of bits for each part.
public final class StructureCodec {
  private static final int FORMAT = 1;

  /// Never change the order, only append: the index is stored.
  private static final List<String> KNOWN =
      List.of(
          "text",
          "plain",
          "html",
          "multipart",
          "mixed",
          "alternative",
          "related",
          "message",
          "rfc822",
          "application",
          "octet-stream",
          "image",
          "jpeg",
          "png",
          "gif",
          "pdf",
          "7bit",
          "8bit",
          "base64",
          "quoted-printable",
          "charset",
          "utf-8",
          "us-ascii",
          "iso-8859-1",
          "boundary",
          "name",
          "filename",
          "attachment",
          "inline",
          "format",
          "flowed",
          "UTF-8",
          "report",
          "signed",
          "binary",
          "delivery-status",
          "calendar",
          "method",
          "type",
          "size");

  private static final int HAS_DISPOSITION = 1;
  private static final int HAS_CONTENT_ID = 2;
  private static final int HAS_DESCRIPTION = 4;
  private static final int HAS_MD5 = 8;
  private static final int HAS_LANGUAGES = 16;
  private static final int HAS_LOCATION = 32;
  private static final int HAS_CHILDREN = 64;
  private static final int HAS_ENVELOPE = 128;

  private StructureCodec() {}

  public static byte[] encode(MimePart message) {
    OctetBuilder out = new OctetBuilder(512);
    out.add(FORMAT);
    encode(out, message, 0);
    return out.toArray();
  }

  /// @throws IllegalStateException the bytes are not what [#encode] made: damaged data
  public static MimePart decode(byte[] encoded) {
    Reader in = new Reader(encoded);
    int format = in.octet();
    Invariant.check(format == FORMAT, "structure of a known format");
    MimePart part = in.part(0, 0);
    Invariant.check(in.at == encoded.length, "structure without a rest");
    return part;
  }

  private static void encode(OctetBuilder out, MimePart part, long base) {
    int has =
        (part.disposition().isPresent() ? HAS_DISPOSITION : 0)
            | (part.contentId().isPresent() ? HAS_CONTENT_ID : 0)
            | (part.description().isPresent() ? HAS_DESCRIPTION : 0)
            | (part.md5().isPresent() ? HAS_MD5 : 0)
            | (part.languages().isEmpty() ? 0 : HAS_LANGUAGES)
            | (part.location().isPresent() ? HAS_LOCATION : 0)
            | (part.children().isEmpty() ? 0 : HAS_CHILDREN)
            | (part.envelope().isPresent() ? HAS_ENVELOPE : 0);
    out.addVarint(has);
    word(out, part.type());
    word(out, part.subtype());
    word(out, part.encoding());
    parameters(out, part.parameters());
    out.addVarint(part.headerOffset() - base);
    out.addVarint(part.bodyOffset() - part.headerOffset());
    out.addVarint(part.end() - part.bodyOffset());
    out.addVarint(part.bodyLines());
    if (part.disposition().isPresent()) {
      word(out, part.disposition().get().value());
      parameters(out, part.disposition().get().parameters());
    }
    part.contentId().ifPresent(out::addCounted);
    part.description().ifPresent(out::addCounted);
    part.md5().ifPresent(out::addCounted);
    if (!part.languages().isEmpty()) {
      out.addVarint(part.languages().size());
      for (String language : part.languages()) out.addCounted(language);
    }
    part.location().ifPresent(out::addCounted);
    if (part.envelope().isPresent()) envelope(out, part.envelope().get());
    if (!part.children().isEmpty()) {
      out.addVarint(part.children().size());
      for (MimePart child : part.children()) encode(out, child, part.headerOffset());
    }
  }

  private static void word(OctetBuilder out, String text) {
    int known = KNOWN.indexOf(text);
    if (known >= 0) {
      out.addVarint(known + 1L);
    } else {
      out.addVarint(0);
      out.addCounted(text);
    }
  }

  private static void parameters(OctetBuilder out, List<Parameter> parameters) {
    out.addVarint(parameters.size());
    for (Parameter parameter : parameters) {
      word(out, parameter.name());
      word(out, parameter.value());
    }
  }

  private static void envelope(OctetBuilder out, Envelope envelope) {
    optional(out, envelope.date());
    optional(out, envelope.subject());
    addresses(out, envelope.from());
    addresses(out, envelope.sender());
    addresses(out, envelope.replyTo());
    addresses(out, envelope.to());
    addresses(out, envelope.cc());
    addresses(out, envelope.bcc());
    optional(out, envelope.inReplyTo());
    optional(out, envelope.messageId());
  }

  private static void addresses(OctetBuilder out, List<MimeAddress> addresses) {
    out.addVarint(addresses.size());
    for (MimeAddress address : addresses) {
      optional(out, address.name());
      optional(out, address.route());
      optional(out, address.local());
      optional(out, address.host());
    }
  }

  /// The length and one, so that 0 says that there is none.
  private static void optional(OctetBuilder out, Optional<String> text) {
    if (text.isEmpty()) {
      out.addVarint(0);
    } else {
      out.addVarint(text.get().length() + 1L);
      out.add(text.get());
    }
  }

  private static final class Reader {
    private final byte[] octets;
    private int at;

    Reader(byte[] octets) {
      this.octets = octets;
    }

    int octet() {
      Invariant.check(at < octets.length, "structure that ends too early");
      return octets[at++] & 0xff;
    }

    private long varint() {
      long number = 0;
      for (int shift = 0; shift < 63; shift += 7) {
        int octet = octet();
        number |= (long) (octet & 0x7f) << shift;
        if (octet < 0x80) return number;
      }
      throw new IllegalStateException("invariant broken: number that fits");
    }

    /// A count of things that take at least one byte each.
    private int count() {
      long count = varint();
      Invariant.check(count <= octets.length - at, "structure that holds what it counts");
      return (int) count;
    }

    private String text(int length) {
      Invariant.check(length <= octets.length - at, "structure that holds its strings");
      String text = new String(octets, at, length, StandardCharsets.ISO_8859_1);
      at += length;
      return text;
    }

    private String counted() {
      return text(count());
    }

    private String word() {
      int known = (int) Math.min(varint(), Integer.MAX_VALUE);
      if (known == 0) return counted();
      Invariant.check(known <= KNOWN.size(), "structure with known words");
      return KNOWN.get(known - 1);
    }

    private Optional<String> optional() {
      int length = (int) Math.min(varint(), Integer.MAX_VALUE);
      return length == 0 ? Optional.empty() : Optional.of(text(length - 1));
    }

    private List<Parameter> parameters() {
      int count = count();
      if (count == 0) return List.of();
      var parameters = new ArrayList<Parameter>(count);
      for (int i = 0; i < count; i++) parameters.add(new Parameter(word(), word()));
      return List.copyOf(parameters);
    }

    private List<MimeAddress> addresses() {
      int count = count();
      if (count == 0) return List.of();
      var addresses = new ArrayList<MimeAddress>(count);
      for (int i = 0; i < count; i++) {
        addresses.add(new MimeAddress(optional(), optional(), optional(), optional()));
      }
      return List.copyOf(addresses);
    }

    private List<String> languages() {
      int count = count();
      var languages = new ArrayList<String>(count);
      for (int i = 0; i < count; i++) languages.add(counted());
      return List.copyOf(languages);
    }

    private Envelope envelope() {
      return new Envelope(
          optional(),
          optional(),
          addresses(),
          addresses(),
          addresses(),
          addresses(),
          addresses(),
          addresses(),
          optional(),
          optional());
    }

    MimePart part(long base, int depth) {
      Invariant.check(depth < MimeLimits.DEPTH_MAX, "structure of a possible depth");
      long has = varint();
      String type = word();
      String subtype = word();
      String encoding = word();
      List<Parameter> parameters = parameters();
      long headerOffset = base + varint();
      long bodyOffset = headerOffset + varint();
      long end = bodyOffset + varint();
      long bodyLines = varint();
      Optional<Disposition> disposition =
          (has & HAS_DISPOSITION) == 0
              ? Optional.empty()
              : Optional.of(new Disposition(word(), parameters()));
      Optional<String> contentId = countedIf(has & HAS_CONTENT_ID);
      Optional<String> description = countedIf(has & HAS_DESCRIPTION);
      Optional<String> md5 = countedIf(has & HAS_MD5);
      List<String> languages = (has & HAS_LANGUAGES) == 0 ? List.of() : languages();
      Optional<String> location = countedIf(has & HAS_LOCATION);
      Optional<Envelope> envelope =
          (has & HAS_ENVELOPE) == 0 ? Optional.empty() : Optional.of(envelope());
      List<MimePart> children = List.of();
      if ((has & HAS_CHILDREN) != 0) {
        int count = count();
        var parts = new ArrayList<MimePart>(count);
        for (int i = 0; i < count; i++) parts.add(part(headerOffset, depth + 1));
        children = List.copyOf(parts);
      }
      return new MimePart(
          type,
          subtype,
          parameters,
          disposition,
          encoding,
          contentId,
          description,
          md5,
          languages,
          location,
          headerOffset,
          bodyOffset,
          end,
          bodyLines,
          children,
          envelope);
    }

    private Optional<String> countedIf(long flag) {
      return flag == 0 ? Optional.empty() : Optional.of(counted());
    }
  }
}
