package org.mailstead.core.export;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.EmailId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.mailbox.Flags;
import org.mailstead.core.mailbox.Folder;
import org.mailstead.core.mailbox.FolderView;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.store.DamagedBlobException;

/// Writes a mailbox as a zip: `README.txt`, `<folder>/<uid>.eml` for each message, octet for octet
/// as stored, and `manifest.jsonl`, one JSON object a line (docs/operations/export.md describes
/// them).
///
/// The mailbox may change meanwhile. Each folder is read as it was at one moment, and the manifest
/// says at which version; folders may be of different moments. A message that was removed before
/// its turn is left out and counted; one that was moved may be in two folders or in none that comes
/// later. What cannot be read back is left out, named in the manifest, and counted as
/// non-exportable.
///
/// Memory: one message of up to a megabyte, or a buffer; directory and manifest are spooled.
public final class MailboxArchive {
  /// The version of the layout.
  public static final int FORMAT = 1;

  private static final String MANIFEST = "manifest.jsonl";
  private static final String README = "README.txt";
  private static final int IN_MEMORY_BYTES_MAX = 1 << 20;
  private static final List<String> FLAG_NAMES =
      List.of("\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft");

  private final ContentSpool spool;
  private final InstantSource clock;

  /// What an archive holds.
  ///
  /// @param bytes of the archive
  /// @param sha384 of the archive, hexadecimal
  public record Summary(
      long folders,
      long messages,
      long removedMeanwhile,
      long nonExportable,
      long bytes,
      String sha384,
      Instant started,
      Instant ended) {}

  /// Told now and then how far it is.
  @FunctionalInterface
  public interface Progress {
    /// @param percent 0 to 99
    /// @return false: stop
    boolean at(int percent);
  }

  /// It was stopped by [Progress].
  public static final class StoppedException extends Exception {
    private static final long serialVersionUID = 1L;

    StoppedException() {
      super("the export was stopped", null, false, false);
    }
  }

  public MailboxArchive(ContentSpool spool, InstantSource clock) {
    this.spool = spool;
    this.clock = clock;
  }

  /// Writes the whole archive; the stream stays open.
  ///
  /// @param owner shown in README and manifest
  public Summary write(Mailbox mailbox, String owner, OutputStream out, Progress progress)
      throws IOException, StoppedException {
    var hashed = new HashedStream(out);
    try (var zip = new ZipWriter(hashed, spool);
        var manifest = spool.newWriter()) {
      Run run = new Run(mailbox, zip, manifest, progress);
      run.all(owner);
      zip.finish();
      return new Summary(
          run.folders,
          run.messages,
          run.removed,
          run.failed,
          hashed.bytes,
          HexFormat.of().formatHex(hashed.digest.digest()),
          run.started,
          clock.instant());
    }
  }

  private final class Run {
    private final Mailbox mailbox;
    private final ZipWriter zip;
    private final ContentSpool.Writer manifest;
    private final Progress progress;
    private final Instant started = clock.instant();
    private final ArchiveNames names = new ArchiveNames(Set.of(MANIFEST, README));
    private final MessageDigest sha256 = digest("SHA-256");
    private long folders;
    private long messages;
    private long removed;
    private long failed;
    private long bytesDone;
    private long bytesTotal = 1;

    Run(Mailbox mailbox, ZipWriter zip, ContentSpool.Writer manifest, Progress progress) {
      this.mailbox = mailbox;
      this.zip = zip;
      this.manifest = manifest;
      this.progress = progress;
    }

    void all(String owner) throws IOException, StoppedException {
      line(
          new JsonLine()
              .text("type", "export")
              .number("format", FORMAT)
              .text("mailbox", owner)
              .text("started", started.toString()));
      zip.add(README, started, stream(readme(owner)));
      List<Folder> all = mailbox.folders();
      for (Folder folder : all) bytesTotal += folder.bytes();
      for (Folder folder : all) folder(folder);
      line(
          new JsonLine()
              .text("type", "end")
              .number("folders", folders)
              .number("messages", messages)
              .number("removedMeanwhile", removed)
              .number("nonExportable", failed));
      try (Content content = manifest.finish();
          InputStream in = content.open()) {
        zip.add(MANIFEST, clock.instant(), in);
      }
    }

    private void folder(Folder folder) throws IOException, StoppedException {
      List<String> path;
      Optional<FolderView> view = Optional.empty();
      try {
        path = mailbox.path(folder.id());
        if (path.isEmpty()) return;
        if (folder.selectable()) view = Optional.of(mailbox.view(folder.id()));
      } catch (RefusedException e) {
        if (e.refusal() == Refusal.NOT_FOUND) return; // Removed since the list was made.
        throw e;
      }
      String place = names.place(path);
      Folder now = view.map(FolderView::folder).orElse(folder);
      folders++;
      line(
          new JsonLine()
              .text("type", "folder")
              .text("place", place)
              .texts("path", path)
              .text("use", now.specialUse().map(Enum::name).orElse(""))
              .number("uidValidity", now.uidValidity())
              .number("version", now.highestModSeq())
              .number("messages", now.messageCount())
              .text("read", clock.instant().toString()));
      if (view.isEmpty()) return;
      for (int i = 1; i <= view.get().count(); i++) message(view.get(), i, place);
    }

    private void message(FolderView view, int sequence, String place)
        throws IOException, StoppedException {
      int percent = (int) Math.min(99, bytesDone * 100 / bytesTotal);
      if (!progress.at(percent)) throw new StoppedException();
      EmailId email = view.email(sequence);
      long size = view.size(sequence);
      bytesDone += size;
      String file = "%s/%010d.eml".formatted(place, view.uid(sequence));
      Instant received = Instant.ofEpochSecond(view.receivedSeconds(sequence));
      sha256.reset();
      try {
        if (size <= IN_MEMORY_BYTES_MAX) {
          byte[] octets = mailbox.content(email, 0, (int) size);
          sha256.update(octets);
          zip.add(file, received, new ByteArrayInputStream(octets));
        } else {
          large(email, file, received);
        }
      } catch (RefusedException e) {
        if (e.refusal() != Refusal.NOT_FOUND) throw e;
        removed++;
        return;
      } catch (DamagedBlobException e) {
        failed++;
        line(
            new JsonLine()
                .text("type", "nonExportable")
                .text("file", file)
                .number("size", size)
                .text("error", "the stored message cannot be read back"));
        return;
      }
      messages++;
      line(
          new JsonLine()
              .text("type", "message")
              .text("file", file)
              .number("uid", view.uid(sequence))
              .texts("flags", flags(view.flags(sequence)))
              .texts("keywords", keywords(view, sequence))
              .text("received", received.toString())
              .text("saved", Instant.ofEpochSecond(view.savedSeconds(sequence)).toString())
              .number("size", size)
              .text("sha256", HexFormat.of().formatHex(sha256.digest())));
    }

    /// Read twice: an entry that has begun cannot be taken back, so it is read through once before.
    private void large(EmailId email, String file, Instant received) throws IOException {
      try (Content content = mailbox.content(email)) {
        byte[] buffer = new byte[65_536];
        try (InputStream in = content.open()) {
          for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
            sha256.update(buffer, 0, got);
          }
        }
        try (InputStream in = content.open()) {
          zip.add(file, received, in);
        } catch (DamagedBlobException e) {
          throw new UnavailableException(
              "a message was damaged while it was written", Duration.ofMinutes(1), e);
        }
      }
    }

    private void line(JsonLine line) {
      byte[] octets = line.line().getBytes(StandardCharsets.UTF_8);
      manifest.write(octets, 0, octets.length);
    }
  }

  private static List<String> flags(int bits) {
    List<String> flags = new ArrayList<>();
    for (int i = 0; i < FLAG_NAMES.size(); i++) {
      if ((bits & Flags.ALL & 1 << i) != 0) flags.add(FLAG_NAMES.get(i));
    }
    return flags;
  }

  private static List<String> keywords(FolderView view, int sequence) {
    List<String> keywords = new ArrayList<>();
    List<String> all = view.keywordNames();
    long bits = view.keywords(sequence);
    for (int i = 0; i < all.size(); i++) {
      if ((bits >>> i & 1) != 0) keywords.add(all.get(i));
    }
    return keywords;
  }

  private static String readme(String owner) {
    return """
    The mailbox %s, exported by Mailstead.

    Each folder of the mailbox is a folder here. Each message is a file <uid>.eml, octet for octet
    as it was stored (RFC 5322); every mail program opens it.

    manifest.jsonl says what a message file cannot: one JSON object a line with the true name of
    each folder, and for each file its flags, keywords, times (UTC), size and SHA-256.
    """
        .formatted(owner);
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no " + algorithm, e);
    }
  }

  private static final class HashedStream extends OutputStream {
    private final OutputStream out;
    private final MessageDigest digest = digest("SHA-384");
    private long bytes;

    HashedStream(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int octet) throws IOException {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] octets, int offset, int count) throws IOException {
      out.write(octets, offset, count);
      digest.update(octets, offset, count);
      bytes += count;
    }
  }
}
