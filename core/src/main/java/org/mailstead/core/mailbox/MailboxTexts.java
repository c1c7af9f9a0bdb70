package org.mailstead.core.mailbox;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.LongStream;
import org.mailstead.base.Content;
import org.mailstead.base.EmailId;
import org.mailstead.base.MailboxId;
import org.mailstead.base.RefusedException;
import org.mailstead.core.keys.SealingKey;
import org.mailstead.core.search.IndexedMailbox;
import org.mailstead.core.search.TextIndexes;
import org.mailstead.formats.mime.MessageText;
import org.mailstead.formats.mime.SearchText;
import org.mailstead.store.DamagedBlobException;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// The texts of one mailbox, as the full-text index sees them, and the index's answers as UIDs of a
/// folder.
final class MailboxTexts implements IndexedMailbox {
  private final Store store;
  private final PartitionId partition;
  private final Mailbox mailbox;
  private final SealingKey key;

  MailboxTexts(Store store, PartitionId partition, Mailbox mailbox, SealingKey key) {
    this.store = store;
    this.partition = partition;
    this.mailbox = mailbox;
    this.key = key;
  }

  /// UIDs of the view whose headers or body may contain each of these folded texts; empty when
  /// everything must be read.
  Optional<TextCandidates> candidates(
      TextIndexes indexes, FolderView view, java.util.List<String> texts) {
    return indexes.candidates(this, texts).map(answer -> candidates(answer, view));
  }

  private static TextCandidates candidates(TextIndexes.Answer answer, FolderView view) {
    LongStream.Builder possible = LongStream.builder();
    LongStream.Builder sure = LongStream.builder();
    for (int sequence = 1; sequence <= view.count(); sequence++) {
      long email = view.email(sequence).value();
      if (Arrays.binarySearch(answer.sure(), email) >= 0) {
        sure.add(view.uid(sequence));
      } else if (email > answer.reached() || Arrays.binarySearch(answer.possible(), email) >= 0) {
        possible.add(view.uid(sequence));
      }
    }
    return new TextCandidates(possible.build().toArray(), sure.build().toArray());
  }

  @Override
  public MailboxId id() {
    return mailbox.id();
  }

  @Override
  public SealingKey searchKey() {
    return key;
  }

  @Override
  public long emailCount() {
    return mailbox.folders().stream().mapToLong(Folder::messageCount).sum();
  }

  @Override
  public long lastEmail() {
    return mailbox.committer().state().head().nextEmail() - 1;
  }

  @Override
  public long[] emailsAfter(long email, int countMax) {
    if (email >= lastEmail()) return new long[0];
    LongStream.Builder emails = LongStream.builder();
    int count = 0;
    long last = email;
    Optional<Range> next = Optional.of(Range.from(Rows.message(email + 1, 0)));
    while (next.isPresent() && count < countMax) {
      Page page = store.range(partition, Rows.MESSAGES, next.get(), countMax);
      for (Row row : page.rows()) {
        long id = Rows.id(row.key());
        if (id == last || count == countMax) continue; // further parts of one message
        emails.add(id);
        last = id;
        count++;
      }
      next = page.next();
    }
    return emails.build().toArray();
  }

  @Override
  public Optional<IndexedText> text(long email) {
    EmailId id = new EmailId(email);
    try (Content content = mailbox.content(id)) {
      MessageText text = MessageText.of(content.buffer(), mailbox.summary(id).structure());
      return Optional.of(
          new IndexedText(SearchText.fold(text.headers() + "\n" + text.body()), text.complete()));
    } catch (RefusedException | DamagedBlobException e) {
      return Optional.empty(); // gone, or not readable: a candidate for every search
    }
  }
}
