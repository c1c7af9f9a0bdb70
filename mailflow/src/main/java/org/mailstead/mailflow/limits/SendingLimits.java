package org.mailstead.mailflow.limits;

import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.mailstead.base.EntityId;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.directory.AccountId;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.queue.CountedRecipients;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.SendingMaxima;

/// Counts recipients against the limits of a user and an account (LIM-3). A day is a day of UTC.
/// Thread-safe.
///
/// **Exact.** The truth is in the queue's shards: a row for each accepted message, written by the
/// commit that accepts it. Here is its sum, read once for each account and day, plus what is being
/// accepted just now. Whoever sends first [#reserve]s room, commits with [Reservation#counted] in
/// the entry, and says [Reservation#keep]; closing a reservation that was not kept gives the room
/// back. So two messages at once never share the last place, and after a crash the sum is that of
/// what was accepted. If the outcome of a commit is unknown the room stays taken until nothing else
/// of the account is under way; then the sum is read anew.
///
/// One process accepts mail for a store (docs/decisions/0050-recipient-limits.md).
public final class SendingLimits {
  /// What one message adds.
  ///
  /// @param external recipients outside the organization
  /// @param test all its recipients, if a test domain sends it
  public record Load(int external, int test) {
    public static final Load NONE = new Load(0, 0);

    public boolean isNothing() {
      return external == 0 && test == 0;
    }
  }

  /// Which limit is full.
  public enum Limit {
    USER_EXTERNAL,
    ACCOUNT_EXTERNAL,
    ACCOUNT_TEST
  }

  /// The answer to a reservation.
  public sealed interface Answer {
    /// @param max the limit's value
    /// @param never whether the message is beyond the limit by itself, on any day
    record Full(Limit limit, int max, boolean never) implements Answer {}

    record Reserved(Reservation reservation) implements Answer {}
  }

  /// What an account has used of its limits today.
  ///
  /// @param until when the counts begin anew
  /// @param users external recipients by user
  public record Usage(
      Instant until,
      long external,
      long test,
      SortedMap<String, Long> users,
      SendingMaxima maxima) {}

  private record Key(String account, long day) {}

  private final MailQueue queue;
  private final Directory directory;
  private final SendingMaxima maxima;
  private final InstantSource clock;
  private final Map<Key, Book> books = new ConcurrentHashMap<>();

  public SendingLimits(
      MailQueue queue, Directory directory, SendingMaxima maxima, InstantSource clock) {
    this.queue = queue;
    this.directory = directory;
    this.maxima = maxima;
    this.clock = clock;
  }

  /// Begins to count the recipients of one message.
  public SendingCount count(OrganizationId organization, EntityId user) {
    Organization sender = directory.organizations().load(organization);
    return new SendingCount(this, directory.recipients(), sender, user);
  }

  /// Whether the message would go beyond a limit as things are.
  public Optional<Answer.Full> full(AccountId account, EntityId user, Load load) {
    if (load.isNothing()) return Optional.empty();
    Book book = book(account.value());
    book.lock.lock();
    try {
      book.refresh();
      return book.full(user.value(), load);
    } finally {
      book.lock.unlock();
    }
  }

  /// Takes the room that the message needs, or says which limit leaves too little.
  public Answer reserve(AccountId account, EntityId user, Load load) {
    Book book = book(account.value());
    book.lock.lock();
    try {
      book.refresh();
      Optional<Answer.Full> full = book.full(user.value(), load);
      if (full.isPresent()) return full.get();
      return new Answer.Reserved(new Reservation(book, user.value(), load));
    } finally {
      book.lock.unlock();
    }
  }

  public Usage usage(AccountId account) {
    Book book = book(account.value());
    book.lock.lock();
    try {
      book.refresh();
      return new Usage(
          CountedRecipients.startOf(book.key.day() + 1),
          book.external,
          book.test,
          new TreeMap<>(book.users),
          maxima);
    } finally {
      book.lock.unlock();
    }
  }

  private Book book(String account) {
    long day = CountedRecipients.dayOf(clock.instant());
    // Yesterday's may still have reservations; it is not asked any more.
    books.keySet().removeIf(key -> key.day() < day - 1);
    return books.computeIfAbsent(new Key(account, day), Book::new);
  }

  /// One account's sum of one day.
  private final class Book {
    private final ReentrantLock lock = new ReentrantLock();
    private final Key key;
    private final Map<String, Long> users = new HashMap<>();
    private long external;
    private long test;
    private int open;
    private boolean loaded;

    Book(Key key) {
      this.key = key;
    }

    /// Reads the sum if it is not known, unless that would lose what is under way.
    void refresh() {
      if (loaded || open > 0) return;
      users.clear();
      external = 0;
      test = 0;
      for (CountedRecipients each : queue.counted(key.day(), key.account())) {
        add(each.user(), each.external(), each.test());
      }
      loaded = true;
    }

    Optional<Answer.Full> full(String user, Load load) {
      if (load.external() > 0) {
        long used = users.getOrDefault(user, 0L);
        if (used + load.external() > maxima.userExternal()) {
          return full(Limit.USER_EXTERNAL, maxima.userExternal(), load.external());
        }
        if (external + load.external() > maxima.accountExternal()) {
          return full(Limit.ACCOUNT_EXTERNAL, maxima.accountExternal(), load.external());
        }
      }
      if (load.test() > 0 && test + load.test() > maxima.accountTest()) {
        return full(Limit.ACCOUNT_TEST, maxima.accountTest(), load.test());
      }
      return Optional.empty();
    }

    private static Optional<Answer.Full> full(Limit limit, int max, int wanted) {
      return Optional.of(new Answer.Full(limit, max, wanted > max));
    }

    void add(String user, int moreExternal, int moreTest) {
      if (moreExternal != 0) users.merge(user, (long) moreExternal, Long::sum);
      external += moreExternal;
      test += moreTest;
    }
  }

  /// Room taken for one message. Close it when the message is accepted or not.
  public static final class Reservation implements AutoCloseable {
    private final Book book;
    private final String user;
    private final Load load;
    private boolean kept;
    private boolean closed;

    private Reservation(Book book, String user, Load load) {
      this.book = book;
      this.user = user;
      this.load = load;
      book.add(user, load.external(), load.test());
      book.open++;
    }

    /// Goes into one of the message's queue entries.
    public CountedRecipients counted() {
      return new CountedRecipients(
          book.key.day(), book.key.account(), user, load.external(), load.test());
    }

    /// The commit is done.
    public void keep() {
      kept = true;
    }

    /// Whether the commit is done cannot be known.
    public void doubt() {
      book.lock.lock();
      try {
        kept = true;
        book.loaded = false;
      } finally {
        book.lock.unlock();
      }
    }

    @Override
    public void close() {
      book.lock.lock();
      try {
        if (closed) return;
        closed = true;
        book.open--;
        if (!kept) book.add(user, -load.external(), -load.test());
      } finally {
        book.lock.unlock();
      }
    }
  }
}
