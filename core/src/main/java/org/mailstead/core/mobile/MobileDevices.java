package org.mailstead.core.mobile;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.OrganizationRecords;
import org.mailstead.core.directory.OrganizationRecords.Edit;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.mobile.DeviceState.Instruction;

/// The mobile devices of an organization and their policy (MOB-1 to MOB-3): what administrators ask
/// of them, and what ActiveSync reports of them.
///
/// ActiveSync calls, in this order: [#connect] with each request; if it says PROVISION, only the
/// Provision command is answered, and [#provisioned] when the device has acknowledged the policy
/// with the number that it was sent; if it says WIPE, only Provision is answered, with a remote
/// wipe, [#wipeSent] before that answer and [#wipeAcknowledged] when the device says so (MS-ASPROV
/// §3.1.5.1.2). Which devices may connect at all, access rules decide before.
///
/// Every method may refuse with ORGANIZATION_NOT_FOUND and ORGANIZATION_STATE. Users are ids here:
/// the caller has looked them up.
public final class MobileDevices {
  /// Devices in the list of one user; their ids are the devices' own invention.
  public static final int DEVICES_PER_USER_MAX = 100;

  /// A connection this soon after the last one is not written down.
  public static final Duration CONNECTION_GRAIN = Duration.ofMinutes(5);

  private static final String POLICY = "mobile-policy";

  private final OrganizationRecords records;
  private final InstantSource clock;

  public MobileDevices(Directory directory, InstantSource clock) {
    this.records = directory.records();
    this.clock = clock;
  }

  // ---- the policy

  public MobilePolicy policy(OrganizationId organization) {
    return records
        .find(organization, Kind.SETTING, POLICY)
        .map(MobilePolicy::read)
        .orElse(MobilePolicy.FIRST);
  }

  /// Replaces what devices must enforce. If that is something else than before, every device must
  /// take it; number and time of `wanted` do not count.
  public void updatePolicy(Change change, OrganizationId organization, MobilePolicy wanted) {
    records.change(
        change,
        organization,
        edit -> {
          MobilePolicy now = policy(edit);
          if (now.demandsTheSame(wanted)) return false;
          MobilePolicy next = wanted.at(now.number() + 1, Optional.of(clock.instant()));
          edit.put(Kind.SETTING, POLICY, next.value());
          return true;
        });
  }

  private static MobilePolicy policy(Edit edit) {
    return edit.find(Kind.SETTING, POLICY).map(MobilePolicy::read).orElse(MobilePolicy.FIRST);
  }

  // ---- what administrators ask

  /// The devices of a user in the order of their ids.
  public List<MobileDevice> list(OrganizationId organization, EntityId user) {
    List<MobileDevice> found = new ArrayList<>();
    String prefix = key(user, "");
    records.all(organization, Kind.MOBILE_DEVICE).tailMap(prefix).entrySet().stream()
        .takeWhile(entry -> entry.getKey().startsWith(prefix))
        .forEach(entry -> found.add(MobileDevice.read(entry.getValue())));
    return List.copyOf(found);
  }

  public Optional<MobileDevice> find(OrganizationId organization, EntityId user, String device) {
    return records
        .find(organization, Kind.MOBILE_DEVICE, key(user, DeviceDetails.id(device)))
        .map(MobileDevice::read);
  }

  /// Takes a device off the list: when it connects again, it is new.
  ///
  /// @return whether it was in the list
  public boolean remove(Change change, OrganizationId organization, EntityId user, String device) {
    String key = key(user, DeviceDetails.id(device));
    return records.change(change, organization, edit -> edit.delete(Kind.MOBILE_DEVICE, key));
  }

  /// Has a device wiped when it connects next.
  ///
  /// @return whether it is in the list
  public boolean requestWipe(
      Change change, OrganizationId organization, EntityId user, String device) {
    String key = key(user, DeviceDetails.id(device));
    return records.change(
        change,
        organization,
        edit -> move(edit, key, state -> state.wipeRequested(clock.instant())).isPresent());
  }

  /// Has a device take the policy again.
  ///
  /// @return whether it is in the list
  public boolean requestProvisioning(
      Change change, OrganizationId organization, EntityId user, String device) {
    String key = key(user, DeviceDetails.id(device));
    return records.change(
        change, organization, edit -> move(edit, key, DeviceState::provisioningAsked).isPresent());
  }

  // ---- what ActiveSync reports

  /// A device makes a request: it is put into the list if it is not there.
  ///
  /// @param told what this request says of the device; the rest stays as it was told before
  /// @throws RefusedException INVALID (its id), LIMIT_REACHED (the user's list is full)
  public Instruction connect(
      OrganizationId organization, EntityId user, String device, DeviceDetails told) {
    String key = key(user, DeviceDetails.id(device));
    Optional<MobileDevice> known = find(organization, user, device);
    Instant now = clock.instant();
    long policy = policy(organization).number();
    if (known.isPresent() && !isNews(known.get(), told, now)) {
      return known.get().state().instruction(policy);
    }
    MobileDevice seen =
        records.changeUnasked(
            organization,
            edit -> {
              MobileDevice connected =
                  edit.find(Kind.MOBILE_DEVICE, key)
                      .map(MobileDevice::read)
                      .orElseGet(() -> added(edit, user, device, now))
                      .connected(told, now);
              edit.put(Kind.MOBILE_DEVICE, key, connected.value());
              return connected;
            });
    return seen.state().instruction(policy);
  }

  private static boolean isNews(MobileDevice known, DeviceDetails told, Instant now) {
    return !told.over(known.details()).equals(known.details())
        || !now.isBefore(known.lastConnected().plus(CONNECTION_GRAIN));
  }

  private static MobileDevice added(Edit edit, EntityId user, String device, Instant now) {
    String prefix = key(user, "");
    long count =
        edit.all(Kind.MOBILE_DEVICE).tailMap(prefix).keySet().stream()
            .takeWhile(key -> key.startsWith(prefix))
            .count();
    if (count >= DEVICES_PER_USER_MAX) {
      throw new RefusedException(
          Refusal.LIMIT_REACHED, "The user has " + DEVICES_PER_USER_MAX + " devices already.");
    }
    return new MobileDevice(
        user,
        device,
        DeviceDetails.NONE,
        new DeviceState.Unprovisioned(),
        now,
        now,
        Optional.empty());
  }

  /// The device has acknowledged a policy.
  ///
  /// @param policyNumber of the policy that it was sent: if that is no longer the policy, it must
  ///   take the new one
  public void provisioned(
      OrganizationId organization, EntityId user, String device, long policyNumber) {
    moveUnasked(
        organization, user, device, state -> state.provisioned(policyNumber, clock.instant()));
  }

  /// The device is told to wipe itself.
  public void wipeSent(OrganizationId organization, EntityId user, String device) {
    moveUnasked(organization, user, device, state -> state.wipeSent(clock.instant()));
  }

  /// The device says that it wipes itself.
  public void wipeAcknowledged(OrganizationId organization, EntityId user, String device) {
    moveUnasked(organization, user, device, state -> state.wipeAcknowledged(clock.instant()));
  }

  private void moveUnasked(
      OrganizationId organization,
      EntityId user,
      String device,
      UnaryOperator<DeviceState> transition) {
    String key = key(user, DeviceDetails.id(device));
    records.changeUnasked(organization, edit -> move(edit, key, transition).isPresent());
  }

  /// @return the device after it; empty if it is not in the list
  private static Optional<MobileDevice> move(
      Edit edit, String key, UnaryOperator<DeviceState> transition) {
    Optional<MobileDevice> found = edit.find(Kind.MOBILE_DEVICE, key).map(MobileDevice::read);
    return found.map(device -> {
      DeviceState next = transition.apply(device.state());
      if (next.equals(device.state())) return device;
      MobileDevice moved = device.in(next);
      edit.put(Kind.MOBILE_DEVICE, key, moved.value());
      return moved;
    });
  }

  private static String key(EntityId user, String device) {
    return user + "/" + device;
  }
}
