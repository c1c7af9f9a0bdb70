package org.mailstead.workmail.server;

import java.util.List;
import java.util.Optional;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Entity;
import org.mailstead.core.mobile.DeviceDetails;
import org.mailstead.core.mobile.DeviceState;
import org.mailstead.core.mobile.MobileDevices;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.DeleteMobileDeviceRequest;
import org.mailstead.workmail.wire.shapes.DeleteMobileDeviceResponse;
import org.mailstead.workmail.wire.shapes.ErrorCode;
import org.mailstead.workmail.wire.shapes.GetMobileDeviceDetailsRequest;
import org.mailstead.workmail.wire.shapes.GetMobileDeviceDetailsResponse;
import org.mailstead.workmail.wire.shapes.GetMobileDevicesForUserRequest;
import org.mailstead.workmail.wire.shapes.GetMobileDevicesForUserResponse;
import org.mailstead.workmail.wire.shapes.GetMobilePolicyDetailsRequest;
import org.mailstead.workmail.wire.shapes.GetMobilePolicyDetailsResponse;
import org.mailstead.workmail.wire.shapes.MobileDevice;
import org.mailstead.workmail.wire.shapes.MobileDeviceStatus;
import org.mailstead.workmail.wire.shapes.MobilePolicy;
import org.mailstead.workmail.wire.shapes.SetMobilePolicyDetailsRequest;
import org.mailstead.workmail.wire.shapes.SetMobilePolicyDetailsResponse;
import org.mailstead.workmail.wire.shapes.WipeMobileDeviceRequest;
import org.mailstead.workmail.wire.shapes.WipeMobileDeviceResponse;

/// Mobile devices and the policy that they must enforce (MOB-1 to MOB-3).
final class MobileHandler {
  private final Directory directory;
  private final MobileDevices devices;
  private final PageTokens tokens;

  MobileHandler(Directory directory, MobileDevices devices, PageTokens tokens) {
    this.directory = directory;
    this.devices = devices;
    this.tokens = tokens;
  }

  GetMobilePolicyDetailsResponse policy(Call call, GetMobilePolicyDetailsRequest request) {
    org.mailstead.core.mobile.MobilePolicy policy =
        devices.policy(new OrganizationId(request.organizationId()));
    return GetMobilePolicyDetailsResponse.builder()
        .policy(
            MobilePolicy.builder()
                .passwordRequired(policy.passwordRequired())
                .allowSimplePassword(policy.simplePasswordAllowed())
                .minimumPasswordLength(policy.passwordLengthMin())
                .requireAlphanumericPassword(policy.alphanumericPasswordRequired())
                .minimumCharacterSets(policy.characterSetsMin())
                .failedAttemptsAllowed(policy.failedAttemptsMax())
                .passwordExpirationDays(policy.passwordExpirationDays())
                .screenLockSeconds(policy.screenLockSeconds())
                .passwordHistory(policy.passwordHistory())
                .requireDeviceEncryption(policy.deviceEncryptionRequired())
                .requireStorageCardEncryption(policy.storageCardEncryptionRequired())
                .build())
        .dateModified(policy.modified())
        .build();
  }

  SetMobilePolicyDetailsResponse updatePolicy(Call call, SetMobilePolicyDetailsRequest request) {
    MobilePolicy wanted = request.policy();
    var first = org.mailstead.core.mobile.MobilePolicy.FIRST;
    devices.updatePolicy(
        call.change(),
        new OrganizationId(request.organizationId()),
        new org.mailstead.core.mobile.MobilePolicy(
            0,
            Optional.empty(),
            wanted.passwordRequired().orElse(first.passwordRequired()),
            wanted.allowSimplePassword().orElse(first.simplePasswordAllowed()),
            wanted.minimumPasswordLength(),
            wanted.requireAlphanumericPassword().orElse(first.alphanumericPasswordRequired()),
            wanted.minimumCharacterSets(),
            wanted.failedAttemptsAllowed(),
            wanted.passwordExpirationDays(),
            wanted.screenLockSeconds(),
            wanted.passwordHistory().orElse(first.passwordHistory()),
            wanted.requireDeviceEncryption().orElse(first.deviceEncryptionRequired()),
            wanted.requireStorageCardEncryption().orElse(first.storageCardEncryptionRequired())));
    return new SetMobilePolicyDetailsResponse();
  }

  GetMobileDevicesForUserResponse list(Call call, GetMobileDevicesForUserRequest request) {
    OrganizationId organization = new OrganizationId(request.organizationId());
    EntityId user = user(organization, request.userId());
    String context = "GetMobileDevicesForUser " + organization + " " + user;
    var page = tokens.page(context, request.maxResults(), request.nextToken());
    String after = page.token().orElse("");
    List<org.mailstead.core.mobile.MobileDevice> left =
        devices.list(organization, user).stream()
            .filter(device -> device.id().compareTo(after) > 0)
            .toList();
    boolean more = left.size() > page.countMax();
    List<org.mailstead.core.mobile.MobileDevice> shown =
        more ? left.subList(0, page.countMax()) : left;
    long policy = devices.policy(organization).number();
    return GetMobileDevicesForUserResponse.builder()
        .devices(shown.stream().map(device -> summary(device, policy)).toList())
        .nextToken(
            tokens.seal(context, more ? Optional.of(shown.getLast().id()) : Optional.empty()))
        .build();
  }

  private static MobileDevice summary(
      org.mailstead.core.mobile.MobileDevice device, long policyNumber) {
    DeviceDetails details = device.details();
    return MobileDevice.builder()
        .userId(device.user().value())
        .deviceId(device.id())
        .status(MobileDeviceStatus.valueOf(device.state().status(policyNumber).name()))
        .deviceType(details.type())
        .deviceModel(details.model())
        .deviceOperatingSystem(details.operatingSystem())
        .deviceUserAgent(details.userAgent())
        .friendlyName(details.friendlyName())
        .firstConnected(device.firstConnected())
        .lastConnected(device.lastConnected())
        .build();
  }

  GetMobileDeviceDetailsResponse describe(Call call, GetMobileDeviceDetailsRequest request) {
    OrganizationId organization = new OrganizationId(request.organizationId());
    EntityId user = user(organization, request.userId());
    org.mailstead.core.mobile.MobileDevice device =
        devices.find(organization, user, request.deviceId()).orElseThrow(MobileHandler::notFound);
    long policy = devices.policy(organization).number();
    DeviceDetails details = device.details();
    var out =
        GetMobileDeviceDetailsResponse.builder()
            .userId(device.user().value())
            .deviceId(device.id())
            .status(MobileDeviceStatus.valueOf(device.state().status(policy).name()))
            .deviceType(details.type())
            .deviceModel(details.model())
            .deviceOperatingSystem(details.operatingSystem())
            .deviceUserAgent(details.userAgent())
            .friendlyName(details.friendlyName())
            .deviceLanguage(details.language())
            .imei(details.imei())
            .phoneNumber(details.phoneNumber())
            .mobileOperator(details.mobileOperator())
            .protocolVersion(details.protocolVersion())
            .firstConnected(device.firstConnected())
            .lastConnected(device.lastConnected())
            .lastProvisioned(device.lastProvisioned());
    return switch (device.state()) {
      case DeviceState.Unprovisioned _ -> out.policyEnforced(false).build();
      case DeviceState.Provisioned provisioned ->
          out.policyEnforced(provisioned.policyNumber() == policy).build();
      case DeviceState.WipeDue wipe ->
          out.wipeRequested(wipe.requested()).wipeSent(wipe.sent()).build();
      case DeviceState.Wiped wiped ->
          out.wipeRequested(wiped.requested()).wipeAcknowledged(wiped.acknowledged()).build();
    };
  }

  DeleteMobileDeviceResponse delete(Call call, DeleteMobileDeviceRequest request) {
    OrganizationId organization = new OrganizationId(request.organizationId());
    devices.remove(
        call.change(), organization, user(organization, request.userId()), request.deviceId());
    return new DeleteMobileDeviceResponse();
  }

  WipeMobileDeviceResponse wipe(Call call, WipeMobileDeviceRequest request) {
    OrganizationId organization = new OrganizationId(request.organizationId());
    EntityId user = user(organization, request.userId());
    // Asked before, because a refusal must not be recorded as a wipe.
    if (devices.find(organization, user, request.deviceId()).isEmpty()) throw notFound();
    devices.requestWipe(call.change(), organization, user, request.deviceId());
    return new WipeMobileDeviceResponse();
  }

  /// A user, by id, name or address; disabled ones too, whose devices are still listed.
  private EntityId user(OrganizationId organization, String identifier) {
    return directory
        .registrations()
        .find(organization, identifier)
        .filter(entity -> entity instanceof Entity.User)
        .map(Entity::id)
        .orElseThrow(
            () -> new ApiException(ErrorCode.ENTITY_NOT_FOUND, "The entity was not found."));
  }

  private static ApiException notFound() {
    return new ApiException(ErrorCode.RESOURCE_NOT_FOUND, "The device was not found.");
  }
}
