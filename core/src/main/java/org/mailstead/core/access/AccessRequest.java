package org.mailstead.core.access;

import java.net.InetAddress;
import java.util.Optional;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;

/// Who wants in, by which protocol and from where: what access control rules decide about.
///
/// @param user whose credential it is; empty only when an impersonation role acts
/// @param impersonationRole the id of the role whose token is used (EWS)
public record AccessRequest(
    OrganizationId organization,
    Optional<EntityId> user,
    Protocol protocol,
    InetAddress peer,
    Optional<String> impersonationRole) {

  public static AccessRequest ofUser(
      OrganizationId organization, EntityId user, Protocol protocol, InetAddress peer) {
    return new AccessRequest(organization, Optional.of(user), protocol, peer, Optional.empty());
  }
}
