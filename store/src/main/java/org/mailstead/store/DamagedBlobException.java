package org.mailstead.store;

/// One blob cannot be read back as written. Costs only the message that it belongs to.
public final class DamagedBlobException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long high;
  private final long low;

  public DamagedBlobException(BlobId blob, String text) {
    super("blob " + blob + " is damaged: " + text);
    this.high = blob.high();
    this.low = blob.low();
  }

  public BlobId blob() {
    return new BlobId(high, low);
  }
}
