package org.mailstead.core.directory;

import java.time.Instant;
import java.util.Optional;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;

/// An organization as the API describes it.
///
/// @param alias globally unique while the organization lives, as written at creation
/// @param testDomain `<alias>.<suffix>`, always verified
/// @param usersMax users that may exist in it (LIM-4)
/// @param completed when it became active
public record Organization(
    OrganizationId id,
    AccountId account,
    String alias,
    OrganizationState state,
    DirectoryId directory,
    String testDomain,
    String defaultMailDomain,
    Optional<Instant> completed,
    Optional<String> errorMessage,
    Optional<EntityId> migrationAdministrator,
    boolean interoperability,
    long usersMax) {

  Organization inState(OrganizationState newState) {
    return new Organization(
        id,
        account,
        alias,
        newState,
        directory,
        testDomain,
        defaultMailDomain,
        completed,
        errorMessage,
        migrationAdministrator,
        interoperability,
        usersMax);
  }

  /// Impaired by the problem, or active without one; in other states unchanged.
  Organization withHealth(Optional<String> problem) {
    return switch (state) {
      case ACTIVE, IMPAIRED ->
          new Organization(
              id,
              account,
              alias,
              problem.isPresent() ? OrganizationState.IMPAIRED : OrganizationState.ACTIVE,
              directory,
              testDomain,
              defaultMailDomain,
              completed,
              problem,
              migrationAdministrator,
              interoperability,
              usersMax);
      case REQUESTED, CREATING, VALIDATING, INACTIVE, FAILED, DELETING, DELETED -> this;
    };
  }

  Organization withDefaultMailDomain(String domain) {
    return new Organization(
        id,
        account,
        alias,
        state,
        directory,
        testDomain,
        domain,
        completed,
        errorMessage,
        migrationAdministrator,
        interoperability,
        usersMax);
  }

  Organization withUsersMax(long users) {
    return new Organization(
        id,
        account,
        alias,
        state,
        directory,
        testDomain,
        defaultMailDomain,
        completed,
        errorMessage,
        migrationAdministrator,
        interoperability,
        users);
  }

  Organization withMigrationAdministrator(Optional<EntityId> user) {
    return new Organization(
        id,
        account,
        alias,
        state,
        directory,
        testDomain,
        defaultMailDomain,
        completed,
        errorMessage,
        user,
        interoperability,
        usersMax);
  }

  public String arn(String region) {
    return "arn:aws:workmail:" + region + ":" + account + ":organization/" + id;
  }
}
