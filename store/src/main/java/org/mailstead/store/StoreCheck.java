package org.mailstead.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;

/// Walks a whole store and proves that every index agrees with its source: the partitions by the
/// checks of those who own them, the engine's own structures by [Store#check], and between them
/// that every blob that is referred to exists, is whole, and has the partition among its holders. A
/// holder without a reference is a warning: a crash may leave one. For a store that nobody changes
/// meanwhile.
public final class StoreCheck {
  private static final int PAGE_COUNT = 1000;

  private final Store store;
  private final List<PartitionCheck> checks;

  public StoreCheck(Store store, List<PartitionCheck> checks) {
    this.store = store;
    this.checks = List.copyOf(checks);
  }

  /// What was found. The lists hold at most [Findings#TEXTS_MAX] texts each; the counts are true.
  public record Result(
      long partitionCount,
      long rowCount,
      long blobCount,
      long referenceCount,
      long errorCount,
      long warningCount,
      List<String> errors,
      List<String> warnings) {
    public boolean isClean() {
      return errorCount == 0;
    }
  }

  public Result run() {
    References references = new References();
    Findings findings = new Findings(references::add);
    store.check(findings);
    long partitionCount = 0;
    long rowCount = 0;
    Optional<PartitionId> after = Optional.empty();
    while (true) {
      List<PartitionId> page = store.partitions("", after, PAGE_COUNT);
      for (PartitionId partition : page) {
        rowCount += countRows(partition, findings);
        for (PartitionCheck check : checks) {
          if (check.covers(partition)) runOne(check, partition, findings);
        }
      }
      partitionCount += page.size();
      if (page.size() < PAGE_COUNT) break;
      after = Optional.of(page.getLast());
    }
    long blobCount = checkBlobs(references, findings);
    return new Result(
        partitionCount,
        rowCount,
        blobCount,
        references.count,
        findings.errorCount(),
        findings.warningCount(),
        findings.errors(),
        findings.warnings());
  }

  /// A check that stumbles over damage must not hide what the others find.
  private void runOne(PartitionCheck check, PartitionId partition, Findings findings) {
    try {
      check.check(store, partition, findings);
    } catch (DamagedBlobException | IllegalStateException | RefusedException e) {
      findings.error(partition + ": the check failed: " + e.getMessage());
    }
  }

  private long countRows(PartitionId partition, Findings findings) {
    long count = 0;
    Optional<byte[]> after = Optional.empty();
    long version = -1;
    do {
      Store.ScanPage page = store.scan(partition, after);
      if (version >= 0 && page.version() != version) {
        findings.warning(partition + ": changed while it was checked");
      }
      version = page.version();
      count += page.rows().size();
      after = page.next();
    } while (after.isPresent());
    return count;
  }

  private long checkBlobs(References references, Findings findings) {
    Blobs blobs = store.blobs();
    references.forEachBlob((partition, blob) -> {
      if (blobs.find(blob).isEmpty()) {
        findings.error(partition + ": refers to blob " + blob + ", which is not there");
      } else if (!blobs.holders(blob).contains(partition)) {
        findings.error(partition + ": refers to blob " + blob + " but is not its holder");
      }
    });
    long count = 0;
    Optional<BlobId> after = Optional.empty();
    while (true) {
      List<BlobId> page = blobs.list(after, PAGE_COUNT);
      for (BlobId blob : page) checkBlob(blob, references, findings);
      count += page.size();
      if (page.size() < PAGE_COUNT) return count;
      after = Optional.of(page.getLast());
    }
  }

  private void checkBlob(BlobId blob, References references, Findings findings) {
    try {
      readWhole(store.blobs(), blob);
    } catch (DamagedBlobException e) {
      findings.error(String.valueOf(e.getMessage()));
    } catch (RefusedException | UnavailableException e) {
      findings.error("blob " + blob + " cannot be read: " + e.getMessage());
    }
    for (PartitionId holder : store.blobs().holders(blob)) {
      boolean covered = checks.stream().anyMatch(check -> check.covers(holder));
      if (covered && !references.contains(holder, blob)) {
        findings.warning(holder + ": holds blob " + blob + " without referring to it");
      }
    }
  }

  private static void readWhole(Blobs blobs, BlobId blob) {
    long length = blobs.find(blob).orElse(0L);
    if (length <= Integer.MAX_VALUE - 16) blobs.read(blob, 0, (int) length);
  }

  /// All pairs of partition and blob seen: 24 octets each, sorted when first asked.
  private static final class References {
    private long[] highs = new long[1024];
    private long[] lows = new long[1024];
    private final Map<PartitionId, Integer> partitions = new HashMap<>();
    private final List<PartitionId> names = new ArrayList<>();
    private int[] owners = new int[1024];
    private long[] hashes = new long[0];
    int count;

    void add(PartitionId partition, BlobId blob) {
      if (count == highs.length) {
        highs = Arrays.copyOf(highs, count * 2);
        lows = Arrays.copyOf(lows, count * 2);
        owners = Arrays.copyOf(owners, count * 2);
      }
      highs[count] = blob.high();
      lows[count] = blob.low();
      owners[count] =
          partitions.computeIfAbsent(
              partition,
              id -> {
                names.add(id);
                return names.size() - 1;
              });
      count++;
    }

    void forEachBlob(BiConsumer<PartitionId, BlobId> each) {
      hashes = new long[count];
      for (int i = 0; i < count; i++) {
        hashes[i] = hash(owners[i], highs[i], lows[i]);
        each.accept(names.get(owners[i]), new BlobId(highs[i], lows[i]));
      }
      Arrays.sort(hashes);
    }

    /// By a 64-bit hash: a collision could at worst hide one warning.
    boolean contains(PartitionId partition, BlobId blob) {
      Integer owner = partitions.get(partition);
      return owner != null
          && Arrays.binarySearch(hashes, hash(owner, blob.high(), blob.low())) >= 0;
    }

    private static long hash(int owner, long high, long low) {
      long mixed = high * 0x9E37_79B9_7F4A_7C15L ^ Long.rotateLeft(low, 29) ^ owner;
      mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8_FEB8_6659_FD93L;
      return mixed ^ (mixed >>> 32);
    }
  }
}
