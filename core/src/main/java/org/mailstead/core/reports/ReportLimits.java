package org.mailstead.core.reports;

/// Bounds of what other domains can make grow here. What goes beyond them is counted, not kept.
///
/// @param rowsPerSubject different rows of one subject on one day
/// @param subjectsPerDay subjects of one day
/// @param figuresPerOrganization rows that others reported to one organization
public record ReportLimits(int rowsPerSubject, int subjectsPerDay, int figuresPerOrganization) {
  /// Octets of a row that is counted.
  public static final int ROW_BYTES_MAX = 2_000;

  /// Characters of a subject: a domain.
  public static final int SUBJECT_CHARS_MAX = 255;

  /// Changes of one commit.
  public static final int ROWS_PER_COMMIT_MAX = 500;

  /// Characters of a text that another server reported.
  public static final int TEXT_CHARS_MAX = 255;

  public static ReportLimits standard() {
    return new ReportLimits(5_000, 20_000, 500_000);
  }
}
