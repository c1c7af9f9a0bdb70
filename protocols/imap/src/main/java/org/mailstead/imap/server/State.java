package org.mailstead.imap.server;

/// Where a session stands.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9051 RFC 9051 §3
sealed interface State {
  record NotAuthenticated() implements State {}

  record Authenticated(Account account) implements State {}

  record Selected(Account account, SelectedFolder folder) implements State {}
}
