package org.mailstead.imap.server;

import org.mailstead.imap.wire.ImapCommand;

/// For each command: in which states it is allowed, and what its session may report around it.
///
/// @param allowed the states
/// @param reports whether EXPUNGE may be sent before its tagged answer
record CommandRules(Allowed allowed, Reports reports) {
  enum Allowed {
    ALWAYS,
    BEFORE_LOGIN,
    AFTER_LOGIN,
    SELECTED
  }

  enum Reports {
    /// The command leaves the selected folder or has none.
    NOTHING,
    /// RFC 9051 §7.5.1: sequence numbers must not move under FETCH, STORE and SEARCH.
    NO_EXPUNGES,
    EVERYTHING
  }

  static CommandRules of(ImapCommand command) {
    return switch (command) {
      case ImapCommand.Capability _, ImapCommand.Noop _, ImapCommand.Id _ ->
          rules(Allowed.ALWAYS, Reports.EVERYTHING);
      case ImapCommand.Logout _ -> rules(Allowed.ALWAYS, Reports.NOTHING);
      case ImapCommand.StartTls _, ImapCommand.Authenticate _, ImapCommand.Login _ ->
          rules(Allowed.BEFORE_LOGIN, Reports.NOTHING);
      case ImapCommand.Select _ -> rules(Allowed.AFTER_LOGIN, Reports.NOTHING);
      case ImapCommand.Enable _,
          ImapCommand.Create _,
          ImapCommand.Delete _,
          ImapCommand.Rename _,
          ImapCommand.Subscribe _,
          ImapCommand.Unsubscribe _,
          ImapCommand.ListFolders _,
          ImapCommand.Lsub _,
          ImapCommand.Namespace _,
          ImapCommand.Status _,
          ImapCommand.Append _,
          ImapCommand.Restore _,
          ImapCommand.Idle _,
          ImapCommand.GetQuota _,
          ImapCommand.GetQuotaRoot _,
          ImapCommand.SetQuota _,
          ImapCommand.SetAcl _,
          ImapCommand.DeleteAcl _,
          ImapCommand.GetAcl _,
          ImapCommand.ListRights _,
          ImapCommand.MyRights _ ->
          rules(Allowed.AFTER_LOGIN, Reports.EVERYTHING);
      case ImapCommand.Close _, ImapCommand.Unselect _ -> rules(Allowed.SELECTED, Reports.NOTHING);
      case ImapCommand.Check _, ImapCommand.Expunge _, ImapCommand.Copy _, ImapCommand.Move _ ->
          rules(Allowed.SELECTED, Reports.EVERYTHING);
      case ImapCommand.Fetch fetch -> numbered(fetch.byUid());
      case ImapCommand.Store store -> numbered(store.byUid());
      case ImapCommand.Search search -> numbered(search.byUid());
      case ImapCommand.Sort sort -> numbered(sort.byUid());
      case ImapCommand.Threads threads -> numbered(threads.byUid());
    };
  }

  private static CommandRules numbered(boolean byUid) {
    return rules(Allowed.SELECTED, byUid ? Reports.EVERYTHING : Reports.NO_EXPUNGES);
  }

  private static CommandRules rules(Allowed allowed, Reports reports) {
    return new CommandRules(allowed, reports);
  }
}
