package org.mailstead.migration.directory;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.workmail.client.WorkMailClient;
import org.mailstead.workmail.wire.ApiException;
import tools.jackson.databind.JsonNode;

/// The target's directory through the WorkMail API, for those that have it: ours, or Amazon's.
/// Reads only.
public final class TargetDirectory {
  private final WorkMailClient client;
  private final String organizationId;

  /// A record that the target wants to be published.
  public record PublishedRecord(String type, String name, String value) {}

  /// @param isVerified whether mail for it is taken
  public record MailDomain(boolean isVerified, List<PublishedRecord> records) {}

  public TargetDirectory(WorkMailClient client, String organizationId) {
    this.client = client;
    this.organizationId = organizationId;
  }

  /// Everything, as it is now.
  public Inventory take(Instant at) throws IOException {
    return new InventoryTaker(client, organizationId).take(at);
  }

  /// Empty if the target does not know the domain.
  public Optional<MailDomain> domain(String name) throws IOException {
    JsonNode answer;
    try {
      answer =
          new DirectoryClient(client, organizationId, Thread::sleep)
              .call("GetMailDomain", "DomainName", name);
    } catch (ApiException e) {
      if (e.code().equals("MailDomainNotFoundException")) return Optional.empty();
      throw e;
    }
    List<PublishedRecord> records = new ArrayList<>();
    for (JsonNode each : answer.path("Records")) {
      records.add(
          new PublishedRecord(
              each.path("Type").asString(""),
              each.path("Hostname").asString(""),
              each.path("Value").asString("")));
    }
    return Optional.of(
        new MailDomain(
            answer.path("OwnershipVerificationStatus").asString("").equals("VERIFIED"), records));
  }
}
