package org.mailstead.workmail.server;

import java.util.Optional;
import org.mailstead.core.directory.AccessKey;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.Operation;

/// What a key may do: the one place where every call is allowed or denied before its handler sees
/// it (API-2).
///
/// A key may do everything in its own account; organizations of other accounts are "not found" to
/// it. Policy documents, read-only policies among them, come here.
final class AccessPolicy {
  /// @param organization the one that the call names, if any
  /// @throws ApiException AccessDeniedException
  void check(AccessKey key, Operation operation, Optional<String> organization) {
    if (key.active()) return;
    throw new ApiException(
        "AccessDeniedException",
        400,
        "User: %s is not authorized to perform: workmail:%s on resource: %s"
            .formatted(key.id(), operation.wireName(), organization.orElse("*")));
  }

  /// @param action as in `workmailmessageflow:GetRawMessageContent`
  /// @param resource an ARN
  /// @throws ApiException AccessDeniedException
  void check(AccessKey key, String action, String resource) {
    if (key.active()) return;
    throw new ApiException(
        "AccessDeniedException",
        403,
        "User: %s is not authorized to perform: %s on resource: %s"
            .formatted(key.id(), action, resource));
  }
}
