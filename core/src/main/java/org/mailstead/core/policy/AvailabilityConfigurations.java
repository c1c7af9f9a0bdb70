package org.mailstead.core.policy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.DirectoryRefusal;
import org.mailstead.core.directory.DirectoryRefusedException;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.OrganizationRecords;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.directory.RecordPages;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// The availability configurations of organizations, one for a domain. Passwords are sealed with
/// the organization's key.
public final class AvailabilityConfigurations {
  /// An organization has at most as many domains (LIM-4).
  public static final int CONFIGURATIONS_MAX = 1_000;

  private static final int FORMAT = 1;
  private static final String EWS = "EWS";
  private static final String LAMBDA = "LAMBDA";

  private final OrganizationRecords records;
  private final OrganizationKeys keys;
  private final InstantSource clock;

  private record Stored(AvailabilityConfiguration configuration, Optional<String> clientToken) {}

  public AvailabilityConfigurations(
      Directory directory, OrganizationKeys keys, InstantSource clock) {
    this.records = directory.records();
    this.keys = keys;
    this.clock = clock;
  }

  /// @param clientToken a second call with it changes nothing
  /// @throws DirectoryRefusedException NAME_AVAILABILITY (the domain has one), LIMIT_EXCEEDED
  public void create(
      Change change,
      OrganizationId organization,
      String domain,
      AvailabilityConfiguration.Provider provider,
      Optional<String> clientToken) {
    String key = key(domain);
    Instant now = clock.instant();
    byte[] value =
        encode(organization, new AvailabilityConfiguration(key, provider, now, now), clientToken);
    records.change(
        change,
        organization,
        edit -> {
          Optional<Stored> present =
              edit.find(Kind.AVAILABILITY_CONFIGURATION, key)
                  .map(found -> decode(organization, key, found));
          if (present.isPresent()) {
            boolean repeated =
                clientToken.isPresent() && present.get().clientToken.equals(clientToken);
            if (repeated && present.get().configuration.provider().equals(provider)) return false;
            throw new DirectoryRefusedException(
                DirectoryRefusal.NAME_AVAILABILITY,
                "The domain " + key + " has an availability configuration already.");
          }
          if (edit.all(Kind.AVAILABILITY_CONFIGURATION).size() >= CONFIGURATIONS_MAX) {
            throw new DirectoryRefusedException(
                DirectoryRefusal.LIMIT_EXCEEDED,
                "The organization has "
                    + CONFIGURATIONS_MAX
                    + " availability configurations already.");
          }
          edit.put(Kind.AVAILABILITY_CONFIGURATION, key, value);
          return true;
        });
  }

  /// @throws DirectoryRefusedException RESOURCE_NOT_FOUND
  public void update(
      Change change,
      OrganizationId organization,
      String domain,
      AvailabilityConfiguration.Provider provider) {
    String key = key(domain);
    Instant now = clock.instant();
    records.change(
        change,
        organization,
        edit -> {
          Stored present =
              edit.find(Kind.AVAILABILITY_CONFIGURATION, key)
                  .map(found -> decode(organization, key, found))
                  .orElseThrow(AvailabilityConfigurations::notFound);
          edit.put(
              Kind.AVAILABILITY_CONFIGURATION,
              key,
              encode(
                  organization,
                  new AvailabilityConfiguration(
                      key, provider, present.configuration.created(), now),
                  present.clientToken));
          return true;
        });
  }

  /// Harmless if there is none.
  public void delete(Change change, OrganizationId organization, String domain) {
    records.change(
        change, organization, edit -> edit.delete(Kind.AVAILABILITY_CONFIGURATION, key(domain)));
  }

  /// @throws DirectoryRefusedException RESOURCE_NOT_FOUND
  public AvailabilityConfiguration load(OrganizationId organization, String domain) {
    String key = key(domain);
    return records
        .find(organization, Kind.AVAILABILITY_CONFIGURATION, key)
        .map(value -> decode(organization, key, value).configuration)
        .orElseThrow(AvailabilityConfigurations::notFound);
  }

  /// In the order of domains.
  public Listing<AvailabilityConfiguration> list(
      OrganizationId organization, Listing.PageRequest page) {
    return RecordPages.of(
        records.all(organization, Kind.AVAILABILITY_CONFIGURATION),
        page,
        (domain, value) -> Optional.of(decode(organization, domain, value).configuration));
  }

  private byte[] encode(
      OrganizationId organization,
      AvailabilityConfiguration configuration,
      Optional<String> clientToken) {
    var out =
        new ValueWriter(FORMAT)
            .time(configuration.created())
            .time(configuration.modified())
            .optionalText(clientToken);
    return switch (configuration.provider()) {
      case AvailabilityConfiguration.Ews(String endpoint, String user, String password) ->
          out.text(EWS)
              .text(endpoint)
              .text(user)
              .octets(keys.seal(organization, password.getBytes(StandardCharsets.UTF_8)))
              .value();
      case AvailabilityConfiguration.Lambda(String arn) -> out.text(LAMBDA).text(arn).value();
    };
  }

  private Stored decode(OrganizationId organization, String domain, byte[] value) {
    var in = new ValueReader(value, FORMAT);
    Instant created = in.time();
    Instant modified = in.time();
    Optional<String> clientToken = in.optionalText();
    AvailabilityConfiguration.Provider provider;
    if (in.text().equals(EWS)) {
      String endpoint = in.text();
      String user = in.text();
      byte[] password = keys.open(organization, in.octets());
      provider =
          new AvailabilityConfiguration.Ews(
              endpoint, user, new String(password, StandardCharsets.UTF_8));
      Arrays.fill(password, (byte) 0);
    } else {
      provider = new AvailabilityConfiguration.Lambda(in.text());
    }
    return new Stored(
        new AvailabilityConfiguration(domain, provider, created, modified), clientToken);
  }

  private static String key(String domain) {
    return domain.toLowerCase(Locale.ROOT);
  }

  private static DirectoryRefusedException notFound() {
    return new DirectoryRefusedException(
        DirectoryRefusal.RESOURCE_NOT_FOUND, "The availability configuration was not found.");
  }
}
