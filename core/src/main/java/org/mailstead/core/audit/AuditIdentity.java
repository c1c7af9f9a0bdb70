package org.mailstead.core.audit;

import java.util.Optional;

/// Who called, as CloudTrail's `userIdentity` tells it (JRN-2).
///
/// @param principalId the account id for the root, otherwise the id of the user or session
public record AuditIdentity(
    Type type,
    String principalId,
    String arn,
    String accountId,
    Optional<String> accessKeyId,
    Optional<String> userName,
    Optional<String> invokedBy) {

  public enum Type {
    ROOT("Root"),
    IAM_USER("IAMUser"),
    ASSUMED_ROLE("AssumedRole"),
    FEDERATED_USER("FederatedUser"),
    AWS_SERVICE("AWSService");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  /// The root of an account, by one of its access keys.
  public static AuditIdentity root(String accountId, Optional<String> accessKeyId) {
    return new AuditIdentity(
        Type.ROOT,
        accountId,
        "arn:aws:iam::" + accountId + ":root",
        accountId,
        accessKeyId,
        Optional.empty(),
        Optional.empty());
  }

  /// A user of an account, by one of the user's access keys.
  public static AuditIdentity user(String accountId, String userName, String accessKeyId) {
    return new AuditIdentity(
        Type.IAM_USER,
        accessKeyId,
        "arn:aws:iam::" + accountId + ":user/" + userName,
        accountId,
        Optional.of(accessKeyId),
        Optional.of(userName),
        Optional.empty());
  }

  /// Mailstead itself: setup, jobs.
  public static AuditIdentity service(String accountId) {
    return new AuditIdentity(
        Type.AWS_SERVICE,
        "workmail.amazonaws.com",
        "arn:aws:iam::" + accountId + ":root",
        accountId,
        Optional.empty(),
        Optional.empty(),
        Optional.of("workmail.amazonaws.com"));
  }
}
