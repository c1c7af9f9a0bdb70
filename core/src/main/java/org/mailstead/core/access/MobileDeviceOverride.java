package org.mailstead.core.access;

import java.time.Instant;
import java.util.Optional;
import org.mailstead.base.EntityId;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// What holds for one device of one user, whatever the rules say.
public record MobileDeviceOverride(
    EntityId user,
    String device,
    AccessEffect effect,
    Optional<String> description,
    Instant created,
    Instant modified) {
  private static final int FORMAT = 1;

  /// No id of a user holds a slash.
  static String id(EntityId user, String device) {
    return user + "/" + device;
  }

  byte[] encode() {
    return new ValueWriter(FORMAT)
        .text(effect.name())
        .optionalText(description)
        .time(created)
        .time(modified)
        .value();
  }

  static MobileDeviceOverride decode(String id, byte[] value) {
    int slash = id.lastIndexOf('/');
    var in = new ValueReader(value, FORMAT);
    return new MobileDeviceOverride(
        new EntityId(id.substring(0, slash)),
        id.substring(slash + 1),
        AccessEffect.valueOf(in.text()),
        in.optionalText(),
        in.time(),
        in.time());
  }
}
