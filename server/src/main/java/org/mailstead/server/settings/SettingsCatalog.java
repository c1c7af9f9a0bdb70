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
          new Setting(
              "listen.managesieve", TEXT, "\"127.0.0.1:4190\"", "ManageSieve with STARTTLS."),
          new Setting("listen.api", TEXT, "\"127.0.0.1:2443\"", "The WorkMail API over HTTPS."),
          new Setting(
              "listen.mta-sts",
              TEXT,
              "\"\"",
              "HTTPS for nothing but the MTA-STS policies of our domains (https://mta-sts.<domain>/); the certificate must name these hosts. listen.api answers for them too."),
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
              "Largest message in transport, octets as received (EHLO SIZE): 25 MB, the guide's limit; up to 41943040 with limits.beyond-the-guide."),
          new Setting(
              "limits.append-bytes",
              NUMBER,
              "157286400",
              "Largest message by IMAP APPEND and import, octets (APPENDLIMIT): 150 MB; up to 1073741824 with limits.beyond-the-guide."),
          new Setting(
              "limits.recipients",
              NUMBER,
              "500",
              "Recipients of one message at the most; up to 10000 with limits.beyond-the-guide."),
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
              "limits.external-recipients-per-user",
              NUMBER,
              "10000",
              "Recipients outside the organization of one user on one day (UTC). The guide's limit."),
          new Setting(
              "limits.external-recipients-per-account",
              NUMBER,
              "100000",
              "The same of all users of an account together."),
          new Setting(
              "limits.test-domain-recipients",
              NUMBER,
              "200",
              "Recipients of whatever sort on one day from all test domains of an account together."),
          new Setting(
              "limits.beyond-the-guide",
              YES_NO,
              "false",
              "Allow more than the guide's limits of aliases (up to 1000), domains (up to 1500) and recipients a day (up to 10000000)."),
          new Setting(
              "domains.verified",
              TEXTS,
              "[]",
              "Own domains that count as verified without a look at DNS; \"*\": all of them."),
          new Setting(
              "domains.dkim-zone",
              TEXT,
              "\"\"",
              "Zone in which you publish DKIM keys as <selector>.<domain>.<zone>, so that domains need aliases only; empty: domains publish the keys themselves."),
          new Setting(
              "reports.from",
              TEXT,
              "\"\"",
              "Address of a verified domain of ours from which DMARC and TLS reports are sent to other domains; empty: none are made."),
          new Setting(
              "reports.organization-name",
              TEXT,
              "\"\"",
              "Who reports, as it stands in the reports; empty: server.hostname."),
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
              "Older name of dns.resolver; used when that one is empty."),
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
              "trace.keep-days",
              NUMBER,
              "10",
              "Days that message traces are kept (mailstead trace); 0: nothing is traced."),
          new Setting(
              "lambda.endpoint",
              TEXT,
              "\"\"",
              "A service that speaks the AWS Lambda API, as https://lambda.eu-west-1.amazonaws.com, for free/busy providers that are functions and for Run Lambda rules; empty: none."),
          new Setting(
              "lambda.functions",
              TEXTS,
              "[]",
              "Where functions of Run Lambda rules are instead: [organization] ARN URL, the ARN perhaps cut by *; the first that fits. With a path the URL is the function's own."),
          new Setting(
              "lambda.access-key-id", TEXT, "\"\"", "The access key of this service there."),
          new Setting("lambda.secret-access-key", SECRET, "\"\"", "The key's secret."),
          new Setting(
              "api.reads-per-second",
              NUMBER,
              "2000",
              "Operations that change nothing: so many a second for one access key, twice as many in a burst."),
          new Setting(
              "api.writes-per-second",
              NUMBER,
              "1000",
              "Operations that change something: so many a second for one access key."),
          new Setting(
              "api.heavy-per-second",
              NUMBER,
              "20",
              "Creation and removal of organizations, exports, tests of providers: so many a second for one access key."),
          new Setting(
              "delivery.folder",
              TEXT,
              "\"\"",
              "Folder to which the audit log and the other logs are delivered as gzipped files; empty: not to a folder."),
          new Setting(
              "delivery.bucket",
              TEXT,
              "\"\"",
              "Name of a bucket (settings s3) for the same; empty: not to a bucket."),
          new Setting("delivery.minutes", NUMBER, "5", "Time between two deliveries, 1 to 1440."),
          new Setting(
              "logs.groups",
              TEXTS,
              "[\"ACCESS_CONTROL_LOGS\", \"AUTHENTICATION_LOGS\", \"WORKMAIL_AVAILABILITY_PROVIDER_LOGS\", \"WORKMAIL_MAILBOX_ACCESS_LOGS\", \"WORKMAIL_PERSONAL_ACCESS_TOKEN_LOGS\", \"EMAIL_EVENTS\"]",
              "WorkMail's own logs that are written to the folder logs in the data folder; EMAIL_EVENTS for organizations with an e-mail monitoring configuration."),
          new Setting(
              "logs.keep-days", NUMBER, "30", "How long files of these logs are kept, at least 1."),
          new Setting(
              "logs.total-megabytes",
              NUMBER,
              "4096",
              "Size of all their files together; the oldest go first."),
          new Setting(
              "dns.resolver", TEXT, "\"\"", "host:port of the DNS resolver; empty: the system's."),
          new Setting(
              "dns.dnssec",
              TEXT,
              "\"off\"",
              "Who checks DNSSEC signatures, which DANE needs: validate (this service, from the trust anchors), trust-resolver (its AD bit; only over a safe way), or off."),
          new Setting(
              "dns.trust-anchors",
              TEXT,
              "\"\"",
              "File with DS or DNSKEY records in zone file format; empty: the keys of the root."),
          new Setting(
              "dns.authoritative-port",
              NUMBER,
              "53",
              "Port of the name servers of domains. Another one is only of use in tests."),
          new Setting(
              "authentication.inbound",
              YES_NO,
              "true",
              "Check SPF, DKIM, DMARC and ARC on mail from other servers."),
          new Setting(
              "authentication.trusted-networks",
              TEXTS,
              "[\"127.0.0.0/8\", \"::1/128\"]",
              "Servers on our side, as 192.0.2.0/24: what they hand in by SMTP is not checked."),
          new Setting(
              "authentication.trusted-sealers",
              TEXTS,
              "[]",
              "Domains whose ARC seals make up for a DMARC failure, as of mailing lists."),
          new Setting(
              "filters.clamd",
              TEXT,
              "\"\"",
              "ClamAV's daemon, which looks for viruses: host:port or unix:/path; empty: none."),
          new Setting(
              "filters.rspamd",
              TEXT,
              "\"\"",
              "Rspamd's normal worker or proxy, likewise, in place of the built-in spam filter."),
          new Setting("filters.rspamd-password", SECRET, "\"\"", "Its password, if it wants one."),
          new Setting(
              "filters.spamassassin",
              TEXT,
              "\"\"",
              "SpamAssassin's daemon spamd, likewise, in place of the built-in spam filter."),
          new Setting(
              "filters.milters",
              TEXTS,
              "[]",
              "Programs that speak the milter protocol, likewise, asked in this order."),
          new Setting(
              "filters.timeout-seconds",
              NUMBER,
              "20",
              "How long one filter may take for one message, 1 to 300."),
          new Setting(
              "filters.message-bytes",
              NUMBER,
              "10485760",
              "Larger messages are not shown to filters, octets."),
          new Setting(
              "filters.when-down",
              TEXT,
              "\"accept\"",
              "What happens to a message when a filter is down or slow: accept (without its verdict) or defer (451, the peer comes again)."),
          new Setting(
              "filters.virus",
              TEXT,
              "\"refuse\"",
              "What happens to a message with a virus: refuse (554) or junk. Those of our own users are always refused."),
          new Setting(
              "filters.submissions",
              YES_NO,
              "true",
              "Show what our own users send to ClamAV and the milters too."),
          new Setting(
              "spam.built-in",
              YES_NO,
              "true",
              "Look for spam with the built-in filter when neither Rspamd nor SpamAssassin is set."),
          new Setting(
              "spam.points",
              NUMBER,
              "5",
              "From so many points on the built-in filter calls a message spam."),
          new Setting(
              "spam.block-lists",
              TEXTS,
              "[]",
              "DNS block lists that the built-in filter asks about the peer, with the points that a listed one costs: zone=4, without a number 3. Mind the lists' terms of use."),
          new Setting(
              "store.cache-megabytes",
              NUMBER,
              "32",
              "Memory for the store's block cache and write buffers."));

  /// Keys of tables of which there may be any number: `[directories.<id>]`, `[zones.<id>]`.
  static final List<Setting> TABLES =
      List.of(
          new Setting(
              "directories.kind",
              TEXT,
              "\"active-directory\"",
              "What it is: active-directory, or ldap for any other LDAP v3 server."),
          new Setting(
              "directories.alias",
              TEXT,
              "\"\"",
              "The alias that an organization on this directory must have."),
          new Setting(
              "directories.account",
              TEXT,
              "\"\"",
              "The only account that may make an organization on it; empty: any."),
          new Setting(
              "directories.urls",
              TEXTS,
              "[]",
              "Servers in order of preference: ldaps://host[:636] (TLS at once) or ldap://host[:389] (STARTTLS)."),
          new Setting(
              "directories.plaintext-on-loopback",
              YES_NO,
              "false",
              "No TLS at all. Only possible when every URL is a loopback address."),
          new Setting("directories.base-dns", TEXTS, "[]", "Where users and groups lie."),
          new Setting(
              "directories.bind-dn", TEXT, "\"\"", "As whom the service reads the directory."),
          new Setting(
              "directories.bind-password-file",
              TEXT,
              "\"\"",
              "File with the password of the bind DN, read anew for each connection; its last line end does not count."),
          new Setting(
              "directories.bind-password-variable",
              TEXT,
              "\"\"",
              "Instead of the file: the environment variable with the password."),
          new Setting(
              "directories.ca-file",
              TEXT,
              "\"\"",
              "PEM file with the certificate authorities that are trusted for it; empty: those of the Java runtime."),
          new Setting(
              "directories.user-filter",
              TEXT,
              "\"\"",
              "LDAP filter of users; empty: the usual one of the kind."),
          new Setting(
              "directories.group-filter",
              TEXT,
              "\"\"",
              "LDAP filter of groups; empty: the usual one of the kind."),
          new Setting(
              "directories.attributes",
              TEXTS,
              "[]",
              "Attributes that are not the usual ones of the kind: \"department=ou\", \"user-name=uid\"."),
          new Setting(
              "directories.interval-minutes",
              NUMBER,
              "240",
              "How often it is synchronized: every four hours, as in the guide."),
          new Setting(
              "directories.size",
              TEXT,
              "\"large\"",
              "How many users an organization on it can have: small (500), large (5,000), or unbounded (10 million)."),
          new Setting(
              "directories.deletions-percent",
              NUMBER,
              "20",
              "A synchronization that would remove a larger share of the users or of the groups stops unless forced."),
          new Setting(
              "zones.kind",
              TEXT,
              "\"rfc2136\"",
              "How records are written into a zone of the DNS: rfc2136 (dynamic updates with TSIG) or route53."),
          new Setting("zones.name", TEXT, "\"\"", "The zone, as example.com."),
          new Setting(
              "zones.organizations",
              TEXTS,
              "[]",
              "Ids of the organizations whose administrators may have records written into it; the operator's own words may always."),
          new Setting(
              "zones.server", TEXT, "\"\"", "rfc2136: host:port of the zone's primary server."),
          new Setting("zones.tsig-key", TEXT, "\"\"", "rfc2136: name of the shared key."),
          new Setting(
              "zones.tsig-algorithm",
              TEXT,
              "\"hmac-sha256\"",
              "rfc2136: hmac-sha224, hmac-sha256, hmac-sha384 or hmac-sha512."),
          new Setting(
              "zones.secret-file",
              TEXT,
              "\"\"",
              "File with the key's secret: Base64 (rfc2136), or the secret access key (route53)."),
          new Setting(
              "zones.access-key-id",
              TEXT,
              "\"\"",
              "route53: an access key that may list and change the zone's record sets."),
          new Setting(
              "zones.endpoint", TEXT, "\"\"", "route53: URL of the service; empty: AWS's own."));

  /// The keys of one kind of tables.
  static List<Setting> tables(String kind) {
    return TABLES.stream().filter(setting -> setting.section().equals(kind)).toList();
  }

  private SettingsCatalog() {}
}
