package org.mailstead.core.authorization;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The condition keys that a request can have, and of which type each is. A document that names
/// another one is refused: it would mean something else than its author thinks.
///
/// @spec https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
///   AWS global condition context keys
public final class ConditionKeys {
  public static final String SOURCE_IP = "aws:SourceIp";
  public static final String SECURE_TRANSPORT = "aws:SecureTransport";
  public static final String CURRENT_TIME = "aws:CurrentTime";
  public static final String EPOCH_TIME = "aws:EpochTime";
  public static final String TAG_KEYS = "aws:TagKeys";
  public static final String REQUEST_TAG = "aws:RequestTag/";
  public static final String RESOURCE_TAG = "aws:ResourceTag/";
  public static final String USER_NAME = "aws:username";
  public static final String PRINCIPAL_ARN = "aws:PrincipalArn";
  public static final String PRINCIPAL_ACCOUNT = "aws:PrincipalAccount";
  public static final String REQUESTED_REGION = "aws:RequestedRegion";
  public static final String USER_AGENT = "aws:UserAgent";
  public static final String IMPERSONATION_ROLE_ID = "workmail:ImpersonationRoleId";

  enum Type {
    TEXT,
    /// Several values in one request: only with a set operator.
    TEXTS,
    ADDRESS,
    TRUTH,
    TIME,
    ARN
  }

  private static final Map<String, Type> FIXED =
      Map.ofEntries(
          Map.entry(lower(SOURCE_IP), Type.ADDRESS),
          Map.entry(lower(SECURE_TRANSPORT), Type.TRUTH),
          Map.entry(lower(CURRENT_TIME), Type.TIME),
          Map.entry(lower(EPOCH_TIME), Type.TIME),
          Map.entry(lower(TAG_KEYS), Type.TEXTS),
          Map.entry(lower(USER_NAME), Type.TEXT),
          Map.entry(lower(PRINCIPAL_ARN), Type.ARN),
          Map.entry(lower(PRINCIPAL_ACCOUNT), Type.TEXT),
          Map.entry(lower(REQUESTED_REGION), Type.TEXT),
          Map.entry(lower(USER_AGENT), Type.TEXT),
          Map.entry(lower(IMPERSONATION_ROLE_ID), Type.TEXT));

  private ConditionKeys() {}

  /// @param key in any letters: condition keys do not tell them apart
  static Optional<Type> type(String key) {
    String lower = lower(key);
    for (String prefix : new String[] {lower(REQUEST_TAG), lower(RESOURCE_TAG)}) {
      if (lower.startsWith(prefix)) {
        int tag = lower.length() - prefix.length();
        return tag >= 1 && tag <= 128 ? Optional.of(Type.TEXT) : Optional.empty();
      }
    }
    return Optional.ofNullable(FIXED.get(lower));
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
