package org.mailstead.mailflow.reports;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.mailstead.base.Content;
import org.mailstead.base.MalformedException;
import org.mailstead.formats.mime.MessageScanner;
import org.mailstead.formats.mime.MimePart;
import org.mailstead.formats.mime.TransferDecoder;

/// Takes reports out of a message: plain, gzip or zip, whatever type and name say, by their first
/// octets. Everything that unpacks is bounded by what it unpacks to, not by what it claims.
final class ReportParts {
  private static final int HEAD_BYTES = 4;

  private ReportParts() {}

  /// The documents, XML or JSON, that may be reports.
  ///
  /// @throws MalformedException one is larger than allowed, or damaged
  static List<byte[]> of(Content content) {
    ByteBuffer message = content.buffer();
    List<MimePart> leaves = new ArrayList<>();
    collect(MessageScanner.scan(message), leaves);
    List<byte[]> documents = new ArrayList<>();
    for (MimePart part : leaves) {
      try (InputStream body = TransferDecoder.open(content.buffer(), part)) {
        unpack(body, documents);
      } catch (IOException e) {
        throw new MalformedException("a report cannot be unpacked");
      }
    }
    return documents;
  }

  private static void collect(MimePart part, List<MimePart> leaves) {
    if (leaves.size() >= ReportBounds.PARTS_MAX) return;
    if (part.isMultipart()) {
      part.children().forEach(child -> collect(child, leaves));
    } else if (!part.isMessage()) {
      leaves.add(part);
    }
  }

  private static void unpack(InputStream body, List<byte[]> documents) throws IOException {
    byte[] head = body.readNBytes(HEAD_BYTES);
    if (head.length < 2) return;
    InputStream whole = new java.io.SequenceInputStream(new ByteArrayInputStream(head), body);
    if ((head[0] & 0xFF) == 0x1F && (head[1] & 0xFF) == 0x8B) {
      try (InputStream plain = new GZIPInputStream(whole)) {
        addIfDocument(bounded(plain), documents);
      }
    } else if (head[0] == 'P' && head[1] == 'K') {
      try (ZipInputStream zip = new ZipInputStream(whole)) {
        for (int i = 0; i < ReportBounds.ZIP_ENTRIES_MAX; i++) {
          ZipEntry entry = zip.getNextEntry();
          if (entry == null) break;
          if (!entry.isDirectory()) addIfDocument(bounded(zip), documents);
        }
      }
    } else if (isDocument(head)) {
      addIfDocument(bounded(whole), documents);
    }
  }

  private static byte[] bounded(InputStream in) throws IOException {
    byte[] octets = in.readNBytes(ReportBounds.UNPACKED_BYTES_MAX + 1);
    if (octets.length > ReportBounds.UNPACKED_BYTES_MAX) {
      throw new MalformedException(
          "a report is larger than " + ReportBounds.UNPACKED_BYTES_MAX + " octets when unpacked");
    }
    return octets;
  }

  private static void addIfDocument(byte[] octets, List<byte[]> documents) {
    if (isDocument(octets)) documents.add(octets);
  }

  /// XML, with or without a byte order mark, or JSON.
  private static boolean isDocument(byte[] octets) {
    for (byte each : octets) {
      int c = each & 0xFF;
      if (c == '<' || c == '{') return true;
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != 0xEF && c != 0xBB && c != 0xBF) {
        return false;
      }
    }
    return false;
  }
}
