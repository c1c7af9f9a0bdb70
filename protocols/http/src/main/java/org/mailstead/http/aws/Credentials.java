package org.mailstead.http.aws;

/// An access key with its secret, for signing.
public record Credentials(String accessKeyId, String secretAccessKey) {
  @Override
  public String toString() {
    return "Credentials[" + accessKeyId + ", ***]";
  }
}
