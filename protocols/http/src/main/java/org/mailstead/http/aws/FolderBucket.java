package org.mailstead.http.aws;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A bucket in a folder: an object is a file, its key the path. What is being written lies in the
/// folder `.uploads` until it is complete; what a crash left there may be removed. Symbolic links
/// are not followed out of the folder: keys have no `..`, and listings skip links.
public final class FolderBucket implements Bucket {
  private static final Logger LOG = LoggerFactory.getLogger(FolderBucket.class);
  private static final String UPLOADS = ".uploads";

  private final Path root;

  /// The folder must exist: a mount that is missing must not be replaced by an empty folder.
  public FolderBucket(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  @Override
  public ObjectUpload upload(ObjectKey key, Encryption encryption) {
    Path target = file(key);
    try {
      Path uploads = root.resolve(UPLOADS);
      if (!Files.isDirectory(uploads)) Files.createDirectory(uploads);
      Path fresh = Files.createTempFile(uploads, "", ".part");
      return new FolderUpload(fresh, target, FileChannel.open(fresh, StandardOpenOption.WRITE));
    } catch (IOException e) {
      throw unavailable("write", key, e);
    }
  }

  @Override
  public Optional<InputStream> find(ObjectKey key) {
    Path file = file(key);
    try {
      if (!Files.isRegularFile(file)) return Optional.empty();
      return Optional.of(Files.newInputStream(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unavailable("read", key, e);
    }
  }

  @Override
  public Optional<byte[]> findRange(ObjectKey key, long offset, int count) {
    Path file = file(key);
    if (!Files.isRegularFile(file)) return Optional.empty();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.position(offset);
      return Optional.of(Channels.newInputStream(channel).readNBytes(count));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unavailable("read", key, e);
    }
  }

  @Override
  public Optional<InputStream> findVersion(ObjectKey key, String version) {
    throw new RefusedException(Refusal.INVALID, "The bucket keeps no versions of its objects.");
  }

  @Override
  public Optional<Long> findLength(ObjectKey key) {
    Path file = file(key);
    try {
      return Files.isRegularFile(file) ? Optional.of(Files.size(file)) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unavailable("read", key, e);
    }
  }

  @Override
  public ObjectPage list(String prefix, Optional<String> after) {
    checkRoot();
    // The smallest keys behind `after`, the largest of them on top.
    var page =
        new PriorityQueue<ObjectSummary>(Comparator.comparing(ObjectSummary::key).reversed());
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              return folder.equals(root.resolve(UPLOADS))
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (!attributes.isRegularFile()) return FileVisitResult.CONTINUE;
              String name = root.relativize(file).toString();
              if (!name.startsWith(prefix)) return FileVisitResult.CONTINUE;
              if (!ObjectKey.isOne(name)) return FileVisitResult.CONTINUE;
              ObjectKey key = new ObjectKey(name);
              if (after.isEmpty() || ObjectKey.compare(name, after.get()) > 0) {
                page.add(new ObjectSummary(key, attributes.size()));
                // One more than a page shows that there is more.
                if (page.size() > PAGE_COUNT_MAX + 1) page.remove();
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
              if (e instanceof NoSuchFileException) return FileVisitResult.CONTINUE;
              throw e;
            }
          });
    } catch (IOException e) {
      throw new UnavailableException("cannot list " + root, Duration.ofMinutes(1), e);
    }
    boolean more = page.size() > PAGE_COUNT_MAX;
    if (more) page.remove();
    List<ObjectSummary> objects =
        page.stream().sorted(Comparator.comparing(ObjectSummary::key)).toList();
    return new ObjectPage(
        objects, more ? Optional.of(objects.getLast().key().value()) : Optional.empty());
  }

  @Override
  public void delete(ObjectKey key) {
    Path file = file(key);
    try {
      if (Files.isDirectory(file) || !Files.deleteIfExists(file)) return;
      Path folder = file.getParent();
      // A prefix without objects does not exist in a bucket.
      while (folder != null && !folder.equals(root)) {
        Files.delete(folder);
        folder = folder.getParent();
      }
    } catch (DirectoryNotEmptyException | NoSuchFileException e) {
      LOG.debug("{} stays", e.getMessage());
    } catch (IOException e) {
      throw unavailable("delete", key, e);
    }
  }

  private Path file(ObjectKey key) {
    checkRoot();
    if (key.value().equals(UPLOADS) || key.value().startsWith(UPLOADS + "/")) {
      throw new RefusedException(Refusal.RESERVED, UPLOADS + " is kept for uploads under way");
    }
    return root.resolve(key.value());
  }

  private void checkRoot() {
    if (!Files.isDirectory(root)) {
      throw new RefusedException(Refusal.NOT_FOUND, "the folder " + root + " does not exist");
    }
  }

  private static UnavailableException unavailable(String what, ObjectKey key, IOException cause) {
    return new UnavailableException("cannot " + what + " " + key, Duration.ofMinutes(1), cause);
  }

  private static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private final class FolderUpload extends ObjectUpload {
    private final Path fresh;
    private final Path target;
    private final FileChannel channel;
    private final OutputStream out;
    private boolean ended;

    FolderUpload(Path fresh, Path target, FileChannel channel) {
      this.fresh = fresh;
      this.target = target;
      this.channel = channel;
      this.out = new BufferedOutputStream(Channels.newOutputStream(channel), 65_536);
    }

    @Override
    public void write(int octet) throws IOException {
      out.write(octet);
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
      out.write(octets, offset, length);
    }

    @Override
    public void complete() {
      try {
        out.flush();
        channel.force(true);
        channel.close();
        Path folder = java.util.Objects.requireNonNull(target.getParent(), "a file in no folder");
        Files.createDirectories(folder);
        if (Files.isDirectory(target)) {
          throw new RefusedException(Refusal.INVALID, target + " is a folder");
        }
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        ended = true;
        for (Path each = folder; each != null; each = each.getParent()) {
          sync(each);
          if (each.equals(root)) break;
        }
      } catch (IOException e) {
        throw new UnavailableException("cannot write " + target, Duration.ofMinutes(1), e);
      }
    }

    @Override
    public void close() {
      if (ended) return;
      ended = true;
      try {
        channel.close();
        Files.deleteIfExists(fresh);
      } catch (IOException e) {
        LOG.warn("{} is left: {}", fresh, e.getMessage());
      }
    }
  }
}
