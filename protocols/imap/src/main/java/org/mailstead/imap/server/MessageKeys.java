package org.mailstead.imap.server;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.ByteBuffer;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.EmailId;
import org.mailstead.base.MailboxId;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.MessageSummary;
import org.mailstead.formats.mime.BaseSubject;
import org.mailstead.formats.mime.Dates;
import org.mailstead.formats.mime.Envelope;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.formats.mime.HeaderText;
import org.mailstead.formats.mime.MimeAddress;
import org.mailstead.formats.mime.SearchText;

/// What SEARCH, SORT and THREAD compare, decoded and folded once and kept for all sessions while
/// there is room. A message never changes, so nothing here grows stale.
final class MessageKeys {
  private static final long BYTES_MAX = Math.max(8L << 20, Runtime.getRuntime().maxMemory() / 8);
  private static final int PAGE_COUNT = 500;

  /// No Date field, or one that cannot be read.
  static final long NO_DATE = Long.MIN_VALUE;

  /// @param from folded names and addresses; so `to`, `cc`, `bcc`
  /// @param subject folded
  /// @param messageId folded, angle brackets included
  /// @param sentDay days since 1970 as the Date field's own zone has it (RFC 9051 §6.4.4 SENTON)
  /// @param sentSeconds of the Date field in UTC
  record Keys(
      String from,
      String to,
      String cc,
      String bcc,
      String subject,
      String messageId,
      String baseSubject,
      boolean replyOrForward,
      String sortFrom,
      String sortTo,
      String sortCc,
      long sentDay,
      long sentSeconds,
      long thread) {
    int weight() {
      return 200
          + from.length()
          + to.length()
          + cc.length()
          + bcc.length()
          + subject.length()
          + messageId.length()
          + baseSubject.length();
    }
  }

  private record Key(MailboxId mailbox, EmailId email) {}

  private final Cache<Key, Keys> keys =
      Caffeine.newBuilder()
          .maximumWeight(BYTES_MAX)
          .weigher((Key _, Keys value) -> value.weight())
          .build();
  private final Cache<Key, List<String>> references =
      Caffeine.newBuilder()
          .maximumWeight(BYTES_MAX / 4)
          .weigher((Key _, List<String> ids) -> 100 + ids.size() * 80)
          .build();

  /// The keys of messages, by their place in the list; null where the message is gone.
  @Nullable Keys[] load(Mailbox mailbox, List<EmailId> emails) {
    @Nullable Keys[] found = new Keys[emails.size()];
    List<EmailId> missing = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < emails.size(); i++) {
      found[i] = keys.getIfPresent(new Key(mailbox.id(), emails.get(i)));
      if (found[i] == null) {
        missing.add(emails.get(i));
        places.add(i);
      }
      if (missing.size() == PAGE_COUNT || i == emails.size() - 1) {
        loadMissing(mailbox, missing, places, found);
        missing.clear();
        places.clear();
      }
    }
    return found;
  }

  private void loadMissing(
      Mailbox mailbox, List<EmailId> missing, List<Integer> places, @Nullable Keys[] found) {
    if (missing.isEmpty()) return;
    Map<EmailId, MessageSummary> summaries = mailbox.summaries(missing);
    for (int i = 0; i < missing.size(); i++) {
      MessageSummary summary = summaries.get(missing.get(i));
      if (summary == null) continue;
      Keys made = of(summary);
      keys.put(new Key(mailbox.id(), missing.get(i)), made);
      found[places.get(i)] = made;
    }
  }

  private static Keys of(MessageSummary summary) {
    Optional<Envelope> envelope = summary.structure().envelope();
    String decodedSubject = envelope.flatMap(Envelope::subject).map(HeaderText::decode).orElse("");
    BaseSubject base = BaseSubject.of(decodedSubject);
    Optional<OffsetDateTime> date = envelope.flatMap(Envelope::date).flatMap(Dates::parse);
    List<MimeAddress> from = envelope.map(Envelope::from).orElse(List.of());
    List<MimeAddress> to = envelope.map(Envelope::to).orElse(List.of());
    List<MimeAddress> cc = envelope.map(Envelope::cc).orElse(List.of());
    List<MimeAddress> bcc = envelope.map(Envelope::bcc).orElse(List.of());
    return new Keys(
        text(from),
        text(to),
        text(cc),
        text(bcc),
        SearchText.fold(decodedSubject),
        SearchText.fold(envelope.flatMap(Envelope::messageId).orElse("")),
        sortKey(base.text()),
        base.replyOrForward(),
        sortAddress(from),
        sortAddress(to),
        sortAddress(cc),
        date.map(d -> d.toLocalDate().toEpochDay()).orElse(NO_DATE),
        date.map(OffsetDateTime::toEpochSecond).orElse(NO_DATE),
        summary.thread().value());
  }

  /// `Name <local@host>` of each address, decoded and folded.
  private static String text(List<MimeAddress> addresses) {
    if (addresses.isEmpty()) return "";
    StringBuilder out = new StringBuilder();
    for (MimeAddress address : addresses) {
      if (!out.isEmpty()) out.append(", ");
      address.name().ifPresent(name -> out.append(HeaderText.decode(name)).append(' '));
      if (address.local().isEmpty()) continue;
      out.append('<').append(HeaderText.decode(address.local().get()));
      address.host().ifPresent(host -> out.append('@').append(HeaderText.decode(host)));
      out.append('>');
    }
    return SearchText.fold(out.toString());
  }

  /// RFC 5256 §3: the local part of the first address.
  private static String sortAddress(List<MimeAddress> addresses) {
    if (addresses.isEmpty()) return "";
    return sortKey(addresses.getFirst().local().map(HeaderText::decode).orElse(""));
  }

  /// RFC 5051 §2: compared in upper (title) case, so that `_` and `[` come after the letters.
  private static String sortKey(String text) {
    return SearchText.fold(text).toUpperCase(Locale.ROOT);
  }

  /// Message ids for threading: the message's own first (perhaps empty), then its references from
  /// the oldest on.
  List<String> threadIds(Mailbox mailbox, MessageSummary summary) {
    Key key = new Key(mailbox.id(), summary.email());
    List<String> known = references.getIfPresent(key);
    if (known != null) return known;
    List<String> ids = readThreadIds(mailbox, summary);
    references.put(key, ids);
    return ids;
  }

  Optional<List<String>> findThreadIds(Mailbox mailbox, EmailId email) {
    return Optional.ofNullable(references.getIfPresent(new Key(mailbox.id(), email)));
  }

  private static List<String> readThreadIds(Mailbox mailbox, MessageSummary summary) {
    List<String> ids = new ArrayList<>();
    ids.add(
        summary
            .structure()
            .envelope()
            .flatMap(Envelope::messageId)
            .flatMap(raw -> messageIds(raw, 1).stream().findFirst())
            .orElse(""));
    int length = (int) Math.min(summary.structure().bodyOffset(), HEADER_BYTES_MAX);
    byte[] header = mailbox.content(summary.email(), 0, length);
    HeaderFields fields = HeaderFields.of(ByteBuffer.wrap(header), 0, header.length);
    List<String> references =
        fields.find("References").map(raw -> messageIds(raw, REFERENCES_MAX)).orElse(List.of());
    // RFC 5256 §3 REFERENCES step 1: In-Reply-To only where References has nothing, first id only.
    if (references.isEmpty()) {
      references = fields.find("In-Reply-To").map(raw -> messageIds(raw, 1)).orElse(List.of());
    }
    ids.addAll(references);
    return List.copyOf(ids);
  }

  private static final int HEADER_BYTES_MAX = 1 << 18;
  private static final int REFERENCES_MAX = 200;

  private static List<String> messageIds(String raw, int max) {
    List<String> ids = new ArrayList<>();
    int at = 0;
    while (ids.size() < max) {
      int open = raw.indexOf('<', at);
      int close = open < 0 ? -1 : raw.indexOf('>', open);
      if (close < 0) break;
      String id = raw.substring(open + 1, close);
      if (!id.isBlank()) ids.add(id.strip());
      at = close + 1;
    }
    return ids;
  }

  /// Summaries by email, in pages.
  static Map<EmailId, MessageSummary> summaries(Mailbox mailbox, List<EmailId> emails) {
    Map<EmailId, MessageSummary> all = new HashMap<>();
    for (int from = 0; from < emails.size(); from += PAGE_COUNT) {
      all.putAll(
          mailbox.summaries(emails.subList(from, Math.min(emails.size(), from + PAGE_COUNT))));
    }
    return all;
  }
}
