package org.mailstead.core.directory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Entity.User;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.directory.OrganizationViews.View;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// The users of an organization who look after it: they get what is meant for its postmaster. Setup
/// makes the first one. The last enabled one is protected: it cannot be disabled, and so not be
/// deleted, before another one is named (docs/decisions/0021). Calls of the API are another matter:
/// what a key may do is said by policies.
public final class OrganizationAdministrators {
  /// Of one organization.
  public static final int COUNT_MAX = 100;

  private static final String SETTING = "administrators";
  private static final int FORMAT = 1;

  private final Parts parts;
  private final OrganizationRecords records;

  OrganizationAdministrators(Parts parts, OrganizationRecords records) {
    this.parts = parts;
    this.records = records;
  }

  /// Names an enabled user; harmless when it is one already.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (not enabled), LIMIT_EXCEEDED
  public void add(Change change, OrganizationId organization, String identifier) {
    View view = parts.organizations().serving(organization);
    StoredEntity user = load(view, identifier);
    Registrations.checkEnabled(user);
    records.change(
        change,
        organization,
        edit -> {
          SortedSet<String> all = read(edit.find(Kind.SETTING, SETTING));
          if (!all.add(user.entity().id().value())) return false;
          if (all.size() > COUNT_MAX) {
            throw new DirectoryRefusedException(
                DirectoryRefusal.LIMIT_EXCEEDED,
                "An organization has " + COUNT_MAX + " administrators at the most.");
          }
          edit.put(Kind.SETTING, SETTING, value(all));
          return true;
        });
  }

  /// Takes the task away; harmless when the user does not have it.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, ENTITY_STATE (it is the last enabled one)
  public void remove(Change change, OrganizationId organization, String identifier) {
    View view = parts.organizations().serving(organization);
    EntityId user = load(view, identifier).entity().id();
    parts
        .organizations()
        .exclusively(
            organization,
            () -> {
              checkNotLast(view, user);
              return records.change(
                  change,
                  organization,
                  edit -> {
                    SortedSet<String> all = read(edit.find(Kind.SETTING, SETTING));
                    if (!all.remove(user.value())) return false;
                    edit.put(Kind.SETTING, SETTING, value(all));
                    return true;
                  });
            });
  }

  private StoredEntity load(View view, String identifier) {
    return parts
        .entities()
        .find(view.directory(), identifier)
        .filter(stored -> stored.entity() instanceof User)
        .orElseThrow(Registrations::notFound);
  }

  /// In order of id; disabled ones too.
  public List<User> list(OrganizationId organization) {
    View view = parts.organizations().serving(organization);
    List<User> found = new ArrayList<>();
    for (String id : ids(organization)) {
      parts
          .entities()
          .find(view.directory(), new EntityId(id))
          .map(StoredEntity::entity)
          .filter(entity -> entity.state() != EntityState.DELETED)
          .filter(User.class::isInstance)
          .map(User.class::cast)
          .ifPresent(found::add);
    }
    return found;
  }

  private SortedSet<String> ids(OrganizationId organization) {
    return read(records.find(organization, Kind.SETTING, SETTING));
  }

  boolean isOne(OrganizationId organization, EntityId user) {
    return ids(organization).contains(user.value());
  }

  /// Only while nobody else changes states of administrators.
  ///
  /// @throws DirectoryRefusedException ENTITY_STATE
  void checkNotLast(View view, EntityId user) {
    OrganizationId organization = view.organization().id();
    Map<Boolean, Long> enabled =
        list(organization).stream()
            .filter(one -> one.state() == EntityState.ENABLED)
            .collect(
                java.util.stream.Collectors.partitioningBy(
                    one -> one.id().equals(user), java.util.stream.Collectors.counting()));
    if (enabled.getOrDefault(true, 0L) == 1 && enabled.getOrDefault(false, 0L) == 0) {
      throw Registrations.state(
          "The last administrator of the organization is protected; name another one first.");
    }
  }

  private static SortedSet<String> read(Optional<byte[]> row) {
    var all = new TreeSet<String>();
    if (row.isEmpty()) return all;
    var in = new ValueReader(row.get(), FORMAT);
    for (long left = in.number(); left > 0; left--) all.add(in.text());
    return all;
  }

  private static byte[] value(SortedSet<String> all) {
    var out = new ValueWriter(FORMAT).number(all.size());
    all.forEach(out::text);
    return out.value();
  }
}
