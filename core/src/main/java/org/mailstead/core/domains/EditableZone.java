package org.mailstead.core.domains;

import java.util.Set;
import org.mailstead.base.OrganizationId;

/// A zone and who may have records written into it.
///
/// @param organizations ids of the organizations whose administrators may; the machine's operator
///   may for all. Without this bound anybody with an organization could verify a domain that lies
///   in the operator's zones.
public record EditableZone(ZoneEditor editor, Set<OrganizationId> organizations) {
  public EditableZone {
    organizations = Set.copyOf(organizations);
  }

  /// Whether a name lies in it.
  boolean holds(String name) {
    return name.equals(editor.zone()) || name.endsWith("." + editor.zone());
  }
}
