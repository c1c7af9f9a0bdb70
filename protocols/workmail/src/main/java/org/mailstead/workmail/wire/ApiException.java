package org.mailstead.workmail.wire;

import org.mailstead.workmail.wire.shapes.ErrorCode;

/// An error as the API answers it: a code that SDKs know, an HTTP status and a text for the caller.
/// Not a bug: it carries no stack trace. The text never holds a secret.
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final int status;

  /// An error of the frame around the operations, which the model does not declare.
  public ApiException(String code, int status, String text) {
    super(text, null, false, false);
    this.code = code;
    this.status = status;
  }

  /// An error that the model declares: HTTP 400 as in AWS JSON 1.1, but 404 for the one that the
  /// public Smithy model gives that status (`smithy.api#httpError`).
  public ApiException(ErrorCode code, String text) {
    this(code.shapeName(), code == ErrorCode.RESOURCE_NOT_FOUND ? 404 : 400, text);
  }

  public static ApiException serialization(String text) {
    return new ApiException("SerializationException", 400, text);
  }

  /// The name on the wire (`__type`).
  public String code() {
    return code;
  }

  public int status() {
    return status;
  }

  public String text() {
    return String.valueOf(getMessage());
  }
}
