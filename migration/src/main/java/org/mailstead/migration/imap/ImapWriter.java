package org.mailstead.migration.imap;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.MalformedException;
import org.mailstead.imap.client.ClientCommand;
import org.mailstead.imap.client.ImapClient;
import org.mailstead.imap.wire.ImapResponse;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.ItemWriter;
import org.mailstead.migration.item.NewItem;
import org.mailstead.migration.item.WriteResult;

/// Appends messages to one folder: a batch is one MULTIAPPEND where the server has it, otherwise
/// one APPEND for each message; several batches are under way at once where the server takes
/// literals without a go-ahead.
final class ImapWriter implements ItemWriter {
  private record Sent(List<String> tags, int count) {}

  private final ImapConnections connections;
  private final ImapClient client;
  private final String folder;
  private final boolean anyKeyword;
  private final Set<String> permanentFlags;
  private final boolean several;
  private final int inFlightMax;
  private final Deque<Sent> inFlight = new ArrayDeque<>();
  private boolean sound = true;
  private boolean keeping;

  /// @param keeping whether messages keep their UIDs: then one batch after the other, because they
  ///   must come in order
  /// @param permanentFlags what the folder can keep, in lower case; empty for everything
  ImapWriter(
      ImapConnections connections,
      ImapClient client,
      String folder,
      Set<String> permanentFlags,
      Provider provider,
      boolean keeping)
      throws IOException {
    this.keeping = keeping;
    this.connections = connections;
    this.client = client;
    this.folder = folder;
    this.permanentFlags = permanentFlags;
    this.anyKeyword = permanentFlags.isEmpty() || permanentFlags.contains("\\*");
    this.several = client.capabilities().contains("MULTIAPPEND");
    this.inFlightMax =
        keeping ? 1 : client.capabilities().contains("LITERAL+") ? provider.batchesInFlight() : 1;
  }

  @Override
  public int batchesInFlightMax() {
    return inFlightMax;
  }

  @Override
  public void send(List<NewItem> batch) throws IOException {
    boolean passed = false;
    try {
      List<ClientCommand.Message> messages = new ArrayList<>(batch.size());
      for (NewItem item : batch) messages.add(message(item));
      List<String> tags = new ArrayList<>();
      if (several) {
        tags.add(client.send(new ClientCommand.Append(folder, messages)));
      } else {
        for (ClientCommand.Message message : messages) {
          tags.add(client.send(new ClientCommand.Append(folder, List.of(message))));
        }
      }
      inFlight.add(new Sent(tags, batch.size()));
      passed = true;
    } catch (MalformedException e) {
      throw new IOException("the server does not keep to the protocol: " + e.getMessage(), e);
    } finally {
      sound &= passed;
    }
  }

  private ClientCommand.Message message(NewItem item) {
    Set<String> flags = new HashSet<>();
    for (String flag : item.flags()) {
      if (isKeepable(flag, permanentFlags, anyKeyword)) flags.add(flag);
    }
    Optional<java.time.Instant> received =
        item.received().equals(ItemSummary.NO_DATE)
            ? Optional.empty()
            : Optional.of(item.received());
    String extension = keeping ? KeptNumbers.extension(item) : "";
    return new ClientCommand.Message(flags, received, extension, item.content());
  }

  static boolean isKeepable(String flag, Set<String> permanentFlags, boolean anyKeyword) {
    if (flag.equalsIgnoreCase("\\Recent")) return false;
    if (anyKeyword && !flag.startsWith("\\")) return isAtom(flag);
    if (permanentFlags.isEmpty()) return true;
    return permanentFlags.contains(flag.toLowerCase(Locale.ROOT));
  }

  /// A keyword that could break the command is not sent.
  private static boolean isAtom(String flag) {
    return !flag.isEmpty()
        && flag.chars().allMatch(c -> c > ' ' && c < 0x7F && "(){%*\"\\]".indexOf(c) < 0);
  }

  @Override
  public List<WriteResult> receive() throws IOException {
    Sent sent = inFlight.peekFirst();
    if (sent == null) throw new IOException("no answer is awaited");
    boolean passed = false;
    try {
      List<WriteResult> results = new ArrayList<>(sent.count());
      for (String tag : sent.tags()) {
        ImapResponse.Status status = client.await(tag, ImapWriter::untagged);
        int count = several ? sent.count() : 1;
        if (keeping && status.code().toUpperCase(Locale.ROOT).startsWith("ALREADYEXISTS")) {
          // Other mail is there meanwhile: from now on the folder's own numbers.
          keeping = false;
          WriteResult again = new WriteResult.Refused(WriteResult.Reason.BATCH, status.text());
          results.addAll(java.util.Collections.nCopies(count, again));
          continue;
        }
        results.addAll(status.isOk() ? written(status, count) : refused(status, count));
      }
      inFlight.removeFirst();
      passed = true;
      return results;
    } catch (MalformedException e) {
      throw new IOException("the server does not keep to the protocol: " + e.getMessage(), e);
    } finally {
      sound &= passed;
    }
  }

  private static void untagged(ImapResponse response) {
    if (response instanceof ImapResponse.Status status && status.word().equals("BYE")) {
      ImapFailures.throwIfThrottled("append", status);
    }
  }

  /// RFC 4315 §3: `APPENDUID 38505 3955:3957`, in the order of the messages.
  private static List<WriteResult> written(ImapResponse.Status status, int count) {
    List<WriteResult> results = new ArrayList<>(count);
    String[] words = status.code().split(" ", -1);
    if (words.length == 3 && words[0].equalsIgnoreCase("APPENDUID")) {
      for (String range : words[2].split(",", -1)) {
        String[] ends = range.split(":", 2);
        long first = ImapFailures.number(ends[0]);
        long last = ends.length > 1 ? ImapFailures.number(ends[1]) : first;
        for (long uid = first; uid <= last && results.size() < count; uid++) {
          results.add(new WriteResult.Written(Long.toString(uid)));
        }
      }
    }
    if (results.size() != count) {
      results.clear();
      for (int i = 0; i < count; i++) results.add(new WriteResult.Written(""));
    }
    return results;
  }

  private static List<WriteResult> refused(ImapResponse.Status status, int count) {
    ImapFailures.throwIfThrottled("append", status);
    WriteResult.Reason reason = ImapFailures.appendRefused(status);
    if (count > 1
        && (reason == WriteResult.Reason.CONTENT || reason == WriteResult.Reason.TOO_LARGE)) {
      reason = WriteResult.Reason.BATCH;
    }
    List<WriteResult> results = new ArrayList<>(count);
    for (int i = 0; i < count; i++) results.add(new WriteResult.Refused(reason, status.text()));
    return results;
  }

  @Override
  public void close() {
    if (sound && inFlight.isEmpty()) connections.giveBack(client);
    else connections.discard(client);
  }
}
