package org.mailstead.workmail.server;

import java.util.EnumMap;
import java.util.Map;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.policy.JournalingRules;
import org.mailstead.core.policy.MailSettings;
import org.mailstead.core.policy.RetentionPolicies;
import org.mailstead.core.policy.RetentionPolicy;
import org.mailstead.workmail.wire.shapes.DeleteEmailMonitoringConfigurationRequest;
import org.mailstead.workmail.wire.shapes.DeleteEmailMonitoringConfigurationResponse;
import org.mailstead.workmail.wire.shapes.DeleteRetentionPolicyRequest;
import org.mailstead.workmail.wire.shapes.DeleteRetentionPolicyResponse;
import org.mailstead.workmail.wire.shapes.DescribeEmailMonitoringConfigurationRequest;
import org.mailstead.workmail.wire.shapes.DescribeEmailMonitoringConfigurationResponse;
import org.mailstead.workmail.wire.shapes.DescribeInboundDmarcSettingsRequest;
import org.mailstead.workmail.wire.shapes.DescribeInboundDmarcSettingsResponse;
import org.mailstead.workmail.wire.shapes.FolderConfiguration;
import org.mailstead.workmail.wire.shapes.FolderName;
import org.mailstead.workmail.wire.shapes.GetDefaultRetentionPolicyRequest;
import org.mailstead.workmail.wire.shapes.GetDefaultRetentionPolicyResponse;
import org.mailstead.workmail.wire.shapes.GetJournalingRulesRequest;
import org.mailstead.workmail.wire.shapes.GetJournalingRulesResponse;
import org.mailstead.workmail.wire.shapes.GetSpamSettingsRequest;
import org.mailstead.workmail.wire.shapes.GetSpamSettingsResponse;
import org.mailstead.workmail.wire.shapes.PutEmailMonitoringConfigurationRequest;
import org.mailstead.workmail.wire.shapes.PutEmailMonitoringConfigurationResponse;
import org.mailstead.workmail.wire.shapes.PutInboundDmarcSettingsRequest;
import org.mailstead.workmail.wire.shapes.PutInboundDmarcSettingsResponse;
import org.mailstead.workmail.wire.shapes.PutRetentionPolicyRequest;
import org.mailstead.workmail.wire.shapes.PutRetentionPolicyResponse;
import org.mailstead.workmail.wire.shapes.RetentionAction;
import org.mailstead.workmail.wire.shapes.SetJournalingRulesRequest;
import org.mailstead.workmail.wire.shapes.SetJournalingRulesResponse;
import org.mailstead.workmail.wire.shapes.SetSpamSettingsRequest;
import org.mailstead.workmail.wire.shapes.SetSpamSettingsResponse;

/// Retention, inbound DMARC, e-mail monitoring, journaling.
final class MailPolicyHandler {
  private final RetentionPolicies retention;
  private final MailSettings settings;
  private final JournalingRules journaling;

  MailPolicyHandler(
      RetentionPolicies retention, MailSettings settings, JournalingRules journaling) {
    this.retention = retention;
    this.settings = settings;
    this.journaling = journaling;
  }

  GetJournalingRulesResponse journaling(Call call, GetJournalingRulesRequest request) {
    JournalingRules.Rules rules = journaling.load(new OrganizationId(request.organizationId()));
    return GetJournalingRulesResponse.builder()
        .enabled(rules.enabled())
        .journalingAddress(rules.journalingAddress().map(EmailAddress::toString))
        .reportAddress(rules.reportAddress().map(EmailAddress::toString))
        .build();
  }

  SetJournalingRulesResponse setJournaling(Call call, SetJournalingRulesRequest request) {
    journaling.put(
        call.change(),
        new OrganizationId(request.organizationId()),
        new JournalingRules.Rules(
            request.enabled(),
            request.journalingAddress().map(AddressHandler::deliverable).map(EmailAddress::parse),
            request.reportAddress().map(AddressHandler::deliverable).map(EmailAddress::parse)));
    return new SetJournalingRulesResponse();
  }

  PutRetentionPolicyResponse putRetention(Call call, PutRetentionPolicyRequest request) {
    Map<RetentionPolicy.Folder, RetentionPolicy.Rule> rules =
        new EnumMap<>(RetentionPolicy.Folder.class);
    for (FolderConfiguration folder : request.folderConfigurations()) {
      var rule =
          new RetentionPolicy.Rule(
              RetentionPolicy.Action.valueOf(folder.action().name()), folder.period());
      if (rules.put(RetentionPolicy.Folder.valueOf(folder.name().name()), rule) != null) {
        throw Refusals.invalid("The folder " + folder.name() + " comes twice.");
      }
    }
    retention.put(
        call.change(),
        new OrganizationId(request.organizationId()),
        request.id(),
        request.name(),
        request.description(),
        rules);
    return new PutRetentionPolicyResponse();
  }

  GetDefaultRetentionPolicyResponse defaultRetention(
      Call call, GetDefaultRetentionPolicyRequest request) {
    RetentionPolicy policy = retention.load(new OrganizationId(request.organizationId()));
    return GetDefaultRetentionPolicyResponse.builder()
        .id(policy.id())
        .name(policy.name())
        .description(policy.description())
        .folderConfigurations(
            policy.rules().entrySet().stream()
                .map(rule ->
                    new FolderConfiguration(
                        FolderName.valueOf(rule.getKey().name()),
                        RetentionAction.valueOf(rule.getValue().action().name()),
                        rule.getValue().days()))
                .toList())
        .build();
  }

  DeleteRetentionPolicyResponse deleteRetention(Call call, DeleteRetentionPolicyRequest request) {
    retention.delete(call.change(), new OrganizationId(request.organizationId()), request.id());
    return new DeleteRetentionPolicyResponse();
  }

  DescribeInboundDmarcSettingsResponse inboundDmarc(
      Call call, DescribeInboundDmarcSettingsRequest request) {
    return DescribeInboundDmarcSettingsResponse.builder()
        .enforced(settings.isInboundDmarcEnforced(new OrganizationId(request.organizationId())))
        .build();
  }

  PutInboundDmarcSettingsResponse putInboundDmarc(
      Call call, PutInboundDmarcSettingsRequest request) {
    settings.enforceInboundDmarc(
        call.change(), new OrganizationId(request.organizationId()), request.enforced());
    return new PutInboundDmarcSettingsResponse();
  }

  GetSpamSettingsResponse spam(Call call, GetSpamSettingsRequest request) {
    return GetSpamSettingsResponse.builder()
        .enabled(settings.isSpamFiltered(new OrganizationId(request.organizationId())))
        .build();
  }

  SetSpamSettingsResponse setSpam(Call call, SetSpamSettingsRequest request) {
    settings.filterSpam(
        call.change(), new OrganizationId(request.organizationId()), request.enabled());
    return new SetSpamSettingsResponse();
  }

  PutEmailMonitoringConfigurationResponse putEmailMonitoring(
      Call call, PutEmailMonitoringConfigurationRequest request) {
    settings.putEmailMonitoring(
        call.change(),
        new OrganizationId(request.organizationId()),
        new MailSettings.EmailMonitoring(request.logGroupArn(), request.roleArn()));
    return new PutEmailMonitoringConfigurationResponse();
  }

  DescribeEmailMonitoringConfigurationResponse emailMonitoring(
      Call call, DescribeEmailMonitoringConfigurationRequest request) {
    MailSettings.EmailMonitoring found =
        settings.loadEmailMonitoring(new OrganizationId(request.organizationId()));
    return DescribeEmailMonitoringConfigurationResponse.builder()
        .logGroupArn(found.logGroupArn())
        .roleArn(found.role())
        .build();
  }

  DeleteEmailMonitoringConfigurationResponse deleteEmailMonitoring(
      Call call, DeleteEmailMonitoringConfigurationRequest request) {
    settings.deleteEmailMonitoring(call.change(), new OrganizationId(request.organizationId()));
    return new DeleteEmailMonitoringConfigurationResponse();
  }
}
