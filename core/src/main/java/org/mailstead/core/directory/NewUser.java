package org.mailstead.core.directory;

import java.util.Map;
import java.util.Optional;

/// What CreateUser asks for.
public record NewUser(
    String name,
    String displayName,
    Optional<String> password,
    UserRole role,
    boolean hiddenFromGlobalAddressList,
    Map<UserDetail, String> details) {
  public static NewUser of(String name, String displayName, String password) {
    return new NewUser(name, displayName, Optional.of(password), UserRole.USER, false, Map.of());
  }

  @Override
  public String toString() {
    return "NewUser[" + name + "]";
  }
}
