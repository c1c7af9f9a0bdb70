package org.mailstead.formats.sieve;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.formats.mime.AddressParser;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.formats.mime.HeaderText;
import org.mailstead.formats.mime.MimeAddress;
import org.mailstead.formats.mime.MimePart;
import org.mailstead.formats.mime.PartText;

/// A stored message as scripts see it. Reads the body only when a test asks for it. For one thread.
public final class MimeSieveMessage implements SieveMessage {
  private final ByteBuffer message;
  private final MimePart structure;
  private final long size;
  private final HeaderFields fields;
  private Optional<String> text = Optional.empty();

  /// @param size that `size` tests see; the message's own without what was put to it here
  public MimeSieveMessage(ByteBuffer message, MimePart structure, long size) {
    this.message = message;
    this.structure = structure;
    this.size = size;
    this.fields = HeaderFields.of(message, structure);
  }

  @Override
  public List<String> header(String name) {
    return fields.findAll(name).stream()
        .limit(SieveLimits.VALUES_MAX)
        .map(raw -> HeaderText.decode(raw).strip())
        .toList();
  }

  @Override
  public List<List<Address>> addresses(String name) {
    var all = new ArrayList<List<Address>>();
    for (String raw : fields.findAll(name)) {
      if (all.size() == SieveLimits.VALUES_MAX) break;
      var found = new ArrayList<Address>();
      for (MimeAddress each : AddressParser.parse(raw)) {
        if (found.size() == SieveLimits.VALUES_MAX) break;
        // Group marks have no host; what has no local part is no address.
        if (each.local().isEmpty() || each.host().isEmpty()) continue;
        found.add(new Address(unicode(each.local().get()), unicode(each.host().get())));
      }
      all.add(List.copyOf(found));
    }
    return all;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public String rawBody() {
    int from = (int) structure.bodyOffset();
    int count = (int) Math.min(structure.bodyBytes(), SieveLimits.BODY_CHARS_MAX);
    byte[] octets = new byte[count];
    message.get(message.position() + from, octets);
    return new String(octets, StandardCharsets.UTF_8);
  }

  @Override
  public String bodyText() {
    if (text.isEmpty()) {
      var out = new StringBuilder();
      texts(structure, out);
      text = Optional.of(out.toString());
    }
    return text.get();
  }

  private void texts(MimePart part, StringBuilder out) {
    int left = SieveLimits.BODY_CHARS_MAX - out.length();
    if (left <= 0) return;
    if (part.type().equals("text")) {
      out.append(PartText.readable(message, part, left)).append('\n');
    }
    for (MimePart child : part.children()) texts(child, out);
  }

  @Override
  public List<Part> bodyParts() {
    var parts = new ArrayList<Part>();
    parts(structure, parts, SieveLimits.BODY_CHARS_MAX);
    return parts;
  }

  private int parts(MimePart part, List<Part> parts, int left) {
    if (left <= 0) return 0;
    int rest = left;
    String type = part.type() + "/" + part.subtype();
    if (part.isMessage()) {
      // RFC 5173 §5.2: of an embedded message the header.
      MimePart inner = part.children().getFirst();
      int count = (int) Math.min(inner.bodyOffset() - inner.headerOffset(), rest);
      byte[] octets = new byte[count];
      message.get(message.position() + (int) inner.headerOffset(), octets);
      parts.add(new Part(type, new String(octets, StandardCharsets.UTF_8)));
      rest -= count;
    } else if (!part.isMultipart()) {
      String found =
          part.type().equals("text")
              ? PartText.of(message, part, rest)
              : PartText.octets(message, part, rest);
      parts.add(new Part(type, found));
      rest -= found.length();
    }
    for (MimePart child : part.children()) rest = parts(child, parts, rest);
    return rest;
  }

  @Override
  public boolean hasAttachment() {
    return isAttachment(structure, true);
  }

  private static boolean isAttachment(MimePart part, boolean whole) {
    boolean marked =
        part.disposition().map(d -> d.value().equalsIgnoreCase("attachment")).orElse(false);
    if (marked || (part.isMessage() && !whole)) return true;
    if (part.isMultipart()) {
      // What belongs together as one text, or signs it, is none.
      return part.children().stream().anyMatch(child -> isAttachment(child, false));
    }
    if (part.type().equals("text")) return false;
    boolean inline = part.contentId().isPresent() && part.type().equals("image");
    boolean signature =
        part.subtype().equals("pkcs7-signature")
            || part.subtype().equals("x-pkcs7-signature")
            || part.subtype().equals("pgp-signature");
    return !inline && !signature && !whole;
  }

  /// Octets, one char each, as UTF-8 (RFC 6532).
  private static String unicode(String octets) {
    return new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
