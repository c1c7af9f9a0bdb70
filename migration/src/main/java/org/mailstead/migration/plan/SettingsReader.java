package org.mailstead.migration.plan;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.mailstead.base.RefusedException;
import org.mailstead.http.aws.AwsClient;
import org.mailstead.http.aws.Credentials;
import org.mailstead.http.aws.S3Settings;
import org.mailstead.migration.files.BucketArchives;
import org.mailstead.migration.imap.AllMail;
import org.mailstead.migration.imap.ImapServerAddress;
import org.mailstead.migration.imap.Provider;
import org.mailstead.migration.imap.Secret;
import org.mailstead.migration.imap.TokenSource;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.transfer.TransferSettings;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/// Reads the settings file. An unknown key, a missing value, a secret that cannot be one: each is
/// told by its name and line before anything is connected to.
public final class SettingsReader {
  private static final Pattern UUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final Set<String> TOP =
      Set.of(
          "work",
          "source",
          "target",
          "options",
          "folders",
          "filter",
          "cutover",
          "mailbox",
          "mailboxes");
  private static final Set<String> END =
      Set.of(
          "kind",
          "path",
          "bucket",
          "prefix",
          "region",
          "endpoint",
          "path-style",
          "access-key-id",
          "secret-access-key",
          "profile",
          "host",
          "port",
          "security",
          "ca-file",
          "password",
          "administrator",
          "administrator-password",
          "tenant-id",
          "client-id",
          "client-secret",
          "token-endpoint",
          "token-scope",
          "timeout-seconds",
          "all-mail");
  private static final Set<String> OPTIONS =
      Set.of(
          "mailboxes-at-once",
          "folders-at-once",
          "lanes-at-once",
          "retries",
          "largest-bytes",
          "gone",
          "mass-removal-percent",
          "match-existing",
          "archive-older-than-days",
          "archive-folder");
  private static final Set<String> FILTER =
      Set.of("spam-headers", "junk-folders", "trash-folders", "before", "since", "largest-bytes");

  private final Path base;
  private final Map<String, String> environment;
  private final InstantSource clock;

  /// @param base the folder that relative paths start from
  /// @param clock for ages, and for the life of tokens
  private SettingsReader(Path base, Map<String, String> environment, InstantSource clock) {
    this.base = base;
    this.environment = environment;
    this.clock = clock;
  }

  /// @throws SettingsFault something in it cannot be meant
  public static MigrationSettings read(
      Path file, Map<String, String> environment, InstantSource clock) throws IOException {
    TomlParseResult toml = Toml.parse(file);
    if (toml.hasErrors()) {
      throw new SettingsFault(file + ": " + toml.errors().getFirst().toString());
    }
    Path folder = file.toAbsolutePath().getParent();
    return new SettingsReader(folder == null ? Path.of("") : folder, environment, clock).read(toml);
  }

  private MigrationSettings read(TomlParseResult toml) throws IOException {
    expectKeys(toml, TOP, "");
    TomlTable options = table(toml, "options");
    expectKeys(options, OPTIONS, "options.");
    Path work = base.resolve(text(toml, "work").orElse("migration"));
    EndSettings source = end(table(toml, "source"), "source", work);
    EndSettings target = end(table(toml, "target"), "target", work);
    List<MailboxEntry> mailboxes = mailboxes(toml);
    long atOnce =
        number(options, "mailboxes-at-once", 4, 1, MigrationSettings.MAILBOXES_AT_ONCE_MAX);
    return new MigrationSettings(
        work,
        source,
        target,
        mailboxes,
        (int) atOnce,
        transfer(options),
        folders(table(toml, "folders"), options, target),
        filter(table(toml, "filter")),
        new CutoverReader(this, table(toml, "cutover"), base).read(usualOldHosts(source)));
  }

  /// Names by which the services that we know are seen in trace lines.
  private static List<String> usualOldHosts(EndSettings source) {
    return source instanceof EndSettings.Imap imap && imap.server().provider() == Provider.WORKMAIL
        ? List.of("amazonses.com", "awsapps.com")
        : List.of();
  }

  static void expectKeys(TomlTable table, Set<String> known, String where) {
    for (String key : table.keySet()) {
      if (!known.contains(key)) {
        throw new SettingsFault(
            "unknown key '%s%s'; known here: %s"
                .formatted(where, key, String.join(", ", new java.util.TreeSet<>(known))));
      }
    }
  }

  private static TomlTable table(TomlTable parent, String key) {
    Object value = parent.get(List.of(key));
    if (value == null) return Toml.parse("");
    if (value instanceof TomlTable table) return table;
    throw new SettingsFault("'" + key + "' is a table: write [" + key + "]");
  }

  static Optional<String> text(TomlTable table, String key) {
    Object value = table.get(List.of(key));
    if (value == null) return Optional.empty();
    if (value instanceof String text) return Optional.of(text);
    throw new SettingsFault("'" + key + "' is a text: write it in quotes");
  }

  static long number(TomlTable table, String key, long otherwise, long min, long max) {
    Object value = table.get(List.of(key));
    if (value == null) return otherwise;
    if (value instanceof Long number && number >= min && number <= max) return number;
    throw new SettingsFault("'%s' is a number from %d to %d".formatted(key, min, max));
  }

  private static boolean yes(TomlTable table, String key, boolean otherwise) {
    Object value = table.get(List.of(key));
    if (value == null) return otherwise;
    if (value instanceof Boolean yes) return yes;
    throw new SettingsFault("'" + key + "' is true or false");
  }

  /// A literal text, or where it is: `{ env = "NAME" }`, `{ file = "path" }`.
  Optional<Secret> secret(TomlTable table, String key) throws IOException {
    Object value = table.get(List.of(key));
    if (value == null) return Optional.empty();
    if (value instanceof String text) return Optional.of(new Secret(text));
    if (value instanceof TomlTable reference) {
      expectKeys(reference, Set.of("env", "file"), key + ".");
      Optional<String> variable = text(reference, "env");
      if (variable.isPresent()) {
        String found = environment.get(variable.get());
        if (found == null || found.isEmpty()) {
          throw new SettingsFault("%s: the variable %s is not set".formatted(key, variable.get()));
        }
        return Optional.of(new Secret(found));
      }
      Optional<String> file = text(reference, "file");
      if (file.isPresent()) {
        return Optional.of(new Secret(Files.readString(base.resolve(file.get())).strip()));
      }
    }
    throw new SettingsFault(
        key + " is a text in single quotes, { env = \"NAME\" } or { file = \"path\" }");
  }

  private EndSettings end(TomlTable end, String name, Path work) throws IOException {
    expectKeys(end, END, name + ".");
    String kind = text(end, "kind").orElse("imap").toLowerCase(Locale.ROOT);
    if (!kind.equals("imap")) {
      for (EndSettings.FileKind each : EndSettings.FileKind.values()) {
        if (each.name().equalsIgnoreCase(kind)) {
          if (each == EndSettings.FileKind.ZIP && text(end, "bucket").isPresent()) {
            return new EndSettings.Archives(archives(end, name, work));
          }
          String path = text(end, "path").orElseThrow(() -> missing(name + ".path"));
          return new EndSettings.Files(each, base.resolve(path));
        }
      }
      throw new SettingsFault(
          "%s.kind '%s' is not known: imap, eml, zip, maildir or mbox".formatted(name, kind));
    }
    Provider provider;
    try {
      provider = Provider.parse(text(end, "profile").orElse("generic"));
    } catch (IllegalArgumentException e) {
      throw new SettingsFault(name + ".profile: " + e.getMessage());
    }
    String host =
        text(end, "host").or(() -> usualHost(provider)).orElseThrow(() -> missing(name + ".host"));
    ImapServerAddress.Security security =
        switch (text(end, "security").orElse("tls")) {
          case "tls" -> ImapServerAddress.Security.TLS;
          case "starttls" -> ImapServerAddress.Security.STARTTLS;
          case "plain" -> ImapServerAddress.Security.PLAIN;
          default -> throw new SettingsFault(name + ".security is tls, starttls or plain");
        };
    boolean implicit = security == ImapServerAddress.Security.TLS;
    long port = number(end, "port", implicit ? 993 : 143, 1, 65_535);
    Optional<SSLContext> trust = Optional.empty();
    Optional<String> ca = text(end, "ca-file");
    if (ca.isPresent()) trust = Optional.of(Trust.of(base.resolve(ca.get())));
    Duration timeout = Duration.ofSeconds(number(end, "timeout-seconds", 120, 1, 3_600));
    ImapServerAddress server =
        new ImapServerAddress(
            host, (int) port, security, trust, provider, timeout, allMail(end, name, provider));
    return new EndSettings.Imap(server, login(end, name));
  }

  private static AllMail allMail(TomlTable end, String name, Provider provider) {
    Optional<String> text = text(end, "all-mail");
    if (text.isPresent() && provider != Provider.GMAIL) {
      throw new SettingsFault(name + ".all-mail is for profile = \"gmail\"");
    }
    return switch (text.orElse("unlabelled")) {
      case "unlabelled" -> AllMail.UNLABELLED;
      case "everything" -> AllMail.EVERYTHING;
      case "skip" -> AllMail.SKIP;
      default -> throw new SettingsFault(name + ".all-mail is unlabelled, everything or skip");
    };
  }

  private BucketArchives archives(TomlTable end, String name, Path work) throws IOException {
    try {
      Optional<String> endpoint = text(end, "endpoint");
      String id = text(end, "access-key-id").orElseThrow(() -> missing(name + ".access-key-id"));
      Secret secret =
          secret(end, "secret-access-key").orElseThrow(() -> missing(name + ".secret-access-key"));
      S3Settings service =
          new S3Settings(
              endpoint.map(AwsClient::endpoint),
              text(end, "region").orElse("us-east-1"),
              yes(end, "path-style", endpoint.isPresent()),
              new Credentials(id, secret.value()));
      String bucket = text(end, "bucket").orElseThrow(() -> missing(name + ".bucket"));
      String prefix = text(end, "prefix").orElse("");
      return new BucketArchives(
          service, bucket, prefix, work.resolve("archives"), clock, new java.util.Random());
    } catch (RefusedException | IllegalArgumentException e) {
      throw new SettingsFault(name + ": " + e.getMessage());
    }
  }

  private static Optional<String> usualHost(Provider provider) {
    return switch (provider) {
      case GMAIL -> Optional.of("imap.gmail.com");
      case MICROSOFT365 -> Optional.of("outlook.office365.com");
      case WORKMAIL, EXCHANGE, DOVECOT, CYRUS, GENERIC -> Optional.empty();
    };
  }

  private static SettingsFault missing(String key) {
    return new SettingsFault("'" + key + "' is missing");
  }

  private EndSettings.Login login(TomlTable end, String name) throws IOException {
    Optional<Secret> clientSecret = secret(end, "client-secret");
    if (clientSecret.isPresent()) {
      String value = clientSecret.get().value();
      if (UUID.matcher(value).matches()) {
        throw new SettingsFault(
            name
                + ".client-secret is a UUID: that is the secret's ID. The portal shows the Value beside it, once, when the secret is made");
      }
      String tenant = text(end, "tenant-id").orElse("");
      String endpoint =
          text(end, "token-endpoint")
              .orElseGet(() -> {
                if (tenant.isEmpty()) throw missing(name + ".tenant-id");
                return "https://login.microsoftonline.com/" + tenant + "/oauth2/v2.0/token";
              });
      String scope = text(end, "token-scope").orElse("https://outlook.office365.com/.default");
      String client = text(end, "client-id").orElseThrow(() -> missing(name + ".client-id"));
      return new EndSettings.Login.ClientCredentials(
          new TokenSource(
              new TokenSource.Client(URI.create(endpoint), client, clientSecret.get(), scope),
              clock));
    }
    Optional<String> administrator = text(end, "administrator");
    if (administrator.isPresent()) {
      return new EndSettings.Login.Administrator(
          administrator.get(),
          secret(end, "administrator-password")
              .orElseThrow(() -> missing(name + ".administrator-password")));
    }
    return new EndSettings.Login.Own(secret(end, "password"));
  }

  private List<MailboxEntry> mailboxes(TomlParseResult toml) throws IOException {
    List<MailboxEntry> mailboxes = new ArrayList<>();
    Optional<String> list = text(toml, "mailboxes");
    if (list.isPresent()) mailboxes.addAll(MailboxList.read(base.resolve(list.get())));
    Object entries = toml.get(List.of("mailbox"));
    if (entries instanceof TomlArray array) {
      for (int i = 0; i < array.size(); i++) {
        if (!(array.get(i) instanceof TomlTable table)) {
          throw new SettingsFault("write each mailbox as [[mailbox]]");
        }
        expectKeys(
            table, Set.of("source", "target", "source-password", "target-password"), "mailbox.");
        String source = text(table, "source").orElseThrow(() -> missing("mailbox.source"));
        mailboxes.add(
            new MailboxEntry(
                source,
                text(table, "target").orElse(source),
                secret(table, "source-password"),
                secret(table, "target-password")));
      }
    }
    Set<String> targets = new HashSet<>();
    for (MailboxEntry mailbox : mailboxes) {
      if (!targets.add(mailbox.target().toLowerCase(Locale.ROOT))) {
        throw new SettingsFault("two mailboxes go to " + mailbox.target());
      }
    }
    return mailboxes;
  }

  private TransferSettings transfer(TomlTable options) {
    TransferSettings standard = TransferSettings.standard();
    long days = number(options, "archive-older-than-days", -1, 1, 100_000);
    Optional<Instant> before =
        days < 0 ? Optional.empty() : Optional.of(clock.instant().minus(days, ChronoUnit.DAYS));
    String gone = text(options, "gone").orElse("remove");
    if (!gone.equals("remove") && !gone.equals("keep")) {
      throw new SettingsFault("options.gone is remove or keep");
    }
    return new TransferSettings(
        (int) number(options, "folders-at-once", standard.folderLanes(), 1, 20),
        (int) number(options, "lanes-at-once", standard.hostLanesMax(), 1, 200),
        standard.heldBytesMax(),
        (int) number(options, "retries", standard.retriesMax(), 0, 1_000),
        standard.backoffFirst(),
        standard.backoffMax(),
        standard.freshPasswordWait(),
        number(options, "largest-bytes", Long.MAX_VALUE, 1, Long.MAX_VALUE),
        gone.equals("remove"),
        number(options, "mass-removal-percent", 25, 1, 100) / 100.0,
        before,
        yes(options, "match-existing", true));
  }

  private static FolderRules folders(TomlTable folders, TomlTable options, EndSettings target) {
    Map<String, String> overrides = new HashMap<>();
    List<String> leftOut = new ArrayList<>();
    for (String key : folders.keySet()) {
      Object value = folders.get(List.of(key));
      if (key.equals("leave-out") && value instanceof TomlArray patterns) {
        for (int i = 0; i < patterns.size(); i++) leftOut.add(String.valueOf(patterns.get(i)));
      } else if (value instanceof String to && !to.isEmpty()) {
        overrides.put(key, to);
      } else {
        throw new SettingsFault(
            "folders.'" + key + "' is the path of the target, or '-' to leave the folder out");
      }
    }
    boolean archiving = options.contains(List.of("archive-older-than-days"));
    Optional<FolderPath> archive =
        archiving
            ? Optional.of(FolderPath.parse(text(options, "archive-folder").orElse("Archive")))
            : Optional.empty();
    boolean caseless =
        switch (target) {
          case EndSettings.Imap(ImapServerAddress server, var _) ->
              server.provider() == Provider.MICROSOFT365 || server.provider() == Provider.EXCHANGE;
          case EndSettings.Files _, EndSettings.Archives _ -> true;
        };
    return new FolderRules(overrides, leftOut, archive, caseless);
  }

  private static SpamFilter filter(TomlTable filter) {
    expectKeys(filter, FILTER, "filter.");
    return new SpamFilter(
        yes(filter, "spam-headers", false),
        yes(filter, "junk-folders", false),
        yes(filter, "trash-folders", false),
        date(filter, "before"),
        date(filter, "since"),
        number(filter, "largest-bytes", Long.MAX_VALUE, 1, Long.MAX_VALUE));
  }

  private static Optional<Instant> date(TomlTable table, String key) {
    Object value = table.get(List.of(key));
    if (value == null) return Optional.empty();
    if (value instanceof LocalDate date) {
      return Optional.of(date.atStartOfDay(ZoneOffset.UTC).toInstant());
    }
    throw new SettingsFault("'" + key + "' is a date without quotes: 2024-12-31");
  }
}
