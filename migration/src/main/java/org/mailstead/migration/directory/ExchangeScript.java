package org.mailstead.migration.directory;

import java.util.List;

/// The PowerShell that makes aliases, groups, resources and permissions in Exchange Online. Signing
/// in is by device code, which works on every system. Mailboxes of users must be licensed before.
public final class ExchangeScript {
  private ExchangeScript() {}

  public static String of(Inventory inventory) {
    StringBuilder out = new StringBuilder();
    out.append("# Made from the inventory of ").append(oneLine(inventory.organization()));
    out.append(", taken ").append(oneLine(inventory.at())).append(".\n");
    out.append(
        "# Users need their mailboxes (licences) first. Run again at will: what is there stays.\n");
    out.append("$ErrorActionPreference = 'Continue'\nConnect-ExchangeOnline -Device\n\n");
    for (Inventory.User user : inventory.users()) {
      if (user.email().isEmpty()) continue;
      for (String alias : user.aliases()) {
        out.append(
            "Set-Mailbox -Identity %s -EmailAddresses @{Add=%s}\n"
                .formatted(quoted(user.email()), quoted("smtp:" + alias)));
      }
    }
    for (Inventory.Group group : inventory.groups()) {
      if (group.email().isEmpty()) {
        out.append("# Group without an address, not made: ")
            .append(oneLine(group.name()))
            .append('\n');
        continue;
      }
      String id = quoted(group.email());
      out.append(
          "if (-not (Get-DistributionGroup -Identity %s -ErrorAction SilentlyContinue)) { New-DistributionGroup -Name %s -PrimarySmtpAddress %s }\n"
              .formatted(id, quoted(group.name()), id));
      // Outside senders reach a WorkMail group; a new Exchange group refuses them.
      out.append(
          "Set-DistributionGroup -Identity %s -RequireSenderAuthenticationEnabled $false -HiddenFromAddressListsEnabled $%s\n"
              .formatted(id, group.hidden()));
      for (String alias : group.aliases()) {
        out.append(
            "Set-DistributionGroup -Identity %s -EmailAddresses @{Add=%s}\n"
                .formatted(id, quoted("smtp:" + alias)));
      }
      for (String member : group.members()) {
        out.append(
            "Add-DistributionGroupMember -Identity %s -Member %s -ErrorAction SilentlyContinue\n"
                .formatted(id, quoted(member)));
      }
    }
    for (Inventory.Resource resource : inventory.resources()) {
      if (resource.email().isEmpty()) continue;
      String id = quoted(resource.email());
      String kind = resource.type().equals("EQUIPMENT") ? "-Equipment" : "-Room";
      out.append(
          "if (-not (Get-Mailbox -Identity %s -ErrorAction SilentlyContinue)) { New-Mailbox -Name %s -PrimarySmtpAddress %s %s }\n"
              .formatted(id, quoted(resource.name()), id, kind));
      if (!resource.delegates().isEmpty()) {
        List<String> names = resource.delegates().stream().map(ExchangeScript::quoted).toList();
        out.append(
            "Set-CalendarProcessing -Identity %s -ResourceDelegates %s\n"
                .formatted(id, String.join(",", names)));
      }
    }
    for (Inventory.User user : inventory.users()) {
      for (Inventory.Permission permission : user.permissions()) {
        for (String value : permission.values()) {
          out.append(permission(quoted(user.email()), quoted(permission.grantee()), value));
        }
      }
    }
    return out.toString();
  }

  private static String permission(String mailbox, String grantee, String value) {
    return switch (value) {
      case "FULL_ACCESS" ->
          "Add-MailboxPermission -Identity %s -User %s -AccessRights FullAccess\n"
              .formatted(mailbox, grantee);
      case "SEND_AS" ->
          "Add-RecipientPermission -Identity %s -Trustee %s -AccessRights SendAs -Confirm:$false\n"
              .formatted(mailbox, grantee);
      case "SEND_ON_BEHALF" ->
          "Set-Mailbox -Identity %s -GrantSendOnBehalfTo @{Add=%s}\n".formatted(mailbox, grantee);
      default -> "# Not known here: " + oneLine(value) + "\n";
    };
  }

  /// A PowerShell literal: nothing in it is looked at but the quote, also the curly ones.
  static String quoted(String text) {
    return "'" + oneLine(text).replaceAll("(['\u2018\u2019\u201A\u201B])", "$1$1") + "'";
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }
}
