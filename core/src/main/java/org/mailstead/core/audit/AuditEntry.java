package org.mailstead.core.audit;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// One API call in CloudTrail's shape (JRN-2; eventVersion 1.05, eventType AwsApiCall). Request
/// parameters and response elements are JSON objects as text; the caller leaves secrets out.
///
/// @param eventName the operation, `CreateUser`
/// @param eventId unique; makes recording it twice harmless
public record AuditEntry(
    AuditIdentity identity,
    Instant eventTime,
    String eventSource,
    String eventName,
    String awsRegion,
    String sourceIpAddress,
    String userAgent,
    Optional<String> requestParameters,
    Optional<String> responseElements,
    Optional<String> errorCode,
    Optional<String> errorMessage,
    String requestId,
    String eventId) {
  public static final String WORKMAIL_SOURCE = "workmail.amazonaws.com";

  /// The same call with what it answered; an empty map is no answer (`null`).
  public AuditEntry answered(Map<String, String> elements) {
    return new AuditEntry(
        identity,
        eventTime,
        eventSource,
        eventName,
        awsRegion,
        sourceIpAddress,
        userAgent,
        requestParameters,
        elements.isEmpty() ? Optional.empty() : Optional.of(AuditJson.object(elements)),
        errorCode,
        errorMessage,
        requestId,
        eventId);
  }

  /// The same call with its parameters.
  ///
  /// @param parameters a JSON object without secrets
  public AuditEntry asked(String parameters) {
    return new AuditEntry(
        identity,
        eventTime,
        eventSource,
        eventName,
        awsRegion,
        sourceIpAddress,
        userAgent,
        Optional.of(parameters),
        responseElements,
        errorCode,
        errorMessage,
        requestId,
        eventId);
  }

  /// The same call as another event, when it has more than one outcome.
  public AuditEntry repeated(String otherEventId) {
    return new AuditEntry(
        identity,
        eventTime,
        eventSource,
        eventName,
        awsRegion,
        sourceIpAddress,
        userAgent,
        requestParameters,
        responseElements,
        errorCode,
        errorMessage,
        requestId,
        otherEventId);
  }

  /// The same call, refused.
  public AuditEntry failed(String code, String message) {
    return new AuditEntry(
        identity,
        eventTime,
        eventSource,
        eventName,
        awsRegion,
        sourceIpAddress,
        userAgent,
        requestParameters,
        Optional.empty(),
        Optional.of(code),
        Optional.of(message),
        requestId,
        eventId);
  }

  /// The same call without parameters and elements: for one that would be too large to store.
  AuditEntry withoutElements() {
    return new AuditEntry(
        identity,
        eventTime,
        eventSource,
        eventName,
        awsRegion,
        sourceIpAddress,
        userAgent,
        Optional.empty(),
        Optional.empty(),
        errorCode,
        errorMessage,
        requestId,
        eventId);
  }

  /// The record as one JSON object.
  public String json() {
    return AuditJson.write(this);
  }
}
