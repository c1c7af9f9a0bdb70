package org.mailstead.core.flow;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
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

/// The SMTP gateways of organizations. Passwords are sealed with the organization's key.
public final class SmtpGateways {
  private static final int FORMAT = 1;

  private final OrganizationRecords records;
  private final OrganizationKeys keys;
  private final FlowRules<OutboundAction> rules;
  private final InstantSource clock;
  private final RandomGenerator random;

  private record Stored(SmtpGateway gateway, Optional<String> clientToken) {}

  public SmtpGateways(
      Directory directory, OrganizationKeys keys, InstantSource clock, RandomGenerator random) {
    this.records = directory.records();
    this.keys = keys;
    this.rules = FlowRules.outbound(directory, clock, random);
    this.clock = clock;
    this.random = random;
  }

  /// @param clientToken a second call with it answers as the first
  /// @return the id
  /// @throws DirectoryRefusedException NAME_AVAILABILITY; LIMIT_EXCEEDED; INVALID_PARAMETER: a
  ///   password without a user name or the other way round, or the token was used for another
  ///   gateway
  public String create(
      Change change,
      OrganizationId organization,
      SmtpGateway.Terms terms,
      Optional<String> clientToken) {
    if (terms.userName().isPresent() != terms.password().isPresent()) {
      throw invalid("UserName and Password belong together.");
    }
    Instant now = clock.instant();
    String id = new UUID(random.nextLong(), random.nextLong()).toString();
    byte[] value = encode(organization, new SmtpGateway(id, terms, now, now), clientToken);
    return records.change(
        change,
        organization,
        edit -> {
          var all = edit.all(Kind.SMTP_GATEWAY);
          for (var each : all.entrySet()) {
            Stored present = decode(organization, each.getKey(), each.getValue());
            if (clientToken.isEmpty() || !present.clientToken.equals(clientToken)) continue;
            if (present.gateway.terms().equals(terms)) return present.gateway.id();
            throw invalid("The client token was used for another request.");
          }
          checkName(edit, organization, id, terms.name());
          if (all.size() >= FlowLimits.GATEWAYS_MAX) {
            throw new DirectoryRefusedException(
                DirectoryRefusal.LIMIT_EXCEEDED,
                "The organization has " + FlowLimits.GATEWAYS_MAX + " SMTP gateways already.");
          }
          edit.put(Kind.SMTP_GATEWAY, id, value);
          edit.answers(Map.of("smtpGatewayId", id));
          return id;
        });
  }

  /// Replaces everything but id and creation date; without a password in `terms`, the password of
  /// the same user stays.
  ///
  /// @throws DirectoryRefusedException RESOURCE_NOT_FOUND, NAME_AVAILABILITY, INVALID_PARAMETER
  public void update(
      Change change, OrganizationId organization, String id, SmtpGateway.Terms terms) {
    Instant now = clock.instant();
    records.change(
        change,
        organization,
        edit -> {
          Stored present =
              edit.find(Kind.SMTP_GATEWAY, id)
                  .map(value -> decode(organization, id, value))
                  .orElseThrow(SmtpGateways::notFound);
          SmtpGateway.Terms before = present.gateway.terms();
          checkName(edit, organization, id, terms.name());
          Optional<String> password = terms.password();
          if (terms.userName().isPresent() && password.isEmpty()) password = before.password();
          if (terms.userName().isPresent() != password.isPresent()) {
            throw invalid("UserName and Password belong together.");
          }
          // Who may change the host must not thereby get the password sent to a host of theirs.
          boolean sameHost = before.host().equalsIgnoreCase(terms.host());
          if (terms.userName().isPresent() && terms.password().isEmpty() && !sameHost) {
            throw invalid("Another host needs the password again.");
          }
          var changed =
              new SmtpGateway.Terms(
                  terms.name(), terms.host(), terms.port(), terms.userName(), password);
          edit.put(
              Kind.SMTP_GATEWAY,
              id,
              encode(
                  organization,
                  new SmtpGateway(id, changed, present.gateway.created(), now),
                  present.clientToken));
          return true;
        });
  }

  /// Harmless if there is none.
  ///
  /// @throws DirectoryRefusedException ENTITY_STATE: a rule routes to it
  public void delete(Change change, OrganizationId organization, String id) {
    records.change(
        change,
        organization,
        edit -> {
          for (FlowRule<OutboundAction> rule : rules.all(edit)) {
            if (rule.terms().gateway().equals(Optional.of(id))) {
              throw new DirectoryRefusedException(
                  DirectoryRefusal.ENTITY_STATE,
                  "The rule " + rule.terms().name() + " routes to this SMTP gateway.");
            }
          }
          return edit.delete(Kind.SMTP_GATEWAY, id);
        });
  }

  /// @throws DirectoryRefusedException RESOURCE_NOT_FOUND
  public SmtpGateway load(OrganizationId organization, String id) {
    return find(organization, id).orElseThrow(SmtpGateways::notFound);
  }

  public Optional<SmtpGateway> find(OrganizationId organization, String id) {
    return records
        .find(organization, Kind.SMTP_GATEWAY, id)
        .map(value -> decode(organization, id, value).gateway);
  }

  /// In the order of ids.
  public Listing<SmtpGateway> list(OrganizationId organization, Listing.PageRequest page) {
    return RecordPages.of(
        records.all(organization, Kind.SMTP_GATEWAY),
        page,
        (id, value) -> Optional.of(decode(organization, id, value).gateway));
  }

  private void checkName(
      OrganizationRecords.Edit edit, OrganizationId organization, String own, String name) {
    edit.all(Kind.SMTP_GATEWAY)
        .forEach((id, value) -> {
          boolean same = decode(organization, id, value).gateway.terms().name().equals(name);
          if (same && !id.equals(own)) {
            throw new DirectoryRefusedException(
                DirectoryRefusal.NAME_AVAILABILITY,
                "There is an SMTP gateway with the name " + name + " already.");
          }
        });
  }

  private byte[] encode(
      OrganizationId organization, SmtpGateway gateway, Optional<String> clientToken) {
    SmtpGateway.Terms terms = gateway.terms();
    var out =
        new ValueWriter(FORMAT)
            .time(gateway.created())
            .time(gateway.modified())
            .optionalText(clientToken)
            .text(terms.name())
            .text(terms.host())
            .number(terms.port())
            .optionalText(terms.userName())
            .flag(terms.password().isPresent());
    terms
        .password()
        .ifPresent(password ->
            out.octets(keys.seal(organization, password.getBytes(StandardCharsets.UTF_8))));
    return out.value();
  }

  private Stored decode(OrganizationId organization, String id, byte[] value) {
    var in = new ValueReader(value, FORMAT);
    Instant created = in.time();
    Instant modified = in.time();
    Optional<String> clientToken = in.optionalText();
    String name = in.text();
    String host = in.text();
    int port = (int) in.number();
    Optional<String> userName = in.optionalText();
    Optional<String> password = Optional.empty();
    if (in.flag()) {
      byte[] opened = keys.open(organization, in.octets());
      password = Optional.of(new String(opened, StandardCharsets.UTF_8));
      Arrays.fill(opened, (byte) 0);
    }
    var terms = new SmtpGateway.Terms(name, host, port, userName, password);
    return new Stored(new SmtpGateway(id, terms, created, modified), clientToken);
  }

  private static DirectoryRefusedException invalid(String text) {
    return new DirectoryRefusedException(DirectoryRefusal.INVALID_PARAMETER, text);
  }

  private static DirectoryRefusedException notFound() {
    return new DirectoryRefusedException(
        DirectoryRefusal.RESOURCE_NOT_FOUND, "The SMTP gateway was not found.");
  }
}
