package org.mailstead.http.aws;

import java.util.Optional;
import org.mailstead.base.UnavailableException;

/// What S3 says in an error's body.
///
/// @param code as in `NoSuchBucket`; empty if the body says nothing
/// @spec https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html AWS S3 API
record ServiceError(String code, String text) {
  private static final int BYTES_MAX = 64 << 10;
  private static final ServiceError SILENT = new ServiceError("", "");

  static ServiceError read(AwsClient.AwsAnswer answer, AwsLimits limits) {
    try {
      byte[] body = AwsClient.readWhole(answer, Math.min(BYTES_MAX, limits.answerBytesMax()));
      return parse(body).orElse(SILENT);
    } catch (UnavailableException e) {
      return SILENT;
    }
  }

  /// Empty: this is no error document.
  static Optional<ServiceError> parse(byte[] octets) {
    return S3Xml.parse(octets)
        .filter(root -> root.name().equals("Error"))
        .map(root -> new ServiceError(root.child("Code"), root.child("Message")));
  }
}
