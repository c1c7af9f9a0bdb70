package org.mailstead.store;

/// One blob cannot be read back as written. Costs only the message that it belongs to.
public final class DamagedBlobException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final BlobId blob;

  public DamagedBlobException(BlobId blob, String text) {
    super("blob " + blob + " is damaged: " + text);
    this.blob = blob;
  }

  public BlobId blob() {
    return blob;
  }
}
