package org.mailstead.core.policy;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.OrganizationRecords;
import org.mailstead.core.directory.OrganizationRecords.Kind;

/// The retention policy of each organization: at most one, the default one (WorkMail guide, Mailbox
/// retention policies). [RetentionJob] carries it out.
public final class RetentionPolicies {
  private final OrganizationRecords records;
  private final RandomGenerator random;

  public RetentionPolicies(Directory directory, RandomGenerator random) {
    this.records = directory.records();
    this.random = random;
  }

  /// Makes the policy, or changes it when `id` names it.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER (a rule that acts without a period; an
  ///   unknown id), LIMIT_EXCEEDED (there is one already)
  public void put(
      Change change,
      OrganizationId organization,
      Optional<String> id,
      String name,
      Optional<String> description,
      Map<RetentionPolicy.Folder, RetentionPolicy.Rule> rules) {
    rules.forEach((folder, rule) -> {
      if (rule.action() != RetentionPolicy.Action.NONE && rule.days().isEmpty()) {
        throw invalid("The folder " + folder + " needs a Period for " + rule.action() + ".");
      }
      if (rule.days().filter(d -> d < 1 || d > RetentionPolicy.DAYS_MAX).isPresent()) {
        throw invalid("A Period is 1 to " + RetentionPolicy.DAYS_MAX + " days.");
      }
    });
    String fresh = new UUID(random.nextLong(), random.nextLong()).toString();
    records.change(
        change,
        organization,
        edit -> {
          var present = edit.all(Kind.RETENTION_POLICY);
          if (id.isPresent() && !present.containsKey(id.get())) {
            throw invalid("There is no retention policy " + id.get() + ".");
          }
          if (id.isEmpty() && !present.isEmpty()) {
            throw new DirectoryRefusedException(
                DirectoryRefusal.LIMIT_EXCEEDED,
                "The organization has a retention policy already: give its Id to change it.");
          }
          String key = id.orElse(fresh);
          edit.put(
              Kind.RETENTION_POLICY,
              key,
              new RetentionPolicy(key, name, description, rules).encode());
          return true;
        });
  }

  public Optional<RetentionPolicy> find(OrganizationId organization) {
    return records.all(organization, Kind.RETENTION_POLICY).entrySet().stream()
        .findFirst()
        .map(each -> RetentionPolicy.decode(each.getKey(), each.getValue()));
  }

  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND
  public RetentionPolicy load(OrganizationId organization) {
    return find(organization)
        .orElseThrow(() ->
            new DirectoryRefusedException(
                DirectoryRefusal.ENTITY_NOT_FOUND, "There is no retention policy."));
  }

  /// Harmless if there is none with this id.
  public void delete(Change change, OrganizationId organization, String id) {
    records.change(change, organization, edit -> edit.delete(Kind.RETENTION_POLICY, id));
  }

  private static DirectoryRefusedException invalid(String text) {
    return new DirectoryRefusedException(DirectoryRefusal.INVALID_PARAMETER, text);
  }
}
