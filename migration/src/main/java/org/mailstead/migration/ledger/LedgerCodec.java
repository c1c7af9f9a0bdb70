package org.mailstead.migration.ledger;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32C;
import org.mailstead.base.MalformedException;
import org.mailstead.migration.item.Fingerprint;

/// Records as octets: length (4), CRC-32C of the payload (4), payload. The payload begins with the
/// record's number; texts are UTF-8 with a length of 4 octets.
final class LedgerCodec {
  static final int FRAME_BYTES = 8;
  static final int PAYLOAD_BYTES_MAX = 1 << 20;

  private LedgerCodec() {}

  static byte[] encode(LedgerRecord record) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      out.writeLong(0);
      write(out, record);
    } catch (IOException e) {
      throw new UncheckedIOException("an array refuses", e);
    }
    byte[] frame = bytes.toByteArray();
    int length = frame.length - FRAME_BYTES;
    if (length > PAYLOAD_BYTES_MAX) {
      throw new MalformedException("a ledger record of " + length + " octets");
    }
    putInt(frame, 0, length);
    putInt(frame, 4, checksum(frame, FRAME_BYTES, length));
    return frame;
  }

  static int checksum(byte[] octets, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(octets, offset, length);
    return (int) crc.getValue();
  }

  private static void putInt(byte[] octets, int at, int value) {
    for (int i = 0; i < 4; i++) octets[at + i] = (byte) (value >>> (24 - 8 * i));
  }

  private static void write(DataOutputStream out, LedgerRecord record) throws IOException {
    switch (record) {
      case LedgerRecord.Opened(String source, String target, Instant at) -> {
        out.writeByte(1);
        text(out, source);
        text(out, target);
        instant(out, at);
      }
      case LedgerRecord.SourceFolder(int folder, String key, String validity, String path) -> {
        out.writeByte(2);
        out.writeInt(folder);
        text(out, key);
        text(out, validity);
        text(out, path);
      }
      case LedgerRecord.TargetFolder(int folder, String key, String validity, String path) -> {
        out.writeByte(3);
        out.writeInt(folder);
        text(out, key);
        text(out, validity);
        text(out, path);
      }
      case LedgerRecord.Intent intent -> {
        out.writeByte(4);
        item(out, intent.folder(), intent.id());
        out.writeInt(intent.targetFolder());
        out.writeLong(intent.fingerprint().sizeBytes());
        out.writeLong(intent.fingerprint().a());
        out.writeLong(intent.fingerprint().b());
        out.writeLong(intent.fingerprint().c());
        out.writeLong(intent.fingerprint().d());
        flags(out, intent.flags());
        instant(out, intent.received());
        text(out, intent.position());
      }
      case LedgerRecord.Written(int folder, String id, String targetId, String repair) -> {
        out.writeByte(5);
        item(out, folder, id);
        text(out, targetId);
        text(out, repair);
      }
      case LedgerRecord.Withdrawn(int folder, String id) -> {
        out.writeByte(6);
        item(out, folder, id);
      }
      case LedgerRecord.Quarantined(int folder, String id, String reason) -> {
        out.writeByte(7);
        item(out, folder, id);
        text(out, reason);
      }
      case LedgerRecord.Skipped(int folder, String id, String reason) -> {
        out.writeByte(8);
        item(out, folder, id);
        text(out, reason);
      }
      case LedgerRecord.FlagsSet(int folder, String id, Set<String> flags) -> {
        out.writeByte(9);
        item(out, folder, id);
        flags(out, flags);
      }
      case LedgerRecord.Gone(int folder, String id) -> {
        out.writeByte(10);
        item(out, folder, id);
      }
      case LedgerRecord.Verified(int folder, String id, String difference) -> {
        out.writeByte(11);
        item(out, folder, id);
        text(out, difference);
      }
      case LedgerRecord.Token(int folder, String token) -> {
        out.writeByte(12);
        item(out, folder, token);
      }
      case LedgerRecord.Leaving(int folder, String id) -> {
        out.writeByte(13);
        item(out, folder, id);
      }
      case LedgerRecord.Renumbered(int oldFolder, String oldId, int folder, String id) -> {
        out.writeByte(14);
        item(out, oldFolder, oldId);
        item(out, folder, id);
      }
    }
  }

  /// @throws MalformedException not a record of this version
  static LedgerRecord decode(byte[] octets, int offset, int length) {
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(octets, offset, length))) {
      int kind = in.readUnsignedByte();
      return switch (kind) {
        case 1 -> new LedgerRecord.Opened(text(in), text(in), instant(in));
        case 2 -> new LedgerRecord.SourceFolder(in.readInt(), text(in), text(in), text(in));
        case 3 -> new LedgerRecord.TargetFolder(in.readInt(), text(in), text(in), text(in));
        case 4 ->
            new LedgerRecord.Intent(
                in.readInt(),
                text(in),
                in.readInt(),
                new Fingerprint(
                    in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readLong()),
                flags(in),
                instant(in),
                text(in));
        case 5 -> new LedgerRecord.Written(in.readInt(), text(in), text(in), text(in));
        case 6 -> new LedgerRecord.Withdrawn(in.readInt(), text(in));
        case 7 -> new LedgerRecord.Quarantined(in.readInt(), text(in), text(in));
        case 8 -> new LedgerRecord.Skipped(in.readInt(), text(in), text(in));
        case 9 -> new LedgerRecord.FlagsSet(in.readInt(), text(in), flags(in));
        case 10 -> new LedgerRecord.Gone(in.readInt(), text(in));
        case 11 -> new LedgerRecord.Verified(in.readInt(), text(in), text(in));
        case 12 -> new LedgerRecord.Token(in.readInt(), text(in));
        case 13 -> new LedgerRecord.Leaving(in.readInt(), text(in));
        case 14 -> new LedgerRecord.Renumbered(in.readInt(), text(in), in.readInt(), text(in));
        default -> throw new MalformedException("a ledger record of kind " + kind);
      };
    } catch (IOException e) {
      throw new MalformedException("a ledger record ends too early");
    }
  }

  private static void item(DataOutputStream out, int folder, String id) throws IOException {
    out.writeInt(folder);
    text(out, id);
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(octets.length);
    out.write(octets);
  }

  private static String text(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) throw new MalformedException("a text too long");
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  private static void flags(DataOutputStream out, Set<String> flags) throws IOException {
    out.writeInt(flags.size());
    for (String flag : flags) text(out, flag);
  }

  private static Set<String> flags(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > in.available()) throw new MalformedException("too many flags");
    Set<String> flags = HashSet.newHashSet(count);
    for (int i = 0; i < count; i++) flags.add(text(in).intern());
    return Set.copyOf(flags);
  }

  private static void instant(DataOutputStream out, Instant instant) throws IOException {
    out.writeLong(instant.getEpochSecond());
  }

  private static Instant instant(DataInputStream in) throws IOException {
    return Instant.ofEpochSecond(in.readLong());
  }
}
