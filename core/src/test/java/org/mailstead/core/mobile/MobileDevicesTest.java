package org.mailstead.core.mobile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.mobile.DeviceState.Instruction;
import org.mailstead.core.mobile.DeviceState.Status;

@DisplayName("MOB-1 to MOB-3: mobile devices, their policy and their wipe")
final class MobileDevicesTest {
  private static final String PHONE = "PHONE1";

  private CoreFixture core;
  private MobileDevices devices;
  private OrganizationId o;
  private EntityId anna;

  @BeforeEach
  void start() {
    core = new CoreFixture();
    devices = new MobileDevices(core.directory(), core.clock());
    o = core.organization();
    anna = core.anna();
  }

  @AfterEach
  void stop() {
    core.close();
  }

  @Test
  void aNewDeviceTakesThePolicyAndThenWorks() {
    assertThat(connect()).isEqualTo(Instruction.PROVISION);
    assertThat(status()).isEqualTo(Status.PROVISIONING_REQUIRED);
    devices.provisioned(o, anna, PHONE, devices.policy(o).number());
    assertThat(connect()).isEqualTo(Instruction.PROCEED);
    assertThat(status()).isEqualTo(Status.PROVISIONING_SUCCEEDED);
    assertThat(phone().lastProvisioned()).hasValue(core.clock().instant());
  }

  @Test
  void aChangedPolicyMustBeTakenAgainAndAnUnchangedOneNot() {
    provision();
    devices.updatePolicy(core.change("SetMobilePolicyDetails"), o, MobilePolicy.FIRST);
    assertThat(connect()).isEqualTo(Instruction.PROCEED);
    devices.updatePolicy(core.change("SetMobilePolicyDetails"), o, strict(6));
    assertThat(devices.policy(o).passwordLengthMin()).hasValue(6);
    assertThat(devices.policy(o).modified()).hasValue(core.clock().instant());
    assertThat(status()).isEqualTo(Status.PROVISIONING_REQUIRED);
    assertThat(connect()).isEqualTo(Instruction.PROVISION);
    // The policy changes once more while the device takes the one before.
    long taken = devices.policy(o).number();
    devices.updatePolicy(core.change("SetMobilePolicyDetails"), o, strict(8));
    devices.provisioned(o, anna, PHONE, taken);
    assertThat(connect()).isEqualTo(Instruction.PROVISION);
    provision();
    assertThat(connect()).isEqualTo(Instruction.PROCEED);
  }

  @Test
  void aDeviceCanBeAskedToTakeThePolicyAgain() {
    provision();
    assertThat(devices.requestProvisioning(core.change("x"), o, anna, PHONE)).isTrue();
    assertThat(connect()).isEqualTo(Instruction.PROVISION);
    assertThat(devices.requestProvisioning(core.change("x"), o, anna, "OTHER")).isFalse();
  }

  @Test
  void aWipeHoldsUntilTheDeviceIsRemovedFromTheList() {
    provision();
    assertThat(devices.requestWipe(core.change("WipeMobileDevice"), o, anna, PHONE)).isTrue();
    assertThat(status()).isEqualTo(Status.WIPE_REQUIRED);
    // It cannot talk its way out of it.
    devices.wipeAcknowledged(o, anna, PHONE);
    devices.provisioned(o, anna, PHONE, devices.policy(o).number());
    devices.requestProvisioning(core.change("x"), o, anna, PHONE);
    assertThat(status()).isEqualTo(Status.WIPE_REQUIRED);
    assertThat(connect()).isEqualTo(Instruction.WIPE);
    devices.wipeSent(o, anna, PHONE);
    assertThat(status()).isEqualTo(Status.WIPE_REQUIRED);
    devices.wipeAcknowledged(o, anna, PHONE);
    assertThat(status()).isEqualTo(Status.WIPE_SUCCEEDED);
    // WorkMail guide: a device that is not removed from the list is wiped again.
    assertThat(connect()).isEqualTo(Instruction.WIPE);
    devices.wipeSent(o, anna, PHONE);
    assertThat(status()).isEqualTo(Status.WIPE_REQUIRED);
    devices.wipeAcknowledged(o, anna, PHONE);
    assertThat(devices.remove(core.change("DeleteMobileDevice"), o, anna, PHONE)).isTrue();
    assertThat(devices.remove(core.change("DeleteMobileDevice"), o, anna, PHONE)).isFalse();
    assertThat(connect()).isEqualTo(Instruction.PROVISION);
  }

  @Test
  void detailsThatADeviceDoesNotTellAgainStay() {
    connect();
    devices.connect(o, anna, PHONE, told(Optional.of("Pixel\u0007 9"), Optional.empty()));
    core.clock().advance(Duration.ofMinutes(10));
    devices.connect(
        o,
        anna,
        PHONE,
        told(Optional.empty(), Optional.of("x".repeat(DeviceDetails.LENGTH_MAX * 2))));
    assertThat(phone().details().model()).hasValue("Pixel 9");
    assertThat(phone().details().userAgent().orElseThrow()).hasSize(DeviceDetails.LENGTH_MAX);
    assertThat(phone().lastConnected()).isEqualTo(core.clock().instant());
    assertThat(phone().firstConnected()).isBefore(phone().lastConnected());
  }

  @Test
  void connectionsInQuickSuccessionAreNotWrittenDown() {
    provision();
    long version = version();
    for (int i = 0; i < 20; i++) connect();
    assertThat(version()).isEqualTo(version);
    core.clock().advance(MobileDevices.CONNECTION_GRAIN);
    connect();
    assertThat(version()).isGreaterThan(version);
  }

  @Test
  void aUserHasAHundredDevicesAtMost() {
    for (int i = 0; i < MobileDevices.DEVICES_PER_USER_MAX; i++) {
      devices.connect(o, anna, "D" + i, DeviceDetails.NONE);
    }
    assertThatThrownBy(() -> devices.connect(o, anna, "ONEMORE", DeviceDetails.NONE))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("100");
    assertThat(devices.connect(o, core.bert(), "ONEMORE", DeviceDetails.NONE))
        .isEqualTo(Instruction.PROVISION);
    assertThat(devices.list(o, anna)).hasSize(100);
    assertThat(devices.list(o, core.bert())).hasSize(1);
    assertThatThrownBy(() -> devices.connect(o, anna, "../x", DeviceDetails.NONE))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void everythingComesBackAfterARestart() {
    devices.updatePolicy(core.change("SetMobilePolicyDetails"), o, strict(6));
    for (String id : new String[] {"A", "B", "C", "D"}) connect(id);
    long number = devices.policy(o).number();
    devices.provisioned(o, anna, "B", number);
    devices.requestWipe(core.change("x"), o, anna, "C");
    devices.requestWipe(core.change("x"), o, anna, "D");
    devices.wipeSent(o, anna, "D");
    devices.wipeAcknowledged(o, anna, "D");
    var before = devices.list(o, anna);
    var policy = devices.policy(o);
    core.reopen();
    var again = new MobileDevices(core.directory(), core.clock());
    assertThat(again.list(o, anna)).isEqualTo(before).hasSize(4);
    assertThat(again.policy(o)).isEqualTo(policy);
  }

  private void provision() {
    connect();
    devices.provisioned(o, anna, PHONE, devices.policy(o).number());
  }

  private Instruction connect() {
    return connect(PHONE);
  }

  private Instruction connect(String id) {
    return devices.connect(o, anna, id, told(Optional.of("Pixel 9"), Optional.empty()));
  }

  private Status status() {
    return phone().state().status(devices.policy(o).number());
  }

  private MobileDevice phone() {
    return devices.find(o, anna, PHONE).orElseThrow();
  }

  private long version() {
    return core.store().version(new org.mailstead.store.PartitionId("org/" + o));
  }

  private static MobilePolicy strict(int length) {
    return new MobilePolicy(
        0,
        Optional.empty(),
        true,
        false,
        Optional.of(length),
        true,
        Optional.of(3),
        Optional.of(8),
        Optional.of(90),
        Optional.of(300),
        5,
        true,
        true);
  }

  private static DeviceDetails told(Optional<String> model, Optional<String> userAgent) {
    return new DeviceDetails(
        Optional.of("Phone"),
        model,
        Optional.empty(),
        userAgent,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
