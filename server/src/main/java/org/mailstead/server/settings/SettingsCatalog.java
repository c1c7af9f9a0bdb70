package org.mailstead.server.settings;

import static org.mailstead.server.settings.Setting.Kind.NUMBER;
import static org.mailstead.server.settings.Setting.Kind.SECRET;
import static org.mailstead.server.settings.Setting.Kind.TEXT;
import static org.mailstead.server.settings.Setting.Kind.TEXTS;
import static org.mailstead.server.settings.Setting.Kind.YES_NO;

import java.util.List;

/// Every setting there is. The order is the order in which `mailstead settings` prints them.
final class SettingsCatalog {
  static final List<Setting> ALL =
      List.of(
          new Setting(
              "server.hostname",
              TEXT,
              "\"localhost\"",
              "The name this service calls itself: in greetings, Received fields and its own certificate."),
          new Setting(
              "server.test-domain-suffix",
              TEXT,
              "\"mailstead.test\"",
              "Each organization gets the test domain <alias>.<suffix>."),
          new Setting(
              "server.region",
              TEXT,
              "\"us-east-1\"",
              "The region in ARNs, audit records and request signatures."),
          new Setting(
              "server.log-level",
              TEXT,
              "\"info\"",
              "What goes to standard error: error, warn, info or debug."),
          new Setting(
              "listen.smtp",
              TEXT,
              "\"127.0.0.1:2525\"",
              "Mail from other servers. Each listener: host:port; port 0 picks a free one; an empty text switches it off."),
          new Setting(
              "listen.submission", TEXT, "\"127.0.0.1:2587\"", "Mail from users, STARTTLS first."),
          new Setting(
              "listen.submissions", TEXT, "\"127.0.0.1:2465\"", "Mail from users, TLS at once."),
          new Setting(
              "listen.lmtp",
              TEXT,
              "\"127.0.0.1:2424\"",
              "LMTP from a mail server in front of this one."),
          new Setting("listen.imap", TEXT, "\"127.0.0.1:2143\"", "IMAP with STARTTLS."),
          new Setting("listen.imaps", TEXT, "\"127.0.0.1:2993\"", "IMAP, TLS at once."),
          new Setting("listen.api", TEXT, "\"127.0.0.1:2443\"", "The WorkMail API over HTTPS."),
          new Setting(
              "tls.certificate",
              TEXT,
              "\"\"",
              "PEM file with the certificate chain; empty: a self-made one in the data folder. Read again when it changes."),
          new Setting("tls.key", TEXT, "\"\"", "PEM file with the private key (PKCS#8)."),
          new Setting(
              "login.plain-without-tls",
              YES_NO,
              "false",
              "Allow IMAP logins on connections without TLS. Only for tests and behind a TLS proxy."),
          new Setting(
              "limits.message-bytes",
              NUMBER,
              "26214400",
              "Largest message in transport, octets as received (EHLO SIZE): 25 MB. The guide's hard limit."),
          new Setting(
              "limits.append-bytes",
              NUMBER,
              "157286400",
              "Largest message by IMAP APPEND and import, octets (APPENDLIMIT): 150 MB."),
          new Setting("limits.recipients", NUMBER, "500", "Recipients of one message at the most."),
          new Setting(
              "limits.connections",
              NUMBER,
              "20000",
              "Connections at the most: of all SMTP listeners together, and of both IMAP listeners together."),
          new Setting(
              "limits.connections-per-address",
              NUMBER,
              "1000",
              "Connections from one address at the most, counted likewise. Raise it behind a proxy."),
          new Setting(
              "limits.organizations-per-account",
              NUMBER,
              "100",
              "Living organizations of one account."),
          new Setting(
              "limits.users-per-organization",
              NUMBER,
              "1000",
              "Users of a new organization; `mailstead organization users-max` changes it for one."),
          new Setting(
              "limits.aliases",
              NUMBER,
              "100",
              "Aliases of a user, group or resource. The guide's hard limit."),
          new Setting(
              "limits.domains-per-organization",
              NUMBER,
              "1000",
              "Mail domains of an organization. The guide's hard limit."),
          new Setting(
              "limits.beyond-the-guide",
              YES_NO,
              "false",
              "Allow more than the guide's hard limits of aliases (up to 1000) and domains (up to 1500)."),
          new Setting(
              "domains.verified",
              TEXTS,
              "[]",
              "Own domains that count as verified without a look at DNS; \"*\": all of them."),
          new Setting(
              "outbound.smarthost",
              TEXT,
              "\"\"",
              "host:port that takes all outgoing mail; empty: mail goes to the recipients' mail exchangers."),
          new Setting("outbound.smarthost-user", TEXT, "\"\"", "User name at the smarthost."),
          new Setting("outbound.smarthost-password", SECRET, "\"\"", "Password at the smarthost."),
          new Setting(
              "outbound.smarthost-tls",
              TEXT,
              "\"required\"",
              "TLS towards the smarthost: required (STARTTLS, certificate checked), opportunistic, or none."),
          new Setting(
              "outbound.resolver",
              TEXT,
              "\"\"",
              "host:port of the DNS resolver; empty: the system's."),
          new Setting(
              "outbound.expire-hours",
              NUMBER,
              "96",
              "How long a message is tried before it goes back to its sender."),
          new Setting(
              "s3.endpoint",
              TEXT,
              "\"\"",
              "An S3-compatible service for exports, logs and message contents, as https://s3.example.com:9000; empty: AWS in s3.region."),
          new Setting("s3.region", TEXT, "\"\"", "Its region; empty: server.region."),
          new Setting(
              "s3.path-style",
              YES_NO,
              "true",
              "Buckets in the path of its addresses (most services); false: in the host name (AWS)."),
          new Setting(
              "s3.access-key-id",
              TEXT,
              "\"\"",
              "The access key of this service there; empty: there are no buckets but s3.folders."),
          new Setting("s3.secret-access-key", SECRET, "\"\"", "The key's secret."),
          new Setting(
              "s3.folders",
              TEXTS,
              "[]",
              "Names of buckets that are folders of this machine: name=/absolute/path."),
          new Setting(
              "kms.endpoint",
              TEXT,
              "\"\"",
              "A service with the AWS KMS API for customers' keys, as https://kms.example.com; empty: AWS in the region of each key."),
          new Setting(
              "kms.access-key-id",
              TEXT,
              "\"\"",
              "The access key of this service there; empty: no key management service."),
          new Setting("kms.secret-access-key", SECRET, "\"\"", "The key's secret."),
          new Setting(
              "kms.key-file",
              TEXT,
              "\"\"",
              "A file of customers' keys with ARNs that begin with arn:aws:kms:local: (docs/operations/keys.md)."),
          new Setting(
              "store.cache-megabytes",
              NUMBER,
              "32",
              "Memory for the store's block cache and write buffers."));

  private SettingsCatalog() {}
}
