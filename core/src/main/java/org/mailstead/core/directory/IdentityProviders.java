package org.mailstead.core.directory;

import static org.mailstead.core.directory.DirectoryRefusal.LIMIT_EXCEEDED;
import static org.mailstead.core.directory.DirectoryRefusal.ORGANIZATION_STATE;
import static org.mailstead.core.directory.DirectoryRefusal.RESOURCE_NOT_FOUND;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.audit.AuditLog;
import org.mailstead.core.directory.OrganizationRecords.Kind;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Collection;
import org.mailstead.store.Page;
import org.mailstead.store.Range;
import org.mailstead.store.Row;

/// Identity Center applications of an account, and which one an organization uses. An application
/// is what WorkMail registers with an identity provider so that users can log in there; here it is
/// its ARN, which the configuration of an organization must name.
public final class IdentityProviders {
  /// Applications of one account.
  public static final int APPLICATIONS_MAX = 100;

  static final Collection APPLICATIONS = new Collection(12, "identity center applications");
  private static final String CREATE = "CreateIdentityCenterApplication";
  private static final String SETTING = "identity-provider";
  private static final int FORMAT = 1;
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
  private static final int ID_CHARS = 16;

  private final Parts parts;
  private final OrganizationRecords records;
  private final ClientTokens tokens;

  IdentityProviders(Parts parts, OrganizationRecords records) {
    this.parts = parts;
    this.records = records;
    this.tokens = new ClientTokens(parts.clock());
  }

  /// Makes an application. The same client token answers with the same one for a day.
  ///
  /// @return its ARN
  /// @throws DirectoryRefusedException INVALID_PARAMETER (client token used for another request),
  ///   LIMIT_EXCEEDED
  public String createApplication(
      Change change,
      AccountId account,
      String name,
      String instanceArn,
      Optional<String> clientToken) {
    String subject = instanceArn + ' ' + name;
    String instance = instanceArn.substring(instanceArn.lastIndexOf('/') + 1);
    String fresh = "arn:aws:sso::" + account + ":application/" + instance + "/apl-" + letters();
    return parts
        .outbox()
        .change(
            Accounts.partition(account),
            commit -> {
              Accounts.checkExists(commit);
              Optional<String> earlier =
                  clientToken.flatMap(token ->
                      tokens.find(
                          parts.store(), Accounts.partition(account), CREATE, token, subject));
              String arn = earlier.orElse(fresh);
              if (earlier.isEmpty()) {
                checkCount(commit);
                commit.put(
                    APPLICATIONS,
                    EntityRows.utf8(arn),
                    new ValueWriter(FORMAT)
                        .text(name)
                        .text(instanceArn)
                        .time(parts.clock().instant())
                        .value());
                clientToken.ifPresent(token -> tokens.put(commit, CREATE, token, subject, arn));
              }
              AuditLog.add(
                  commit,
                  Accounts.scope(account),
                  change.entry().answered(Map.of("applicationArn", arn)));
              return arn;
            });
  }

  private static void checkCount(PartitionChange commit) {
    Page page = commit.range(APPLICATIONS, Range.all(), APPLICATIONS_MAX);
    if (page.rows().size() >= APPLICATIONS_MAX) {
      throw new DirectoryRefusedException(
          LIMIT_EXCEEDED, "The account has " + APPLICATIONS_MAX + " applications already.");
    }
  }

  private String letters() {
    var text = new StringBuilder();
    for (int i = 0; i < ID_CHARS; i++) {
      text.append(LETTERS.charAt(parts.random().nextInt(LETTERS.length())));
    }
    return text.toString();
  }

  /// @throws DirectoryRefusedException INVALID_PARAMETER (no such application), ORGANIZATION_STATE
  ///   (an organization uses it)
  public void deleteApplication(Change change, AccountId account, String arn) {
    parts
        .outbox()
        .change(
            Accounts.partition(account),
            commit -> {
              byte[] key = EntityRows.utf8(arn);
              if (commit.get(APPLICATIONS, key).isEmpty()) {
                throw Texts.invalid("The application was not found.");
              }
              user(commit, arn)
                  .ifPresent(organization -> {
                    throw new DirectoryRefusedException(
                        ORGANIZATION_STATE,
                        "The organization " + organization + " uses the application.");
                  });
              commit.delete(APPLICATIONS, key);
              AuditLog.add(commit, Accounts.scope(account), change.entry());
              return true;
            });
  }

  /// An organization of the account that uses the application.
  private Optional<OrganizationId> user(PartitionChange commit, String arn) {
    Optional<Range> next = Optional.of(Range.all());
    while (next.isPresent()) {
      Page page = commit.range(Organizations.ORGANIZATIONS, next.get(), 500);
      for (Row row : page.rows()) {
        var id = new OrganizationId(new String(row.key(), StandardCharsets.UTF_8));
        if (find(id).filter(used -> used.applicationArn().equals(arn)).isPresent()) {
          return Optional.of(id);
        }
      }
      next = page.next();
    }
    return Optional.empty();
  }

  /// Takes an application away because its organization goes, unless another one uses it; harmless
  /// when there is none.
  void dropApplication(AccountId account, String arn) {
    parts
        .commits()
        .change(
            Accounts.partition(account),
            commit -> {
              // The organization that goes does not serve any more, so it does not count.
              if (user(commit, arn).isPresent()) return false;
              commit.delete(APPLICATIONS, EntityRows.utf8(arn));
              return true;
            });
  }

  /// Sets the organization's configuration, replacing what was there.
  ///
  /// @throws DirectoryRefusedException RESOURCE_NOT_FOUND (the account has no such application of
  ///   this instance), ORGANIZATION_NOT_FOUND, ORGANIZATION_STATE
  public void put(Change change, OrganizationId organization, IdentityProvider provider) {
    AccountId account = parts.organizations().serving(organization).organization().account();
    Optional<byte[]> application =
        parts
            .store()
            .get(
                Accounts.partition(account),
                APPLICATIONS,
                EntityRows.utf8(provider.applicationArn()));
    if (application.filter(row -> instance(row).equals(provider.instanceArn())).isEmpty()) {
      throw new DirectoryRefusedException(
          RESOURCE_NOT_FOUND, "The Identity Center application was not found.");
    }
    records.change(
        change,
        organization,
        edit -> {
          edit.put(
              Kind.SETTING,
              SETTING,
              new ValueWriter(FORMAT)
                  .text(provider.mode().name())
                  .text(provider.instanceArn())
                  .text(provider.applicationArn())
                  .flag(provider.tokensActive())
                  .number(provider.tokenLifetimeDays())
                  .value());
          return true;
        });
  }

  private static String instance(byte[] application) {
    var in = new ValueReader(application, FORMAT);
    in.text();
    return in.text();
  }

  /// @throws DirectoryRefusedException RESOURCE_NOT_FOUND, ORGANIZATION_NOT_FOUND,
  ///   ORGANIZATION_STATE
  public IdentityProvider load(OrganizationId organization) {
    return read(records.find(organization, Kind.SETTING, SETTING))
        .orElseThrow(() ->
            new DirectoryRefusedException(
                RESOURCE_NOT_FOUND, "The organization has no identity provider."));
  }

  /// The same for logins: none in an organization that does not serve. From memory.
  public Optional<IdentityProvider> find(OrganizationId organization) {
    try {
      return read(records.find(organization, Kind.SETTING, SETTING));
    } catch (DirectoryRefusedException e) {
      return Optional.empty();
    }
  }

  private static Optional<IdentityProvider> read(Optional<byte[]> row) {
    return row.map(value -> {
      var in = new ValueReader(value, FORMAT);
      return new IdentityProvider(
          IdentityProvider.Mode.valueOf(in.text()),
          in.text(),
          in.text(),
          in.flag(),
          (int) in.number());
    });
  }

  /// Harmless when there is none. Personal access tokens stay but do not work any more, and
  /// passwords work again.
  ///
  /// @throws DirectoryRefusedException ORGANIZATION_NOT_FOUND, ORGANIZATION_STATE
  public void delete(Change change, OrganizationId organization) {
    records.change(change, organization, edit -> edit.delete(Kind.SETTING, SETTING));
  }
}
