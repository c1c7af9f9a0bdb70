package org.mailstead.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;

/// Walks a whole store and proves that every index agrees with its source: the partitions by the
/// checks of those who own them, the engine's own structures by [Store#check], and between them
/// that every blob that is referred to exists, is whole, and has the partition among its holders. A
/// holder without a reference is a warning: a crash may leave one.
///
/// The store may be in use meanwhile:
/// - What a partition's checks found counts only if its version stayed the same from before to
///   after; otherwise they run again, at most [#ATTEMPTS_MAX] times, then a warning says that it
///   was not checked.
/// - Its checks may look at other partitions, which change too (an entity and its claim): an error
///   counts only if it is found [#CONFIRMATIONS] times, [#PAUSE] apart.
/// - Blobs and references are compared only for partitions that were checked and still have the
///   version of their check after the comparison. Holders come before the commit that refers and go
///   after the one that does not any more, so a mismatch at a standing version is real.
/// - A blob that is held but not referred to may be about to be: it is looked at again at the end.
public final class StoreCheck {
  static final int ATTEMPTS_MAX = 6;
  static final int CONFIRMATIONS = 3;
  static final Duration PAUSE = Duration.ofMillis(250);
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
    Findings findings = new Findings();
    store.check(findings);
    Walk walk = new Walk(findings);
    walk.partitions();
    long blobCount = walk.blobs();
    return new Result(
        walk.checked.size(),
        walk.rowCount,
        blobCount,
        walk.references.count,
        findings.errorCount(),
        findings.warningCount(),
        findings.errors(),
        findings.warnings());
  }

  /// What one attempt at a partition found.
  private record Attempt(long version, long rowCount, Findings findings, List<BlobId> references) {}

  private record Holding(PartitionId holder, BlobId blob) {}

  /// One run.
  private final class Walk {
    private final Findings findings;
    private final References references = new References();

    /// The versions at which partitions were checked.
    private final Map<PartitionId, Long> checked = new HashMap<>();

    private long rowCount;

    Walk(Findings findings) {
      this.findings = findings;
    }

    void partitions() {
      Optional<PartitionId> after = Optional.empty();
      while (true) {
        List<PartitionId> page = store.partitions("", after, PAGE_COUNT);
        for (PartitionId partition : page) partition(partition);
        if (page.size() < PAGE_COUNT) return;
        after = Optional.of(page.getLast());
      }
    }

    private void partition(PartitionId partition) {
      Set<String> confirmed = new LinkedHashSet<>();
      int confirmations = 0;
      int changes = 0;
      while (changes < ATTEMPTS_MAX) {
        Optional<Attempt> attempt = attempt(partition);
        if (attempt.isEmpty()) {
          if (store.version(partition) == 0) return; // Dropped.
          changes++;
          continue;
        }
        Attempt found = attempt.get();
        if (confirmations++ == 0) confirmed.addAll(found.findings().errors());
        else confirmed.retainAll(found.findings().errors());
        if (confirmed.isEmpty() || confirmations == CONFIRMATIONS) {
          accept(partition, found, confirmed);
          return;
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
      findings.warning(partition + ": changes all the time and was not checked");
    }

    private void accept(PartitionId partition, Attempt attempt, Set<String> errors) {
      checked.put(partition, attempt.version());
      rowCount += attempt.rowCount();
      errors.forEach(findings::error);
      long further = attempt.findings().errorCount() - attempt.findings().errors().size();
      if (!errors.isEmpty() && further > 0) {
        findings.error(partition + ": and " + further + " further errors");
      }
      attempt.findings().warnings().forEach(findings::warning);
      for (BlobId blob : attempt.references()) references.add(partition, blob);
    }

    /// Empty if the partition changed meanwhile.
    private Optional<Attempt> attempt(PartitionId partition) {
      long version = store.version(partition);
      if (version == 0) return Optional.empty();
      List<BlobId> referred = new ArrayList<>();
      Findings found =
          new Findings((owner, blob) -> {
            if (!owner.equals(partition)) {
              throw new IllegalStateException("a check names another partition");
            }
            referred.add(blob);
          });
      long rows = countRows(partition, version);
      if (rows < 0) return Optional.empty();
      for (PartitionCheck check : checks) {
        if (check.covers(partition)) runOne(check, partition, found);
      }
      if (store.version(partition) != version) return Optional.empty();
      return Optional.of(new Attempt(version, rows, found, referred));
    }

    /// Whether the partition is as it was when it was checked. To be asked after a comparison.
    private boolean stands(PartitionId partition) {
      Long version = checked.get(partition);
      return version == null ? store.version(partition) == 0 : store.version(partition) == version;
    }

    long blobs() {
      Blobs blobs = store.blobs();
      references.forEachBlob((partition, blob) -> {
        boolean there = blobs.find(blob).isPresent();
        if (there && blobs.holders(blob).contains(partition)) return;
        if (!stands(partition)) return;
        findings.error(
            partition
                + ": refers to blob "
                + blob
                + (there ? " but is not its holder" : ", which is not there"));
      });
      List<Holding> surplus = new ArrayList<>();
      long count = 0;
      Optional<BlobId> after = Optional.empty();
      while (true) {
        NavigableMap<BlobId, List<PartitionId>> page = blobs.listHolders(after, PAGE_COUNT);
        page.forEach((blob, holders) -> {
          checkBlob(blob);
          for (PartitionId holder : holders) {
            boolean covered = checks.stream().anyMatch(check -> check.covers(holder));
            if (covered && !references.contains(holder, blob)) {
              surplus.add(new Holding(holder, blob));
            }
          }
        });
        count += page.size();
        if (page.size() < PAGE_COUNT) break;
        after = Optional.of(page.lastKey());
      }
      surplus(surplus);
      return count;
    }

    private void surplus(List<Holding> surplus) {
      if (surplus.stream().noneMatch(each -> stands(each.holder()))) return;
      LockSupport.parkNanos(PAUSE.toNanos());
      for (Holding each : surplus) {
        boolean held = store.blobs().holders(each.blob()).contains(each.holder());
        if (held && stands(each.holder())) {
          findings.warning(
              each.holder() + ": holds blob " + each.blob() + " without referring to it");
        }
      }
    }

    private void checkBlob(BlobId blob) {
      try {
        readWhole(store.blobs(), blob);
      } catch (DamagedBlobException e) {
        findings.error(String.valueOf(e.getMessage()));
      } catch (RefusedException | UnavailableException e) {
        // One that was swept meanwhile is no loss.
        if (store.blobs().find(blob).isEmpty()) return;
        findings.error("blob " + blob + " cannot be read: " + e.getMessage());
      }
    }
  }

  /// A check that stumbles over damage must not hide what the others find.
  private void runOne(PartitionCheck check, PartitionId partition, Findings findings) {
    try {
      check.check(store, partition, findings);
    } catch (RuntimeException e) {
      String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      findings.error(partition + ": the check failed: " + text);
    }
  }

  /// How many rows there are; -1 if the partition has another version than this.
  private long countRows(PartitionId partition, long version) {
    long count = 0;
    Optional<byte[]> after = Optional.empty();
    do {
      Store.ScanPage page = store.scan(partition, after);
      if (page.version() != version) return -1;
      count += page.rows().size();
      after = page.next();
    } while (after.isPresent());
    return count;
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
