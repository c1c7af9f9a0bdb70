package org.mailstead.core.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.LongStream;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.NIOFSDirectory;
import org.apache.lucene.store.NoLockFactory;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.FixedBitSet;
import org.mailstead.core.keys.SealingKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The index of one mailbox: for each email id, which terms its text has. How far it has come (the
/// highest email id looked at) is part of each commit, so that after a crash it goes on from there.
/// One writer at a time; searches run beside it.
final class TextIndex implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TextIndex.class);
  private static final String TEXT = "text";
  private static final String EMAIL = "email";
  private static final String REACHED = "reached";

  /// A term that no text has: it marks messages whose text is not wholly indexed.
  private static final String PARTIAL = "\uE000partial";

  private static final FieldType TERMS_ONLY = new FieldType();

  static {
    TERMS_ONLY.setTokenized(true);
    TERMS_ONLY.setOmitNorms(true);
    TERMS_ONLY.setIndexOptions(IndexOptions.DOCS);
    TERMS_ONLY.freeze();
  }

  /// Emails that may match and those that certainly do, both ascending and without common ones, and
  /// how far the index had come: every later email may match too.
  record Candidates(long[] possible, long[] sure, long reached) {}

  private final Path folder;
  private final Directory directory;
  private final ReentrantLock writing = new ReentrantLock();
  private final ReentrantLock reading = new ReentrantLock();
  private Optional<DirectoryReader> reader = Optional.empty();

  private TextIndex(Path folder, Directory directory) {
    this.folder = folder;
    this.directory = directory;
  }

  /// Opens the index in this folder; one that cannot be read (a crash, another key) is begun anew.
  static TextIndex open(Path folder, SealingKey key) throws IOException {
    Files.createDirectories(folder);
    TextIndex index = new TextIndex(folder, newDirectory(folder, key));
    try {
      index.refresh();
    } catch (IOException | IllegalArgumentException e) {
      LOG.info("search index {} is built again: {}", folder, e.getMessage());
      index.close();
      delete(folder);
      Files.createDirectories(folder);
      return new TextIndex(folder, newDirectory(folder, key));
    }
    return index;
  }

  private static Directory newDirectory(Path folder, SealingKey key) throws IOException {
    return new EncryptedDirectory(new NIOFSDirectory(folder, NoLockFactory.INSTANCE), key);
  }

  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) return;
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) Files.deleteIfExists(file);
    }
    Files.deleteIfExists(folder);
  }

  /// The highest email id that has been looked at.
  long reached() throws IOException {
    reading.lock();
    try {
      return reader.isEmpty() ? 0 : reached(reader.get());
    } finally {
      reading.unlock();
    }
  }

  /// Documents, those of removed emails included.
  long documentCount() {
    reading.lock();
    try {
      return reader.map(DirectoryReader::numDocs).orElse(0);
    } finally {
      reading.unlock();
    }
  }

  /// Indexes the next emails of the mailbox, one commit.
  ///
  /// @return whether more remain
  boolean feed(IndexedMailbox mailbox) throws IOException {
    writing.lock();
    try {
      long reached = reached();
      long[] emails = mailbox.emailsAfter(reached, SearchLimits.BATCH_EMAILS);
      if (emails.length == 0) return false;
      IndexWriterConfig config =
          new IndexWriterConfig()
              .setRAMBufferSizeMB(SearchLimits.WRITE_BUFFER_MEGABYTES)
              .setMergeScheduler(new SerialMergeScheduler())
              .setUseCompoundFile(true);
      try (IndexWriter writer = new IndexWriter(directory, config)) {
        long chars = 0;
        for (long email : emails) {
          Optional<IndexedMailbox.IndexedText> text = mailbox.text(email);
          writer.addDocument(document(email, text));
          chars += text.map(t -> t.folded().length()).orElse(0);
          reached = email;
          if (chars > SearchLimits.BATCH_CHARS_MAX) break;
        }
        writer.setLiveCommitData(Map.of(REACHED, Long.toString(reached)).entrySet());
        writer.commit();
      }
      refresh();
      return reached < mailbox.lastEmail();
    } finally {
      writing.unlock();
    }
  }

  private static Document document(long email, Optional<IndexedMailbox.IndexedText> text) {
    Document document = new Document();
    Set<String> terms = text.map(t -> Terms.of(t.folded())).orElse(Set.of());
    boolean whole =
        text.isPresent()
            && text.get().complete()
            && terms.size() < SearchLimits.TERMS_PER_EMAIL_MAX;
    document.add(new Field(TEXT, new TermStream(terms, whole), TERMS_ONLY));
    document.add(new NumericDocValuesField(EMAIL, email));
    return document;
  }

  /// The emails that may contain every one of these folded texts.
  Candidates candidates(List<String> texts) throws IOException {
    DirectoryReader snapshot;
    reading.lock();
    try {
      if (reader.isEmpty()) return new Candidates(new long[0], new long[0], 0);
      snapshot = reader.get();
      snapshot.incRef();
    } finally {
      reading.unlock();
    }
    try {
      List<Terms.Wanted> wanted = texts.stream().flatMap(t -> Terms.wanted(t).stream()).toList();
      boolean exact = texts.stream().allMatch(Terms::isOneTerm);
      LongStream.Builder possible = LongStream.builder();
      LongStream.Builder sure = LongStream.builder();
      for (LeafReaderContext leaf : snapshot.leaves()) {
        collect(leaf.reader(), wanted, possible, exact ? sure : possible);
      }
      return new Candidates(
          possible.build().sorted().toArray(), sure.build().sorted().toArray(), reached(snapshot));
    } finally {
      snapshot.decRef();
    }
  }

  /// @param partial takes the emails that are not indexed whole
  /// @param whole takes the others that have every wanted term
  private static void collect(
      LeafReader leaf,
      List<Terms.Wanted> wanted,
      LongStream.Builder partial,
      LongStream.Builder whole)
      throws IOException {
    org.apache.lucene.index.Terms terms = leaf.terms(TEXT);
    if (terms == null) return;
    FixedBitSet all = new FixedBitSet(leaf.maxDoc());
    all.set(0, leaf.maxDoc());
    FixedBitSet one = new FixedBitSet(leaf.maxDoc());
    for (Terms.Wanted want : wanted) {
      one.clear();
      mark(terms.iterator(), want, one);
      all.and(one);
      if (all.nextSetBit(0) == DocIdSetIterator.NO_MORE_DOCS) break;
    }
    TermsEnum marked = terms.iterator();
    FixedBitSet cut = new FixedBitSet(leaf.maxDoc());
    if (marked.seekExact(new BytesRef(PARTIAL))) cut.or(marked.postings(null, PostingsEnum.NONE));
    all.or(cut);
    NumericDocValues ids = leaf.getNumericDocValues(EMAIL);
    for (int doc = all.nextSetBit(0); doc != DocIdSetIterator.NO_MORE_DOCS; ) {
      if (ids.advanceExact(doc)) (cut.get(doc) ? partial : whole).add(ids.longValue());
      doc = doc + 1 < all.length() ? all.nextSetBit(doc + 1) : DocIdSetIterator.NO_MORE_DOCS;
    }
  }

  private static void mark(TermsEnum terms, Terms.Wanted want, FixedBitSet into)
      throws IOException {
    BytesRef text = new BytesRef(want.term());
    switch (want.match()) {
      case EXACT -> {
        if (terms.seekExact(text)) into.or(terms.postings(null, PostingsEnum.NONE));
      }
      case PREFIX -> {
        if (terms.seekCeil(text) == TermsEnum.SeekStatus.END) return;
        for (BytesRef term = terms.term(); term != null && startsWith(term, text); ) {
          into.or(terms.postings(null, PostingsEnum.NONE));
          term = terms.next();
        }
      }
      case SUFFIX, INFIX -> {
        boolean atEnd = want.match() == Terms.Match.SUFFIX;
        PostingsEnum postings = null;
        for (BytesRef term = terms.next(); term != null; term = terms.next()) {
          if (atEnd ? endsWith(term, text) : contains(term, text)) {
            postings = terms.postings(postings, PostingsEnum.NONE);
            into.or(postings);
          }
        }
      }
    }
  }

  private static boolean startsWith(BytesRef term, BytesRef text) {
    return term.length >= text.length && matches(term, term.offset, text);
  }

  private static boolean endsWith(BytesRef term, BytesRef text) {
    return term.length >= text.length
        && matches(term, term.offset + term.length - text.length, text);
  }

  private static boolean contains(BytesRef term, BytesRef text) {
    int last = term.offset + term.length - text.length;
    byte first = text.bytes[text.offset];
    for (int at = term.offset; at <= last; at++) {
      if (term.bytes[at] == first && matches(term, at, text)) return true;
    }
    return false;
  }

  private static boolean matches(BytesRef term, int at, BytesRef text) {
    for (int i = 0; i < text.length; i++) {
      if (term.bytes[at + i] != text.bytes[text.offset + i]) return false;
    }
    return true;
  }

  private static long reached(DirectoryReader reader) throws IOException {
    String reached = reader.getIndexCommit().getUserData().get(REACHED);
    return reached == null ? 0 : Long.parseLong(reached);
  }

  private void refresh() throws IOException {
    if (!DirectoryReader.indexExists(directory)) return;
    DirectoryReader fresh = DirectoryReader.open(directory);
    reading.lock();
    try {
      if (reader.isPresent()) reader.get().decRef();
      reader = Optional.of(fresh);
    } finally {
      reading.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    reading.lock();
    try {
      if (reader.isPresent()) reader.get().decRef();
      reader = Optional.empty();
    } finally {
      reading.unlock();
    }
    directory.close();
  }

  @Override
  public String toString() {
    return folder.toString();
  }

  /// Gives Lucene the terms of one message.
  private static final class TermStream extends TokenStream {
    private final CharTermAttribute attribute = addAttribute(CharTermAttribute.class);
    private final Iterator<String> terms;
    private boolean markPartial;

    TermStream(Set<String> terms, boolean whole) {
      this.terms = terms.iterator();
      this.markPartial = !whole;
    }

    @Override
    public boolean incrementToken() {
      if (terms.hasNext()) {
        attribute.setEmpty().append(terms.next());
        return true;
      }
      if (!markPartial) return false;
      markPartial = false;
      attribute.setEmpty().append(PARTIAL);
      return true;
    }
  }
}
