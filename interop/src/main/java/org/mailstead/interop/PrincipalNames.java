package org.mailstead.interop;

import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.RootDSE;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.EntityState;

/// Compares `userPrincipalName` with the primary address, for interoperability with Exchange
/// (XCH-7, MS-ADA3 §2.349): Outlook and phones log in with the address.
final class PrincipalNames {
  private static final String PRINCIPAL_NAME = "userPrincipalName";

  private final LdapDirectory connected;
  private final Directory directory;
  private final OrganizationId organization;

  PrincipalNames(LdapDirectory connected, Directory directory, OrganizationId organization) {
    this.connected = connected;
    this.directory = directory;
    this.organization = organization;
  }

  /// Enabled users that have another one, or none: their names, the first of them.
  ///
  /// @throws org.mailstead.base.UnavailableException the directory does not answer
  List<String> others(int countMax) {
    LDAPConnection connection = connected.servers().connection();
    boolean done = false;
    try {
      RootDSE root = connection.getRootDSE();
      if (root == null) throw new LDAPException(ResultCode.SERVER_DOWN);
      List<String> others = new ArrayList<>();
      new EntrySearch(connection, connected.settings(), root)
          .forEachPage(
              SynchronizationRun.filter(connected.settings().usersFilter(), Optional.empty()),
              connected.settings().pageEntries(),
              page -> {
                for (Entry entry : page) {
                  if (others.size() < countMax) other(entry).ifPresent(others::add);
                }
              },
              connected.reader().principalAttributes(PRINCIPAL_NAME));
      done = true;
      return others;
    } catch (LDAPException e) {
      throw LdapServers.away(e);
    } finally {
      connected.servers().release(connection, done);
    }
  }

  private Optional<String> other(Entry entry) {
    Optional<EntityId> user =
        connected.reader().id(entry).flatMap(id -> directory.imports().find(organization, id));
    if (user.isEmpty()) return Optional.empty();
    var described = directory.users().describe(organization, user.get().value());
    if (described.state() != EntityState.ENABLED) return Optional.empty();
    String principal = String.valueOf(entry.getAttributeValue(PRINCIPAL_NAME));
    boolean equal =
        described
            .email()
            .map(EmailAddress::toString)
            .filter(principal::equalsIgnoreCase)
            .isPresent();
    return equal ? Optional.empty() : Optional.of(described.name());
  }
}
