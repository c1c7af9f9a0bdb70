package org.mailstead.store;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/// Collects what a check finds. Texts name the partition or blob, never contents. Past [#TEXTS_MAX]
/// texts of a kind are only counted. For one thread.
public final class Findings {
  public static final int TEXTS_MAX = 10_000;

  private final BiConsumer<PartitionId, BlobId> references;
  private final List<String> errors = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private long errorCount;
  private long warningCount;

  public Findings() {
    this((partition, blob) -> {});
  }

  /// Hands every reference on.
  public Findings(BiConsumer<PartitionId, BlobId> references) {
    this.references = references;
  }

  /// Something is lost or contradicts itself.
  public void error(String text) {
    errorCount++;
    if (errors.size() < TEXTS_MAX) errors.add(text);
  }

  /// Something is superfluous or will be put right by itself.
  public void warning(String text) {
    warningCount++;
    if (warnings.size() < TEXTS_MAX) warnings.add(text);
  }

  /// The partition refers to the blob, so it must be one of its holders. Once for each reference;
  /// repeating is harmless.
  public void refersTo(PartitionId partition, BlobId blob) {
    references.accept(partition, blob);
  }

  public List<String> errors() {
    return List.copyOf(errors);
  }

  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  public long errorCount() {
    return errorCount;
  }

  public long warningCount() {
    return warningCount;
  }
}
