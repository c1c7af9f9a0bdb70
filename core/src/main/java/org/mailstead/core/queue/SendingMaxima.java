package org.mailstead.core.queue;

/// How many recipients a day (WorkMail guide, Limits).
///
/// @param userExternal outside the organization, of one user
/// @param accountExternal outside their organizations, of one account
/// @param accountTest of whatever sort, from all test domains of one account
public record SendingMaxima(int userExternal, int accountExternal, int accountTest) {
  public static final int USER_EXTERNAL = 10_000;
  public static final int ACCOUNT_EXTERNAL = 100_000;
  public static final int ACCOUNT_TEST = 200;

  /// Beyond this a day's counts would no longer fit memory comfortably.
  public static final int CEILING = 10_000_000;

  public SendingMaxima {
    check(userExternal);
    check(accountExternal);
    check(accountTest);
  }

  public static SendingMaxima standard() {
    return new SendingMaxima(USER_EXTERNAL, ACCOUNT_EXTERNAL, ACCOUNT_TEST);
  }

  private static void check(int value) {
    if (value < 1 || value > CEILING) throw new IllegalArgumentException("1 to " + CEILING);
  }
}
