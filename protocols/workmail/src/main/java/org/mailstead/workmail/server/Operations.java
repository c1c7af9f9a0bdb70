package org.mailstead.workmail.server;

import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.mailstead.core.access.AccessRules;
import org.mailstead.core.access.ImpersonationRoles;
import org.mailstead.core.access.MobileDeviceRules;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectorySynchronizer;
import org.mailstead.core.domains.MailDomainChecks;
import org.mailstead.core.export.Exports;
import org.mailstead.core.flow.FlowRules;
import org.mailstead.core.flow.SmtpGateways;
import org.mailstead.core.mobile.MobileDevices;
import org.mailstead.core.policy.AvailabilityConfigurations;
import org.mailstead.core.policy.JournalingRules;
import org.mailstead.core.policy.MailSettings;
import org.mailstead.core.policy.RetentionPolicies;
import org.mailstead.core.signing.DkimKeys;
import org.mailstead.workmail.wire.ApiException;
import org.mailstead.workmail.wire.shapes.AddAdministratorToGroupRequest;
import org.mailstead.workmail.wire.shapes.AssociateDelegateToResourceRequest;
import org.mailstead.workmail.wire.shapes.AssociateMemberToGroupRequest;
import org.mailstead.workmail.wire.shapes.AssumeImpersonationRoleRequest;
import org.mailstead.workmail.wire.shapes.AttachAccessPolicyRequest;
import org.mailstead.workmail.wire.shapes.CancelMailboxExportJobRequest;
import org.mailstead.workmail.wire.shapes.CheckMailDomainRecordsRequest;
import org.mailstead.workmail.wire.shapes.CreateAccessKeyRequest;
import org.mailstead.workmail.wire.shapes.CreateAccessPolicyRequest;
import org.mailstead.workmail.wire.shapes.CreateAdministratorGroupRequest;
import org.mailstead.workmail.wire.shapes.CreateAdministratorRequest;
import org.mailstead.workmail.wire.shapes.CreateAliasRequest;
import org.mailstead.workmail.wire.shapes.CreateAvailabilityConfigurationRequest;
import org.mailstead.workmail.wire.shapes.CreateGroupRequest;
import org.mailstead.workmail.wire.shapes.CreateIdentityCenterApplicationRequest;
import org.mailstead.workmail.wire.shapes.CreateImpersonationRoleRequest;
import org.mailstead.workmail.wire.shapes.CreateInboundMailFlowRuleRequest;
import org.mailstead.workmail.wire.shapes.CreateMobileDeviceAccessRuleRequest;
import org.mailstead.workmail.wire.shapes.CreateOrganizationRequest;
import org.mailstead.workmail.wire.shapes.CreateOutboundMailFlowRuleRequest;
import org.mailstead.workmail.wire.shapes.CreatePersonalAccessTokenRequest;
import org.mailstead.workmail.wire.shapes.CreateResourceRequest;
import org.mailstead.workmail.wire.shapes.CreateSmtpGatewayRequest;
import org.mailstead.workmail.wire.shapes.CreateUserRequest;
import org.mailstead.workmail.wire.shapes.DeleteAccessControlRuleRequest;
import org.mailstead.workmail.wire.shapes.DeleteAccessKeyRequest;
import org.mailstead.workmail.wire.shapes.DeleteAccessPolicyRequest;
import org.mailstead.workmail.wire.shapes.DeleteAdministratorGroupRequest;
import org.mailstead.workmail.wire.shapes.DeleteAdministratorRequest;
import org.mailstead.workmail.wire.shapes.DeleteAliasRequest;
import org.mailstead.workmail.wire.shapes.DeleteAvailabilityConfigurationRequest;
import org.mailstead.workmail.wire.shapes.DeleteEmailMonitoringConfigurationRequest;
import org.mailstead.workmail.wire.shapes.DeleteGroupRequest;
import org.mailstead.workmail.wire.shapes.DeleteIdentityCenterApplicationRequest;
import org.mailstead.workmail.wire.shapes.DeleteIdentityProviderConfigurationRequest;
import org.mailstead.workmail.wire.shapes.DeleteImpersonationRoleRequest;
import org.mailstead.workmail.wire.shapes.DeleteInboundMailFlowRuleRequest;
import org.mailstead.workmail.wire.shapes.DeleteMailDomainTransportPolicyRequest;
import org.mailstead.workmail.wire.shapes.DeleteMailboxPermissionsRequest;
import org.mailstead.workmail.wire.shapes.DeleteMobileDeviceAccessOverrideRequest;
import org.mailstead.workmail.wire.shapes.DeleteMobileDeviceAccessRuleRequest;
import org.mailstead.workmail.wire.shapes.DeleteMobileDeviceRequest;
import org.mailstead.workmail.wire.shapes.DeleteOrganizationRequest;
import org.mailstead.workmail.wire.shapes.DeleteOutboundMailFlowRuleRequest;
import org.mailstead.workmail.wire.shapes.DeletePersonalAccessTokenRequest;
import org.mailstead.workmail.wire.shapes.DeleteQueuedMessageRequest;
import org.mailstead.workmail.wire.shapes.DeleteReportSettingsRequest;
import org.mailstead.workmail.wire.shapes.DeleteResourceRequest;
import org.mailstead.workmail.wire.shapes.DeleteRetentionPolicyRequest;
import org.mailstead.workmail.wire.shapes.DeleteSmtpGatewayRequest;
import org.mailstead.workmail.wire.shapes.DeleteUserRequest;
import org.mailstead.workmail.wire.shapes.DeregisterFromWorkMailRequest;
import org.mailstead.workmail.wire.shapes.DeregisterMailDomainRequest;
import org.mailstead.workmail.wire.shapes.DescribeAdministratorGroupRequest;
import org.mailstead.workmail.wire.shapes.DescribeAdministratorRequest;
import org.mailstead.workmail.wire.shapes.DescribeDirectorySyncRequest;
import org.mailstead.workmail.wire.shapes.DescribeEmailMonitoringConfigurationRequest;
import org.mailstead.workmail.wire.shapes.DescribeEntityRequest;
import org.mailstead.workmail.wire.shapes.DescribeGroupRequest;
import org.mailstead.workmail.wire.shapes.DescribeIdentityProviderConfigurationRequest;
import org.mailstead.workmail.wire.shapes.DescribeInboundDmarcSettingsRequest;
import org.mailstead.workmail.wire.shapes.DescribeInboundMailFlowRuleRequest;
import org.mailstead.workmail.wire.shapes.DescribeMailDomainsRequest;
import org.mailstead.workmail.wire.shapes.DescribeMailboxExportJobRequest;
import org.mailstead.workmail.wire.shapes.DescribeOrganizationRequest;
import org.mailstead.workmail.wire.shapes.DescribeOrganizationSettingsRequest;
import org.mailstead.workmail.wire.shapes.DescribeOutboundMailFlowRuleRequest;
import org.mailstead.workmail.wire.shapes.DescribeQueuedMessageRequest;
import org.mailstead.workmail.wire.shapes.DescribeResourceRequest;
import org.mailstead.workmail.wire.shapes.DescribeSendingUsageRequest;
import org.mailstead.workmail.wire.shapes.DescribeSmtpGatewayRequest;
import org.mailstead.workmail.wire.shapes.DescribeUserRequest;
import org.mailstead.workmail.wire.shapes.DetachAccessPolicyRequest;
import org.mailstead.workmail.wire.shapes.DisassociateDelegateFromResourceRequest;
import org.mailstead.workmail.wire.shapes.DisassociateMemberFromGroupRequest;
import org.mailstead.workmail.wire.shapes.GetAccessControlEffectRequest;
import org.mailstead.workmail.wire.shapes.GetAccessPolicyRequest;
import org.mailstead.workmail.wire.shapes.GetDefaultRetentionPolicyRequest;
import org.mailstead.workmail.wire.shapes.GetImpersonationRoleEffectRequest;
import org.mailstead.workmail.wire.shapes.GetImpersonationRoleRequest;
import org.mailstead.workmail.wire.shapes.GetJournalingRulesRequest;
import org.mailstead.workmail.wire.shapes.GetMailDomainDetailsRequest;
import org.mailstead.workmail.wire.shapes.GetMailDomainRequest;
import org.mailstead.workmail.wire.shapes.GetMailDomainTransportPolicyRequest;
import org.mailstead.workmail.wire.shapes.GetMailboxDetailsRequest;
import org.mailstead.workmail.wire.shapes.GetMessageTraceRequest;
import org.mailstead.workmail.wire.shapes.GetMobileDeviceAccessEffectRequest;
import org.mailstead.workmail.wire.shapes.GetMobileDeviceAccessOverrideRequest;
import org.mailstead.workmail.wire.shapes.GetMobileDeviceDetailsRequest;
import org.mailstead.workmail.wire.shapes.GetMobileDevicesForUserRequest;
import org.mailstead.workmail.wire.shapes.GetMobilePolicyDetailsRequest;
import org.mailstead.workmail.wire.shapes.GetOutOfOfficeRequest;
import org.mailstead.workmail.wire.shapes.GetPersonalAccessTokenMetadataRequest;
import org.mailstead.workmail.wire.shapes.GetReportSettingsRequest;
import org.mailstead.workmail.wire.shapes.GetSpamSettingsRequest;
import org.mailstead.workmail.wire.shapes.HoldQueuedMessageRequest;
import org.mailstead.workmail.wire.shapes.InsertMailDomainRecordsRequest;
import org.mailstead.workmail.wire.shapes.ListAccessControlRulesRequest;
import org.mailstead.workmail.wire.shapes.ListAccessKeysRequest;
import org.mailstead.workmail.wire.shapes.ListAccessPoliciesRequest;
import org.mailstead.workmail.wire.shapes.ListAdministratorGroupsRequest;
import org.mailstead.workmail.wire.shapes.ListAdministratorsRequest;
import org.mailstead.workmail.wire.shapes.ListAliasesRequest;
import org.mailstead.workmail.wire.shapes.ListAvailabilityConfigurationsRequest;
import org.mailstead.workmail.wire.shapes.ListDirectoriesRequest;
import org.mailstead.workmail.wire.shapes.ListDisabledMailboxesRequest;
import org.mailstead.workmail.wire.shapes.ListDkimKeysRequest;
import org.mailstead.workmail.wire.shapes.ListDmarcFiguresRequest;
import org.mailstead.workmail.wire.shapes.ListDnsZonesRequest;
import org.mailstead.workmail.wire.shapes.ListGroupMembersRequest;
import org.mailstead.workmail.wire.shapes.ListGroupsForEntityRequest;
import org.mailstead.workmail.wire.shapes.ListGroupsRequest;
import org.mailstead.workmail.wire.shapes.ListImpersonationRolesRequest;
import org.mailstead.workmail.wire.shapes.ListInboundMailFlowRulesRequest;
import org.mailstead.workmail.wire.shapes.ListInboxRulesRequest;
import org.mailstead.workmail.wire.shapes.ListMailDomainsRequest;
import org.mailstead.workmail.wire.shapes.ListMailboxExportJobsRequest;
import org.mailstead.workmail.wire.shapes.ListMailboxPermissionsRequest;
import org.mailstead.workmail.wire.shapes.ListMobileDeviceAccessOverridesRequest;
import org.mailstead.workmail.wire.shapes.ListMobileDeviceAccessRulesRequest;
import org.mailstead.workmail.wire.shapes.ListOrganizationsRequest;
import org.mailstead.workmail.wire.shapes.ListOutboundMailFlowRulesRequest;
import org.mailstead.workmail.wire.shapes.ListPersonalAccessTokensRequest;
import org.mailstead.workmail.wire.shapes.ListQueuedMessagesRequest;
import org.mailstead.workmail.wire.shapes.ListResourceDelegatesRequest;
import org.mailstead.workmail.wire.shapes.ListResourcesRequest;
import org.mailstead.workmail.wire.shapes.ListSmtpGatewaysRequest;
import org.mailstead.workmail.wire.shapes.ListTagsForResourceRequest;
import org.mailstead.workmail.wire.shapes.ListTlsReportFiguresRequest;
import org.mailstead.workmail.wire.shapes.ListUsersRequest;
import org.mailstead.workmail.wire.shapes.LookupEventsRequest;
import org.mailstead.workmail.wire.shapes.PutAccessControlRuleRequest;
import org.mailstead.workmail.wire.shapes.PutEmailMonitoringConfigurationRequest;
import org.mailstead.workmail.wire.shapes.PutIdentityProviderConfigurationRequest;
import org.mailstead.workmail.wire.shapes.PutInboundDmarcSettingsRequest;
import org.mailstead.workmail.wire.shapes.PutInboxRulesRequest;
import org.mailstead.workmail.wire.shapes.PutMailDomainTransportPolicyRequest;
import org.mailstead.workmail.wire.shapes.PutMailboxPermissionsRequest;
import org.mailstead.workmail.wire.shapes.PutMobileDeviceAccessOverrideRequest;
import org.mailstead.workmail.wire.shapes.PutOutOfOfficeRequest;
import org.mailstead.workmail.wire.shapes.PutReportSettingsRequest;
import org.mailstead.workmail.wire.shapes.PutRetentionPolicyRequest;
import org.mailstead.workmail.wire.shapes.RegisterMailDomainRequest;
import org.mailstead.workmail.wire.shapes.RegisterToWorkMailRequest;
import org.mailstead.workmail.wire.shapes.ReleaseQueuedMessageRequest;
import org.mailstead.workmail.wire.shapes.RemoveAdministratorFromGroupRequest;
import org.mailstead.workmail.wire.shapes.RenewDkimKeysRequest;
import org.mailstead.workmail.wire.shapes.Request;
import org.mailstead.workmail.wire.shapes.ResetPasswordRequest;
import org.mailstead.workmail.wire.shapes.Response;
import org.mailstead.workmail.wire.shapes.RestoreMailboxRequest;
import org.mailstead.workmail.wire.shapes.RetryQueuedMessageRequest;
import org.mailstead.workmail.wire.shapes.RotateAccessKeyRequest;
import org.mailstead.workmail.wire.shapes.RotateDkimKeysRequest;
import org.mailstead.workmail.wire.shapes.SearchMembersRequest;
import org.mailstead.workmail.wire.shapes.SetJournalingRulesRequest;
import org.mailstead.workmail.wire.shapes.SetMobilePolicyDetailsRequest;
import org.mailstead.workmail.wire.shapes.SetSpamSettingsRequest;
import org.mailstead.workmail.wire.shapes.StartDirectorySyncRequest;
import org.mailstead.workmail.wire.shapes.StartMailboxExportJobRequest;
import org.mailstead.workmail.wire.shapes.TagResourceRequest;
import org.mailstead.workmail.wire.shapes.TestAvailabilityConfigurationRequest;
import org.mailstead.workmail.wire.shapes.TestInboundMailFlowRulesOnPastMailRequest;
import org.mailstead.workmail.wire.shapes.TestInboundMailFlowRulesRequest;
import org.mailstead.workmail.wire.shapes.TestInteroperabilityRequest;
import org.mailstead.workmail.wire.shapes.TestMailDomainRecordInsertionRequest;
import org.mailstead.workmail.wire.shapes.TestOutboundMailFlowRulesOnPastMailRequest;
import org.mailstead.workmail.wire.shapes.TestOutboundMailFlowRulesRequest;
import org.mailstead.workmail.wire.shapes.TraceMessagesRequest;
import org.mailstead.workmail.wire.shapes.UntagResourceRequest;
import org.mailstead.workmail.wire.shapes.UpdateAccessKeyRequest;
import org.mailstead.workmail.wire.shapes.UpdateAccessPolicyRequest;
import org.mailstead.workmail.wire.shapes.UpdateAvailabilityConfigurationRequest;
import org.mailstead.workmail.wire.shapes.UpdateDefaultMailDomainRequest;
import org.mailstead.workmail.wire.shapes.UpdateGroupRequest;
import org.mailstead.workmail.wire.shapes.UpdateImpersonationRoleRequest;
import org.mailstead.workmail.wire.shapes.UpdateInboundMailFlowRuleRequest;
import org.mailstead.workmail.wire.shapes.UpdateMailboxQuotaRequest;
import org.mailstead.workmail.wire.shapes.UpdateMobileDeviceAccessRuleRequest;
import org.mailstead.workmail.wire.shapes.UpdateOrganizationSettingsRequest;
import org.mailstead.workmail.wire.shapes.UpdateOutboundMailFlowRuleRequest;
import org.mailstead.workmail.wire.shapes.UpdatePrimaryEmailAddressRequest;
import org.mailstead.workmail.wire.shapes.UpdateResourceRequest;
import org.mailstead.workmail.wire.shapes.UpdateSmtpGatewayRequest;
import org.mailstead.workmail.wire.shapes.UpdateUserRequest;
import org.mailstead.workmail.wire.shapes.WipeMobileDeviceRequest;

/// The whole API on one page: which handler carries out which operation. The compiler knows all 92
/// of WorkMail's and those that are ours (docs/decisions/0031-own-operations.md).
final class Operations {
  private final OrganizationHandler organizations;
  private final DomainHandler domains;
  private final UserHandler users;
  private final AddressHandler addresses;
  private final GroupHandler groups;
  private final ResourceHandler resources;
  private final PermissionHandler permissions;
  private final ExportHandler exports;
  private final TagHandler tags;
  private final IdentityHandler identities;
  private final AdministratorHandler administrators;
  private final HistoryHandler history;
  private final AccessRuleHandler accessRules;
  private final MobileDeviceHandler mobileDevices;
  private final ImpersonationHandler impersonation;
  private final MailPolicyHandler mailPolicies;
  private final AvailabilityHandler availability;
  private final SettingsHandler organizationSettings;
  private final MobileHandler mobile;
  private final FlowRuleHandler flowRules;
  private final SmtpGatewayHandler gateways;
  private final QueueHandler queue;
  private final TraceHandler traces;
  private final DomainRecordHandler domainRecords;
  private final ReportHandler reports;
  private final InboxRuleHandler inboxRules;
  private final DirectoryHandler directories;
  private final InteroperabilityHandler interoperability;

  Operations(
      Directory directory,
      DirectorySynchronizer synchronizer,
      Exports exportJobs,
      QueueServices queueServices,
      PageTokens tokens,
      WorkMailSettings settings,
      InstantSource clock,
      RandomGenerator random) {
    organizations = new OrganizationHandler(directory, tokens, settings.region());
    MailDomainChecks checks =
        new MailDomainChecks(
            directory, new DkimKeys(directory, directory.keys(), clock), settings.domains(), clock);
    domains = new DomainHandler(directory, tokens, checks);
    domainRecords = new DomainRecordHandler(directory, settings.domains(), checks);
    reports = new ReportHandler(directory, tokens);
    users = new UserHandler(directory, tokens);
    addresses = new AddressHandler(directory, tokens);
    groups = new GroupHandler(directory, tokens);
    resources = new ResourceHandler(directory, tokens);
    permissions = new PermissionHandler(directory, tokens);
    exports = new ExportHandler(exportJobs, tokens);
    tags = new TagHandler(directory, settings.region());
    identities = new IdentityHandler(directory, tokens);
    administrators = new AdministratorHandler(directory, tokens);
    history = new HistoryHandler(directory, tokens);
    AccessRules rules = new AccessRules(directory, clock);
    accessRules = new AccessRuleHandler(rules);
    mobileDevices =
        new MobileDeviceHandler(new MobileDeviceRules(directory, clock, random), tokens);
    impersonation =
        new ImpersonationHandler(
            new ImpersonationRoles(directory, directory.keys(), rules, clock, random), tokens);
    mailPolicies =
        new MailPolicyHandler(
            new RetentionPolicies(directory, random),
            new MailSettings(directory),
            new JournalingRules(directory));
    AvailabilityConfigurations providers =
        new AvailabilityConfigurations(directory, directory.keys(), clock);
    AvailabilityProbe probe = new AvailabilityProbe(settings.availability(), clock);
    availability = new AvailabilityHandler(providers, probe, directory, tokens);
    directories = new DirectoryHandler(directory, synchronizer, tokens);
    interoperability = new InteroperabilityHandler(directory, synchronizer, providers, probe);
    queue = new QueueHandler(directory, queueServices, tokens, clock);
    traces =
        new TraceHandler(
            directory,
            queueServices.trace(),
            FlowRules.inbound(directory, clock, random),
            FlowRules.outbound(directory, clock, random),
            tokens,
            clock);
    inboxRules = new InboxRuleHandler(directory, queueServices.mailboxes(), random);
    organizationSettings = new SettingsHandler(directory, tokens);
    mobile = new MobileHandler(directory, new MobileDevices(directory, clock), tokens);
    flowRules =
        new FlowRuleHandler(
            FlowRules.inbound(directory, clock, random),
            FlowRules.outbound(directory, clock, random),
            tokens);
    gateways =
        new SmtpGatewayHandler(
            new SmtpGateways(directory, directory.keys(), clock, random), tokens);
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
      case DescribeMailDomainsRequest r -> domains.describeAll(call, r);
      case GetMailDomainDetailsRequest r -> domains.details(call, r);
      case CheckMailDomainRecordsRequest r -> domains.check(call, r);
      case ListDnsZonesRequest r -> domainRecords.zones(call, r);
      case TestMailDomainRecordInsertionRequest r -> domainRecords.propose(call, r);
      case InsertMailDomainRecordsRequest r -> domainRecords.insert(call, r);
      case ListDkimKeysRequest r -> domainRecords.keys(call, r);
      case RotateDkimKeysRequest r -> domainRecords.rotate(call, r);
      case RenewDkimKeysRequest r -> domainRecords.renew(call, r);
      case PutMailDomainTransportPolicyRequest r -> domainRecords.putPolicy(call, r);
      case GetMailDomainTransportPolicyRequest r -> domainRecords.policy(call, r);
      case DeleteMailDomainTransportPolicyRequest r -> domainRecords.deletePolicy(call, r);

      case PutReportSettingsRequest r -> reports.put(call, r);
      case GetReportSettingsRequest r -> reports.get(call, r);
      case DeleteReportSettingsRequest r -> reports.delete(call, r);
      case ListDmarcFiguresRequest r -> reports.dmarc(call, r);
      case ListTlsReportFiguresRequest r -> reports.tls(call, r);

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
      case SearchMembersRequest r -> groups.search(call, r);

      case CreateResourceRequest r -> resources.create(call, r);
      case DescribeResourceRequest r -> resources.describe(call, r);
      case UpdateResourceRequest r -> resources.update(call, r);
      case ListResourcesRequest r -> resources.list(call, r);
      case DeleteResourceRequest r -> resources.delete(call, r);
      case AssociateDelegateToResourceRequest r -> resources.addDelegate(call, r);
      case DisassociateDelegateFromResourceRequest r -> resources.removeDelegate(call, r);
      case ListResourceDelegatesRequest r -> resources.delegates(call, r);

      case PutMailboxPermissionsRequest r -> permissions.put(call, r);
      case DeleteMailboxPermissionsRequest r -> permissions.delete(call, r);
      case ListMailboxPermissionsRequest r -> permissions.list(call, r);

      case TagResourceRequest r -> tags.tag(call, r);
      case UntagResourceRequest r -> tags.untag(call, r);
      case ListTagsForResourceRequest r -> tags.list(call, r);

      case CreateIdentityCenterApplicationRequest r -> identities.createApplication(call, r);
      case DeleteIdentityCenterApplicationRequest r -> identities.deleteApplication(call, r);
      case PutIdentityProviderConfigurationRequest r -> identities.putProvider(call, r);
      case DescribeIdentityProviderConfigurationRequest r -> identities.describeProvider(call, r);
      case DeleteIdentityProviderConfigurationRequest r -> identities.deleteProvider(call, r);
      case ListPersonalAccessTokensRequest r -> identities.listTokens(call, r);
      case GetPersonalAccessTokenMetadataRequest r -> identities.describeToken(call, r);
      case CreatePersonalAccessTokenRequest r -> identities.createToken(call, r);
      case DeletePersonalAccessTokenRequest r -> identities.deleteToken(call, r);

      case PutAccessControlRuleRequest r -> accessRules.put(call, r);
      case DeleteAccessControlRuleRequest r -> accessRules.delete(call, r);
      case ListAccessControlRulesRequest r -> accessRules.list(call, r);
      case GetAccessControlEffectRequest r -> accessRules.effect(call, r);
      case DescribeOrganizationSettingsRequest r -> organizationSettings.describe(call, r);
      case UpdateOrganizationSettingsRequest r -> organizationSettings.update(call, r);
      case ListDisabledMailboxesRequest r -> organizationSettings.disabledMailboxes(call, r);
      case RestoreMailboxRequest r -> organizationSettings.restore(call, r);

      case GetMobilePolicyDetailsRequest r -> mobile.policy(call, r);
      case SetMobilePolicyDetailsRequest r -> mobile.updatePolicy(call, r);
      case GetMobileDevicesForUserRequest r -> mobile.list(call, r);
      case GetMobileDeviceDetailsRequest r -> mobile.describe(call, r);
      case DeleteMobileDeviceRequest r -> mobile.delete(call, r);
      case WipeMobileDeviceRequest r -> mobile.wipe(call, r);

      case CreateMobileDeviceAccessRuleRequest r -> mobileDevices.create(call, r);
      case UpdateMobileDeviceAccessRuleRequest r -> mobileDevices.update(call, r);
      case DeleteMobileDeviceAccessRuleRequest r -> mobileDevices.delete(call, r);
      case ListMobileDeviceAccessRulesRequest r -> mobileDevices.list(call, r);
      case GetMobileDeviceAccessEffectRequest r -> mobileDevices.effect(call, r);
      case PutMobileDeviceAccessOverrideRequest r -> mobileDevices.putOverride(call, r);
      case GetMobileDeviceAccessOverrideRequest r -> mobileDevices.override(call, r);
      case DeleteMobileDeviceAccessOverrideRequest r -> mobileDevices.deleteOverride(call, r);
      case ListMobileDeviceAccessOverridesRequest r -> mobileDevices.listOverrides(call, r);

      case CreateImpersonationRoleRequest r -> impersonation.create(call, r);
      case GetImpersonationRoleRequest r -> impersonation.describe(call, r);
      case UpdateImpersonationRoleRequest r -> impersonation.update(call, r);
      case DeleteImpersonationRoleRequest r -> impersonation.delete(call, r);
      case ListImpersonationRolesRequest r -> impersonation.list(call, r);
      case AssumeImpersonationRoleRequest r -> impersonation.assume(call, r);
      case GetImpersonationRoleEffectRequest r -> impersonation.effect(call, r);

      case PutRetentionPolicyRequest r -> mailPolicies.putRetention(call, r);
      case GetDefaultRetentionPolicyRequest r -> mailPolicies.defaultRetention(call, r);
      case DeleteRetentionPolicyRequest r -> mailPolicies.deleteRetention(call, r);
      case DescribeInboundDmarcSettingsRequest r -> mailPolicies.inboundDmarc(call, r);
      case PutInboundDmarcSettingsRequest r -> mailPolicies.putInboundDmarc(call, r);
      case PutEmailMonitoringConfigurationRequest r -> mailPolicies.putEmailMonitoring(call, r);
      case DescribeEmailMonitoringConfigurationRequest r -> mailPolicies.emailMonitoring(call, r);
      case DeleteEmailMonitoringConfigurationRequest r ->
          mailPolicies.deleteEmailMonitoring(call, r);

      case CreateAvailabilityConfigurationRequest r -> availability.create(call, r);
      case UpdateAvailabilityConfigurationRequest r -> availability.update(call, r);
      case DeleteAvailabilityConfigurationRequest r -> availability.delete(call, r);
      case ListAvailabilityConfigurationsRequest r -> availability.list(call, r);
      case TestAvailabilityConfigurationRequest r -> availability.test(call, r);

      case AddAdministratorToGroupRequest r -> administrators.addToGroup(call, r);
      case AttachAccessPolicyRequest r -> administrators.attach(call, r);
      case CreateAccessKeyRequest r -> administrators.createKey(call, r);
      case CreateAccessPolicyRequest r -> administrators.createPolicy(call, r);
      case CreateAdministratorRequest r -> administrators.create(call, r);
      case CreateAdministratorGroupRequest r -> administrators.createGroup(call, r);
      case DeleteAccessKeyRequest r -> administrators.deleteKey(call, r);
      case DeleteAccessPolicyRequest r -> administrators.deletePolicy(call, r);
      case DeleteAdministratorRequest r -> administrators.delete(call, r);
      case DeleteAdministratorGroupRequest r -> administrators.deleteGroup(call, r);
      case DescribeAdministratorRequest r -> administrators.describe(call, r);
      case DescribeAdministratorGroupRequest r -> administrators.describeGroup(call, r);
      case DetachAccessPolicyRequest r -> administrators.detach(call, r);
      case GetAccessPolicyRequest r -> administrators.policy(call, r);
      case ListAccessKeysRequest r -> administrators.listKeys(call, r);
      case ListAccessPoliciesRequest r -> administrators.listPolicies(call, r);
      case ListAdministratorGroupsRequest r -> administrators.listGroups(call, r);
      case ListAdministratorsRequest r -> administrators.list(call, r);
      case RemoveAdministratorFromGroupRequest r -> administrators.removeFromGroup(call, r);
      case RotateAccessKeyRequest r -> administrators.rotateKey(call, r);
      case UpdateAccessKeyRequest r -> administrators.updateKey(call, r);
      case UpdateAccessPolicyRequest r -> administrators.updatePolicy(call, r);

      case LookupEventsRequest r -> history.lookup(call, r);

      case CreateInboundMailFlowRuleRequest r -> flowRules.createInbound(call, r);
      case CreateOutboundMailFlowRuleRequest r -> flowRules.createOutbound(call, r);
      case UpdateInboundMailFlowRuleRequest r -> flowRules.updateInbound(call, r);
      case UpdateOutboundMailFlowRuleRequest r -> flowRules.updateOutbound(call, r);
      case DeleteInboundMailFlowRuleRequest r -> flowRules.deleteInbound(call, r);
      case DeleteOutboundMailFlowRuleRequest r -> flowRules.deleteOutbound(call, r);
      case DescribeInboundMailFlowRuleRequest r -> flowRules.describeInbound(call, r);
      case DescribeOutboundMailFlowRuleRequest r -> flowRules.describeOutbound(call, r);
      case ListInboundMailFlowRulesRequest r -> flowRules.listInbound(call, r);
      case TestInboundMailFlowRulesRequest r -> flowRules.testInbound(call, r);
      case ListOutboundMailFlowRulesRequest r -> flowRules.listOutbound(call, r);
      case TestOutboundMailFlowRulesRequest r -> flowRules.testOutbound(call, r);
      case TestInboundMailFlowRulesOnPastMailRequest r -> traces.testInbound(call, r);
      case TestOutboundMailFlowRulesOnPastMailRequest r -> traces.testOutbound(call, r);
      case CreateSmtpGatewayRequest r -> gateways.create(call, r);
      case UpdateSmtpGatewayRequest r -> gateways.update(call, r);
      case DeleteSmtpGatewayRequest r -> gateways.delete(call, r);
      case DescribeSmtpGatewayRequest r -> gateways.describe(call, r);
      case ListSmtpGatewaysRequest r -> gateways.list(call, r);

      case StartMailboxExportJobRequest r -> exports.start(call, r);
      case DescribeMailboxExportJobRequest r -> exports.describe(call, r);
      case ListMailboxExportJobsRequest r -> exports.list(call, r);
      case CancelMailboxExportJobRequest r -> exports.cancel(call, r);

      case GetJournalingRulesRequest r -> mailPolicies.journaling(call, r);
      case SetJournalingRulesRequest r -> mailPolicies.setJournaling(call, r);
      case GetSpamSettingsRequest r -> mailPolicies.spam(call, r);
      case SetSpamSettingsRequest r -> mailPolicies.setSpam(call, r);

      case ListInboxRulesRequest r -> inboxRules.list(call, r);
      case PutInboxRulesRequest r -> inboxRules.put(call, r);
      case GetOutOfOfficeRequest r -> inboxRules.outOfOffice(call, r);
      case PutOutOfOfficeRequest r -> inboxRules.putOutOfOffice(call, r);

      case ListQueuedMessagesRequest r -> queue.list(call, r);
      case DescribeQueuedMessageRequest r -> queue.describe(call, r);
      case HoldQueuedMessageRequest r -> queue.hold(call, r);
      case ReleaseQueuedMessageRequest r -> queue.release(call, r);
      case RetryQueuedMessageRequest r -> queue.retry(call, r);
      case DeleteQueuedMessageRequest r -> queue.delete(call, r);
      case DescribeSendingUsageRequest r -> queue.usage(call, r);
      case TraceMessagesRequest r -> traces.list(call, r);
      case GetMessageTraceRequest r -> traces.get(call, r);

      case ListDirectoriesRequest r -> directories.list(call, r);
      case DescribeDirectorySyncRequest r -> directories.describe(call, r);
      case StartDirectorySyncRequest r -> directories.start(call, r);
      case TestInteroperabilityRequest r -> interoperability.test(call, r);
    };
  }
}
