package org.mailstead.workmail.server;

import java.util.Optional;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.ErrorCode;
import org.mailstead.workmail.wire.shapes.Operation;

/// The API's error for each refusal. An operation answers only errors that it declares: SDKs have
/// no class for others. A refusal that it does not declare becomes InvalidParameterException with
/// the same text or, where not even that is declared, ValidationException.
final class Refusals {
  private Refusals() {}

  static ApiException answer(Operation operation, RefusedException refused) {
    if (refused instanceof DirectoryRefusedException directory) {
      if (directory.reason() == DirectoryRefusal.ACCOUNT_NOT_FOUND) {
        return new ApiException(
            "UnrecognizedClientException",
            400,
            "The security token included in the request is invalid.");
      }
      return declared(operation, code(directory.reason()), refused.publicText());
    }
    return declared(operation, code(refused.refusal()), refused.publicText());
  }

  private static ApiException declared(Operation operation, ErrorCode code, String text) {
    if (operation.errors().contains(code)) return new ApiException(code, text);
    if (operation.errors().contains(ErrorCode.INVALID_PARAMETER)) {
      return new ApiException(ErrorCode.INVALID_PARAMETER, text);
    }
    return new ApiException("ValidationException", 400, text);
  }

  private static ErrorCode code(DirectoryRefusal reason) {
    return switch (reason) {
      case INVALID_PARAMETER -> ErrorCode.INVALID_PARAMETER;
      case ORGANIZATION_NOT_FOUND -> ErrorCode.ORGANIZATION_NOT_FOUND;
      case ORGANIZATION_STATE -> ErrorCode.ORGANIZATION_STATE;
      case ENTITY_NOT_FOUND -> ErrorCode.ENTITY_NOT_FOUND;
      case RESOURCE_NOT_FOUND -> ErrorCode.RESOURCE_NOT_FOUND;
      case ENTITY_STATE -> ErrorCode.ENTITY_STATE;
      case ENTITY_ALREADY_REGISTERED -> ErrorCode.ENTITY_ALREADY_REGISTERED;
      case EMAIL_ADDRESS_IN_USE -> ErrorCode.EMAIL_ADDRESS_IN_USE;
      case MAIL_DOMAIN_NOT_FOUND -> ErrorCode.MAIL_DOMAIN_NOT_FOUND;
      case MAIL_DOMAIN_STATE -> ErrorCode.MAIL_DOMAIN_STATE;
      case MAIL_DOMAIN_IN_USE -> ErrorCode.MAIL_DOMAIN_IN_USE;
      case NAME_AVAILABILITY -> ErrorCode.NAME_AVAILABILITY;
      case RESERVED_NAME -> ErrorCode.RESERVED_NAME;
      case INVALID_CONFIGURATION -> ErrorCode.INVALID_CONFIGURATION;
      case TOO_MANY_TAGS -> ErrorCode.TOO_MANY_TAGS;
      case INVALID_PASSWORD -> ErrorCode.INVALID_PASSWORD;
      case LIMIT_EXCEEDED -> ErrorCode.LIMIT_EXCEEDED;
      case UNSUPPORTED_OPERATION -> ErrorCode.UNSUPPORTED_OPERATION;
      case DIRECTORY_IN_USE -> ErrorCode.DIRECTORY_IN_USE;
      case DIRECTORY_UNAVAILABLE -> ErrorCode.DIRECTORY_UNAVAILABLE;
      case DIRECTORY_SERVICE_AUTHENTICATION_FAILED ->
          ErrorCode.DIRECTORY_SERVICE_AUTHENTICATION_FAILED;
      case ACCOUNT_NOT_FOUND -> ErrorCode.INVALID_PARAMETER;
    };
  }

  /// Refusals from below the directory.
  private static ErrorCode code(Refusal refusal) {
    return switch (refusal) {
      case NOT_FOUND, AUTHENTICATION_FAILED -> ErrorCode.ENTITY_NOT_FOUND;
      case ALREADY_EXISTS -> ErrorCode.NAME_AVAILABILITY;
      case FORBIDDEN, NOT_SUPPORTED -> ErrorCode.UNSUPPORTED_OPERATION;
      case OVER_QUOTA, TOO_LARGE, LIMIT_REACHED -> ErrorCode.LIMIT_EXCEEDED;
      case INVALID -> ErrorCode.INVALID_PARAMETER;
      case WRONG_STATE, IN_USE -> ErrorCode.ENTITY_STATE;
      case RESERVED -> ErrorCode.RESERVED_NAME;
    };
  }

  /// An answer of InvalidParameterException by a handler.
  static ApiException invalid(String text) {
    return new ApiException(ErrorCode.INVALID_PARAMETER, text);
  }

  /// For tests: whether a code is one of the model's.
  static Optional<ErrorCode> modelled(String code) {
    for (ErrorCode known : ErrorCode.values()) {
      if (known.shapeName().equals(code)) return Optional.of(known);
    }
    return Optional.empty();
  }
}
