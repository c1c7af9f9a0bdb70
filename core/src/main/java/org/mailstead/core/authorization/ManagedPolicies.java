package org.mailstead.core.authorization;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The policies that are there from the start, by the names and with the actions that the WorkMail
/// guide gives them (*Grant IAM Users Permissions for Amazon WorkMail*; API-2). They cannot be
/// changed.
public final class ManagedPolicies {
  public static final String ARN_PREFIX = "arn:aws:iam::aws:policy/";
  public static final String FULL_ACCESS = "AmazonWorkMailFullAccess";
  public static final String READ_ONLY_ACCESS = "AmazonWorkMailReadOnlyAccess";
  public static final String MESSAGE_FLOW_FULL_ACCESS = "AmazonWorkMailMessageFlowFullAccess";
  public static final String MESSAGE_FLOW_READ_ONLY_ACCESS =
      "AmazonWorkMailMessageFlowReadOnlyAccess";

  /// Actions on keys of ours are IAM's: who administers WorkMail does not administer who may.
  private static final Map<String, PolicyDocument> ALL =
      Map.of(
          FULL_ACCESS,
          allowing(
              "workmail:*",
              "ds:AuthorizeApplication",
              "ds:CheckAlias",
              "ds:CreateAlias",
              "ds:CreateDirectory",
              "ds:CreateDomain",
              "ds:DeleteAlias",
              "ds:DeleteDirectory",
              "ds:DescribeDirectories",
              "ds:ExtendDirectory",
              "ds:GetDirectoryLimits",
              "ds:ListAuthorizedApplications",
              "ds:UnauthorizeApplication",
              "ses:*",
              "ec2:AuthorizeSecurityGroupEgress",
              "ec2:AuthorizeSecurityGroupIngress",
              "ec2:CreateNetworkInterface",
              "ec2:CreateSecurityGroup",
              "ec2:DeleteSecurityGroup",
              "ec2:CreateSubnet",
              "ec2:DeleteSubnet",
              "ec2:CreateVpc",
              "ec2:DeleteVpc",
              "ec2:DescribeRouteTables",
              "ec2:DescribeSubnets",
              "ec2:DescribeVpcs",
              "ec2:DescribeAvailabilityZones",
              "ec2:CreateTags",
              "ec2:RevokeSecurityGroupEgress",
              "ec2:RevokeSecurityGroupIngress",
              "kms:DescribeKey",
              "kms:ListAliases"),
          READ_ONLY_ACCESS,
          allowing(
              "workmail:Get*",
              "workmail:List*",
              "workmail:Describe*",
              "workmail:Search*",
              "ses:Get*",
              "ses:Describe*"),
          MESSAGE_FLOW_FULL_ACCESS,
          allowing("workmailmessageflow:*"),
          MESSAGE_FLOW_READ_ONLY_ACCESS,
          allowing("workmailmessageflow:Get*"));

  private ManagedPolicies() {}

  /// @param name with or without [#ARN_PREFIX]
  public static Optional<PolicyDocument> find(String name) {
    String plain = name.startsWith(ARN_PREFIX) ? name.substring(ARN_PREFIX.length()) : name;
    return Optional.ofNullable(ALL.get(plain));
  }

  /// By name.
  public static Map<String, PolicyDocument> all() {
    return new TreeMap<>(ALL);
  }

  private static PolicyDocument allowing(String... actions) {
    return PolicyDocument.parse(
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\""
            + String.join("\",\"", actions)
            + "\"],\"Resource\":\"*\"}]}");
  }
}
