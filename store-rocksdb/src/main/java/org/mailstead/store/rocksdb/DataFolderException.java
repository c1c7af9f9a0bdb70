package org.mailstead.store.rocksdb;

/// The data folder cannot be opened: locked, from a newer version, or not ours. Its text is one
/// line for the operator and names the folder.
public final class DataFolderException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DataFolderException(String text) {
    super(text);
  }

  DataFolderException(String text, Throwable cause) {
    super(text, cause);
  }
}
