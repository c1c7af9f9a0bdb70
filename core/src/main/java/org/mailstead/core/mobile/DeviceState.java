package org.mailstead.core.mobile;

import java.time.Instant;
import java.util.Optional;

/// What has happened to a device, and so what it must do next (MOB-2, MOB-3; WorkMail guide,
/// Viewing Mobile Device Details).
///
/// ```
///               provisioned              wipe requested            wiped
/// Unprovisioned ───────────▶ Provisioned ─────────────▶ WipeDue ───────────▶ Wiped
///       ▲                         │                        ▲                   │ connects
///       └── asked, policy changed ┘                        └───── requested ───┘ again: wiped again
/// ```
///
/// Only the removal of the device from the list ends a wipe.
public sealed interface DeviceState {
  /// New, or asked to take the policy again.
  record Unprovisioned() implements DeviceState {}

  /// Has taken a policy.
  ///
  /// @param policyNumber of [MobilePolicy#number]: another number now means that it must take the
  ///   policy again
  record Provisioned(long policyNumber, Instant time) implements DeviceState {}

  /// An administrator wants it wiped.
  ///
  /// @param sent when it was last told so
  record WipeDue(Instant requested, Optional<Instant> sent) implements DeviceState {}

  /// Said that it wiped itself.
  record Wiped(Instant requested, Instant acknowledged) implements DeviceState {}

  /// What the device must do when it connects.
  enum Instruction {
    /// Take the policy, before anything else is answered.
    PROVISION,
    PROCEED,
    WIPE
  }

  /// As the console showed it.
  enum Status {
    PROVISIONING_REQUIRED,
    PROVISIONING_SUCCEEDED,
    WIPE_REQUIRED,
    WIPE_SUCCEEDED
  }

  /// @param policyNumber of the policy of now
  default Status status(long policyNumber) {
    return switch (this) {
      case Unprovisioned _ -> Status.PROVISIONING_REQUIRED;
      case Provisioned(long taken, Instant _) ->
          taken == policyNumber ? Status.PROVISIONING_SUCCEEDED : Status.PROVISIONING_REQUIRED;
      case WipeDue _ -> Status.WIPE_REQUIRED;
      case Wiped _ -> Status.WIPE_SUCCEEDED;
    };
  }

  default Instruction instruction(long policyNumber) {
    return switch (status(policyNumber)) {
      case PROVISIONING_REQUIRED -> Instruction.PROVISION;
      case PROVISIONING_SUCCEEDED -> Instruction.PROCEED;
      // WorkMail guide: a wiped device that is not removed from the list is wiped again.
      case WIPE_REQUIRED, WIPE_SUCCEEDED -> Instruction.WIPE;
    };
  }

  /// The device has taken a policy. A device that is to be wiped cannot talk its way out of it.
  default DeviceState provisioned(long policyNumber, Instant now) {
    return switch (this) {
      case Unprovisioned _, Provisioned _ -> new Provisioned(policyNumber, now);
      case WipeDue _, Wiped _ -> this;
    };
  }

  /// A user or an administrator wants it to take the policy again.
  default DeviceState provisioningAsked() {
    return switch (this) {
      case Unprovisioned _, Provisioned _ -> new Unprovisioned();
      case WipeDue _, Wiped _ -> this;
    };
  }

  default DeviceState wipeRequested(Instant now) {
    return switch (this) {
      case Unprovisioned _, Provisioned _, Wiped _ -> new WipeDue(now, Optional.empty());
      // The first request counts.
      case WipeDue _ -> this;
    };
  }

  /// The device was told to wipe itself.
  default DeviceState wipeSent(Instant now) {
    return switch (this) {
      case WipeDue(Instant requested, Optional<Instant> _) ->
          new WipeDue(requested, Optional.of(now));
      case Wiped(Instant requested, Instant _) -> new WipeDue(requested, Optional.of(now));
      case Unprovisioned _, Provisioned _ -> this;
    };
  }

  /// The device says that it obeys. Believed only of one that was told.
  default DeviceState wipeAcknowledged(Instant now) {
    return switch (this) {
      case WipeDue(Instant requested, Optional<Instant> sent) ->
          sent.isPresent() ? new Wiped(requested, now) : this;
      case Unprovisioned _, Provisioned _, Wiped _ -> this;
    };
  }
}
