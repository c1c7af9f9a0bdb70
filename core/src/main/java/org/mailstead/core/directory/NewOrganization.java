package org.mailstead.core.directory;

import java.util.List;
import java.util.Optional;

/// What CreateOrganization asks for.
public record NewOrganization(
    String alias,
    Optional<String> clientToken,
    Optional<String> directoryId,
    List<String> domains,
    Optional<String> kmsKeyArn,
    boolean enableInteroperability) {
  public static NewOrganization of(String alias) {
    return new NewOrganization(
        alias, Optional.empty(), Optional.empty(), List.of(), Optional.empty(), false);
  }
}
