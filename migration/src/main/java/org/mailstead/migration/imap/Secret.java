package org.mailstead.migration.imap;

/// A password or token that no log, error or report shows.
public record Secret(String value) {
  @Override
  public String toString() {
    return "***";
  }
}
