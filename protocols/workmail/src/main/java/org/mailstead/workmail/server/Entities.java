package org.mailstead.workmail.server;

import java.util.List;
import org.mailstead.base.EntityId;
import org.mailstead.core.directory.EntityFilter;
import org.mailstead.core.directory.EntityState;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.ErrorCode;

/// What the handlers of users, groups and addresses share.
final class Entities {
  private Entities() {}

  /// A WorkMailIdentifier: an id only, where the API takes no names.
  static EntityId id(String text) {
    if (text.length() > EntityId.LENGTH_MAX) {
      throw new ApiException(ErrorCode.ENTITY_NOT_FOUND, "The entity was not found.");
    }
    return new EntityId(text);
  }

  static EntityFilter stateIs(org.mailstead.workmail.wire.shapes.EntityState state) {
    return new EntityFilter.StateIs(EntityState.valueOf(state.name()));
  }

  /// The API takes one filter a request.
  static EntityFilter oneOf(List<EntityFilter> given) {
    if (given.size() > 1) throw Refusals.invalid("Only one filter can be used in a request.");
    return given.isEmpty() ? new EntityFilter.None() : given.get(0);
  }
}
