package org.mailstead.workmail.server;

import org.mailstead.core.directory.Directory;
import org.mailstead.core.export.Exports;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.AssociateDelegateToResourceRequest;
import org.mailstead.workmail.wire.shapes.AssociateMemberToGroupRequest;
import org.mailstead.workmail.wire.shapes.AssumeImpersonationRoleRequest;
import org.mailstead.workmail.wire.shapes.CancelMailboxExportJobRequest;
import org.mailstead.workmail.wire.shapes.CreateAliasRequest;
import org.mailstead.workmail.wire.shapes.CreateAvailabilityConfigurationRequest;
import org.mailstead.workmail.wire.shapes.CreateGroupRequest;
import org.mailstead.workmail.wire.shapes.CreateIdentityCenterApplicationRequest;
import org.mailstead.workmail.wire.shapes.CreateImpersonationRoleRequest;
import org.mailstead.workmail.wire.shapes.CreateMobileDeviceAccessRuleRequest;
import org.mailstead.workmail.wire.shapes.CreateOrganizationRequest;
import org.mailstead.workmail.wire.shapes.CreateResourceRequest;
import org.mailstead.workmail.wire.shapes.CreateUserRequest;
import org.mailstead.workmail.wire.shapes.DeleteAccessControlRuleRequest;
import org.mailstead.workmail.wire.shapes.DeleteAliasRequest;
import org.mailstead.workmail.wire.shapes.DeleteAvailabilityConfigurationRequest;
import org.mailstead.workmail.wire.shapes.DeleteEmailMonitoringConfigurationRequest;
import org.mailstead.workmail.wire.shapes.DeleteGroupRequest;
import org.mailstead.workmail.wire.shapes.DeleteIdentityCenterApplicationRequest;
import org.mailstead.workmail.wire.shapes.DeleteIdentityProviderConfigurationRequest;
import org.mailstead.workmail.wire.shapes.DeleteImpersonationRoleRequest;
import org.mailstead.workmail.wire.shapes.DeleteMailboxPermissionsRequest;
import org.mailstead.workmail.wire.shapes.DeleteMobileDeviceAccessOverrideRequest;
import org.mailstead.workmail.wire.shapes.DeleteMobileDeviceAccessRuleRequest;
import org.mailstead.workmail.wire.shapes.DeleteOrganizationRequest;
import org.mailstead.workmail.wire.shapes.DeletePersonalAccessTokenRequest;
import org.mailstead.workmail.wire.shapes.DeleteResourceRequest;
import org.mailstead.workmail.wire.shapes.DeleteRetentionPolicyRequest;
import org.mailstead.workmail.wire.shapes.DeleteUserRequest;
import org.mailstead.workmail.wire.shapes.DeregisterFromWorkMailRequest;
import org.mailstead.workmail.wire.shapes.DeregisterMailDomainRequest;
import org.mailstead.workmail.wire.shapes.DescribeEmailMonitoringConfigurationRequest;
import org.mailstead.workmail.wire.shapes.DescribeEntityRequest;
import org.mailstead.workmail.wire.shapes.DescribeGroupRequest;
import org.mailstead.workmail.wire.shapes.DescribeIdentityProviderConfigurationRequest;
import org.mailstead.workmail.wire.shapes.DescribeInboundDmarcSettingsRequest;
import org.mailstead.workmail.wire.shapes.DescribeMailboxExportJobRequest;
import org.mailstead.workmail.wire.shapes.DescribeOrganizationRequest;
import org.mailstead.workmail.wire.shapes.DescribeResourceRequest;
import org.mailstead.workmail.wire.shapes.DescribeUserRequest;
import org.mailstead.workmail.wire.shapes.DisassociateDelegateFromResourceRequest;
import org.mailstead.workmail.wire.shapes.DisassociateMemberFromGroupRequest;
import org.mailstead.workmail.wire.shapes.GetAccessControlEffectRequest;
import org.mailstead.workmail.wire.shapes.GetDefaultRetentionPolicyRequest;
import org.mailstead.workmail.wire.shapes.GetImpersonationRoleEffectRequest;
import org.mailstead.workmail.wire.shapes.GetImpersonationRoleRequest;
import org.mailstead.workmail.wire.shapes.GetMailDomainRequest;
import org.mailstead.workmail.wire.shapes.GetMailboxDetailsRequest;
import org.mailstead.workmail.wire.shapes.GetMobileDeviceAccessEffectRequest;
import org.mailstead.workmail.wire.shapes.GetMobileDeviceAccessOverrideRequest;
import org.mailstead.workmail.wire.shapes.GetPersonalAccessTokenMetadataRequest;
import org.mailstead.workmail.wire.shapes.ListAccessControlRulesRequest;
import org.mailstead.workmail.wire.shapes.ListAliasesRequest;
import org.mailstead.workmail.wire.shapes.ListAvailabilityConfigurationsRequest;
import org.mailstead.workmail.wire.shapes.ListGroupMembersRequest;
import org.mailstead.workmail.wire.shapes.ListGroupsForEntityRequest;
import org.mailstead.workmail.wire.shapes.ListGroupsRequest;
import org.mailstead.workmail.wire.shapes.ListImpersonationRolesRequest;
import org.mailstead.workmail.wire.shapes.ListMailDomainsRequest;
import org.mailstead.workmail.wire.shapes.ListMailboxExportJobsRequest;
import org.mailstead.workmail.wire.shapes.ListMailboxPermissionsRequest;
import org.mailstead.workmail.wire.shapes.ListMobileDeviceAccessOverridesRequest;
import org.mailstead.workmail.wire.shapes.ListMobileDeviceAccessRulesRequest;
import org.mailstead.workmail.wire.shapes.ListOrganizationsRequest;
import org.mailstead.workmail.wire.shapes.ListPersonalAccessTokensRequest;
import org.mailstead.workmail.wire.shapes.ListResourceDelegatesRequest;
import org.mailstead.workmail.wire.shapes.ListResourcesRequest;
import org.mailstead.workmail.wire.shapes.ListTagsForResourceRequest;
import org.mailstead.workmail.wire.shapes.ListUsersRequest;
import org.mailstead.workmail.wire.shapes.PutAccessControlRuleRequest;
import org.mailstead.workmail.wire.shapes.PutEmailMonitoringConfigurationRequest;
import org.mailstead.workmail.wire.shapes.PutIdentityProviderConfigurationRequest;
import org.mailstead.workmail.wire.shapes.PutInboundDmarcSettingsRequest;
import org.mailstead.workmail.wire.shapes.PutMailboxPermissionsRequest;
import org.mailstead.workmail.wire.shapes.PutMobileDeviceAccessOverrideRequest;
import org.mailstead.workmail.wire.shapes.PutRetentionPolicyRequest;
import org.mailstead.workmail.wire.shapes.RegisterMailDomainRequest;
import org.mailstead.workmail.wire.shapes.RegisterToWorkMailRequest;
import org.mailstead.workmail.wire.shapes.Request;
import org.mailstead.workmail.wire.shapes.ResetPasswordRequest;
import org.mailstead.workmail.wire.shapes.Response;
import org.mailstead.workmail.wire.shapes.StartMailboxExportJobRequest;
import org.mailstead.workmail.wire.shapes.TagResourceRequest;
import org.mailstead.workmail.wire.shapes.TestAvailabilityConfigurationRequest;
import org.mailstead.workmail.wire.shapes.UntagResourceRequest;
import org.mailstead.workmail.wire.shapes.UpdateAvailabilityConfigurationRequest;
import org.mailstead.workmail.wire.shapes.UpdateDefaultMailDomainRequest;
import org.mailstead.workmail.wire.shapes.UpdateGroupRequest;
import org.mailstead.workmail.wire.shapes.UpdateImpersonationRoleRequest;
import org.mailstead.workmail.wire.shapes.UpdateMailboxQuotaRequest;
import org.mailstead.workmail.wire.shapes.UpdateMobileDeviceAccessRuleRequest;
import org.mailstead.workmail.wire.shapes.UpdatePrimaryEmailAddressRequest;
import org.mailstead.workmail.wire.shapes.UpdateResourceRequest;
import org.mailstead.workmail.wire.shapes.UpdateUserRequest;

/// The whole API on one page: which handler carries out which operation. The compiler knows all 92.
final class Operations {
  private final OrganizationHandler organizations;
  private final DomainHandler domains;
  private final UserHandler users;
  private final AddressHandler addresses;
  private final GroupHandler groups;
  private final PermissionHandler permissions;
  private final ExportHandler exports;

  Operations(
      Directory directory, Exports exportJobs, PageTokens tokens, WorkMailSettings settings) {
    organizations = new OrganizationHandler(directory, tokens, settings.region());
    domains = new DomainHandler(directory, tokens, settings);
    users = new UserHandler(directory, tokens);
    addresses = new AddressHandler(directory, tokens);
    groups = new GroupHandler(directory, tokens);
    permissions = new PermissionHandler(directory, tokens);
    exports = new ExportHandler(exportJobs, tokens);
  }

  /// @throws ApiException as the operation declares
  /// @throws org.mailstead.base.RefusedException the directory says no
  Response carryOut(Call call, Request request) {
    return switch (request) {
      case CreateOrganizationRequest r -> organizations.create(call, r);
      case DescribeOrganizationRequest r -> organizations.describe(call, r);
      case ListOrganizationsRequest r -> organizations.list(call, r);
      case DeleteOrganizationRequest r -> organizations.delete(call, r);

      case RegisterMailDomainRequest r -> domains.register(call, r);
      case DeregisterMailDomainRequest r -> domains.deregister(call, r);
      case GetMailDomainRequest r -> domains.describe(call, r);
      case ListMailDomainsRequest r -> domains.list(call, r);
      case UpdateDefaultMailDomainRequest r -> domains.updateDefault(call, r);

      case CreateUserRequest r -> users.create(call, r);
      case DescribeUserRequest r -> users.describe(call, r);
      case UpdateUserRequest r -> users.update(call, r);
      case ListUsersRequest r -> users.list(call, r);
      case DeleteUserRequest r -> users.delete(call, r);
      case ResetPasswordRequest r -> users.resetPassword(call, r);
      case GetMailboxDetailsRequest r -> users.mailboxDetails(call, r);
      case UpdateMailboxQuotaRequest r -> users.updateMailboxQuota(call, r);

      case RegisterToWorkMailRequest r -> addresses.register(call, r);
      case DeregisterFromWorkMailRequest r -> addresses.deregister(call, r);
      case CreateAliasRequest r -> addresses.createAlias(call, r);
      case DeleteAliasRequest r -> addresses.deleteAlias(call, r);
      case ListAliasesRequest r -> addresses.listAliases(call, r);
      case UpdatePrimaryEmailAddressRequest r -> addresses.updatePrimary(call, r);
      case DescribeEntityRequest r -> addresses.describeEntity(call, r);

      case CreateGroupRequest r -> groups.create(call, r);
      case DescribeGroupRequest r -> groups.describe(call, r);
      case UpdateGroupRequest r -> groups.update(call, r);
      case ListGroupsRequest r -> groups.list(call, r);
      case DeleteGroupRequest r -> groups.delete(call, r);
      case AssociateMemberToGroupRequest r -> groups.addMember(call, r);
      case DisassociateMemberFromGroupRequest r -> groups.removeMember(call, r);
      case ListGroupMembersRequest r -> groups.members(call, r);
      case ListGroupsForEntityRequest r -> groups.groupsOf(call, r);

      case PutMailboxPermissionsRequest r -> permissions.put(call, r);
      case DeleteMailboxPermissionsRequest r -> permissions.delete(call, r);
      case ListMailboxPermissionsRequest r -> permissions.list(call, r);

      case StartMailboxExportJobRequest r -> exports.start(call, r);
      case DescribeMailboxExportJobRequest r -> exports.describe(call, r);
      case ListMailboxExportJobsRequest r -> exports.list(call, r);
      case CancelMailboxExportJobRequest r -> exports.cancel(call, r);

      // Known, not built.
      case AssociateDelegateToResourceRequest _,
          AssumeImpersonationRoleRequest _,
          CreateAvailabilityConfigurationRequest _,
          CreateIdentityCenterApplicationRequest _,
          CreateImpersonationRoleRequest _,
          CreateMobileDeviceAccessRuleRequest _,
          CreateResourceRequest _,
          DeleteAccessControlRuleRequest _,
          DeleteAvailabilityConfigurationRequest _,
          DeleteEmailMonitoringConfigurationRequest _,
          DeleteIdentityCenterApplicationRequest _,
          DeleteIdentityProviderConfigurationRequest _,
          DeleteImpersonationRoleRequest _,
          DeleteMobileDeviceAccessOverrideRequest _,
          DeleteMobileDeviceAccessRuleRequest _,
          DeletePersonalAccessTokenRequest _,
          DeleteResourceRequest _,
          DeleteRetentionPolicyRequest _,
          DescribeEmailMonitoringConfigurationRequest _,
          DescribeIdentityProviderConfigurationRequest _,
          DescribeInboundDmarcSettingsRequest _,
          DescribeResourceRequest _,
          DisassociateDelegateFromResourceRequest _,
          GetAccessControlEffectRequest _,
          GetDefaultRetentionPolicyRequest _,
          GetImpersonationRoleRequest _,
          GetImpersonationRoleEffectRequest _,
          GetMobileDeviceAccessEffectRequest _,
          GetMobileDeviceAccessOverrideRequest _,
          GetPersonalAccessTokenMetadataRequest _,
          ListAccessControlRulesRequest _,
          ListAvailabilityConfigurationsRequest _,
          ListImpersonationRolesRequest _,
          ListMobileDeviceAccessOverridesRequest _,
          ListMobileDeviceAccessRulesRequest _,
          ListPersonalAccessTokensRequest _,
          ListResourceDelegatesRequest _,
          ListResourcesRequest _,
          ListTagsForResourceRequest _,
          PutAccessControlRuleRequest _,
          PutEmailMonitoringConfigurationRequest _,
          PutIdentityProviderConfigurationRequest _,
          PutInboundDmarcSettingsRequest _,
          PutMobileDeviceAccessOverrideRequest _,
          PutRetentionPolicyRequest _,
          TagResourceRequest _,
          TestAvailabilityConfigurationRequest _,
          UntagResourceRequest _,
          UpdateAvailabilityConfigurationRequest _,
          UpdateImpersonationRoleRequest _,
          UpdateMobileDeviceAccessRuleRequest _,
          UpdateResourceRequest _ ->
          throw Refusals.notBuilt(request.operation());
    };
  }
}
