package org.mailstead.core.mobile;

import java.time.Instant;
import java.util.Optional;
import org.mailstead.base.EntityId;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// A device of a user, from its first connection until it is removed from the list.
///
/// @param id the device's own, unique with its user only
/// @param lastConnected to within [MobileDevices#CONNECTION_GRAIN]
/// @param lastProvisioned kept when the device must take the policy again
public record MobileDevice(
    EntityId user,
    String id,
    DeviceDetails details,
    DeviceState state,
    Instant firstConnected,
    Instant lastConnected,
    Optional<Instant> lastProvisioned) {
  private static final int FORMAT = 1;

  MobileDevice connected(DeviceDetails told, Instant now) {
    return new MobileDevice(
        user, id, told.over(details), state, firstConnected, now, lastProvisioned);
  }

  MobileDevice in(DeviceState newState) {
    Optional<Instant> provisioned =
        newState instanceof DeviceState.Provisioned(long _, Instant time)
            ? Optional.of(time)
            : lastProvisioned;
    return new MobileDevice(
        user, id, details, newState, firstConnected, lastConnected, provisioned);
  }

  byte[] value() {
    var out =
        new ValueWriter(FORMAT)
            .text(user.value())
            .text(id)
            .time(firstConnected)
            .time(lastConnected)
            .optionalTime(lastProvisioned);
    switch (state) {
      case DeviceState.Unprovisioned _ -> out.number(1);
      case DeviceState.Provisioned(long policy, Instant time) ->
          out.number(2).number(policy).time(time);
      case DeviceState.WipeDue(Instant requested, Optional<Instant> sent) ->
          out.number(3).time(requested).optionalTime(sent);
      case DeviceState.Wiped(Instant requested, Instant acknowledged) ->
          out.number(4).time(requested).time(acknowledged);
    }
    details.write(out);
    return out.value();
  }

  static MobileDevice read(byte[] value) {
    var in = new ValueReader(value, FORMAT);
    var user = new EntityId(in.text());
    String id = in.text();
    Instant first = in.time();
    Instant last = in.time();
    Optional<Instant> provisioned = in.optionalTime();
    int kind = Math.toIntExact(in.number());
    DeviceState state =
        switch (kind) {
          case 1 -> new DeviceState.Unprovisioned();
          case 2 -> new DeviceState.Provisioned(in.number(), in.time());
          case 3 -> new DeviceState.WipeDue(in.time(), in.optionalTime());
          case 4 -> new DeviceState.Wiped(in.time(), in.time());
          default -> throw new IllegalStateException("a stored device has state " + kind);
        };
    return new MobileDevice(user, id, DeviceDetails.read(in), state, first, last, provisioned);
  }
}
