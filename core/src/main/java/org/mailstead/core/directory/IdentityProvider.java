package org.mailstead.core.directory;

/// What PutIdentityProviderConfiguration sets: where users of an organization show who they are.
///
/// @param tokenLifetimeDays of new personal access tokens
public record IdentityProvider(
    Mode mode,
    String instanceArn,
    String applicationArn,
    boolean tokensActive,
    int tokenLifetimeDays) {
  /// Of WorkMail, when the configuration does not say.
  public static final int LIFETIME_DAYS_USUAL = 365;

  /// AuthenticationMode of the WorkMail API; names are stored.
  public enum Mode {
    IDENTITY_PROVIDER_ONLY,
    IDENTITY_PROVIDER_AND_DIRECTORY
  }
}
