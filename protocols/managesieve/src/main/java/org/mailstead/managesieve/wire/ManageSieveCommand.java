package org.mailstead.managesieve.wire;

import java.util.Optional;

/// A command as it was read (RFC 5804 §2).
public sealed interface ManageSieveCommand {
  /// @param mechanism in upper case
  /// @param initial base 64
  record Authenticate(String mechanism, Optional<String> initial) implements ManageSieveCommand {}

  record StartTls() implements ManageSieveCommand {}

  record Logout() implements ManageSieveCommand {}

  record Capability() implements ManageSieveCommand {}

  record HaveSpace(String name, long bytes) implements ManageSieveCommand {}

  record PutScript(String name, String script) implements ManageSieveCommand {}

  record ListScripts() implements ManageSieveCommand {}

  /// @param name empty: none is to be active
  record SetActive(String name) implements ManageSieveCommand {}

  record GetScript(String name) implements ManageSieveCommand {}

  record DeleteScript(String name) implements ManageSieveCommand {}

  record RenameScript(String name, String newName) implements ManageSieveCommand {}

  record CheckScript(String script) implements ManageSieveCommand {}

  record Noop(Optional<String> tag) implements ManageSieveCommand {}

  record Unauthenticate() implements ManageSieveCommand {}
}
