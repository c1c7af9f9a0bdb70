package org.mailstead.core.directory;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.store.Collection;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;
import org.mailstead.store.Store;

/// Client tokens: a call that is repeated with its token gets the first answer. Kept for a day;
/// every new one sweeps some old ones out.
final class ClientTokens {
  private static final Collection TOKENS = new Collection(4, "client tokens");
  private static final int FORMAT = 1;
  private static final int CHARS_MAX = 128;
  private static final int SWEPT_MAX = 50;

  private final InstantSource clock;

  ClientTokens(InstantSource clock) {
    this.clock = clock;
  }

  /// The first call's answer.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER: the token was used for another request
  Optional<String> find(
      Store store, PartitionId partition, String operation, NewOrganization request) {
    return request
        .clientToken()
        .flatMap(
            token -> find(store, partition, operation, token, EntityRows.folded(request.alias())));
  }

  Optional<String> find(
      Store store, PartitionId partition, String operation, String token, String subject) {
    return store.get(partition, TOKENS, key(operation, token)).flatMap(row -> answer(row, subject));
  }

  /// Two calls with one token at once: the second one tries again and finds the first one's answer.
  void refuseReuse(PartitionChange commit, String operation, NewOrganization request) {
    request
        .clientToken()
        .flatMap(token -> commit.get(TOKENS, key(operation, token)))
        .flatMap(row -> answer(row, EntityRows.folded(request.alias())))
        .ifPresent(_ -> {
          throw new org.mailstead.base.UnavailableException(
              "the same call is under way", java.time.Duration.ofSeconds(1));
        });
  }

  void put(PartitionChange commit, String operation, NewOrganization request, String answer) {
    request
        .clientToken()
        .ifPresent(
            token -> put(commit, operation, token, EntityRows.folded(request.alias()), answer));
  }

  void put(PartitionChange commit, String operation, String token, String subject, String answer) {
    for (Row row : commit.range(TOKENS, Range.all(), SWEPT_MAX).rows()) {
      if (isOver(new ValueReader(row.value(), FORMAT).time())) commit.delete(TOKENS, row.key());
    }
    commit.put(
        TOKENS,
        key(operation, token),
        new ValueWriter(FORMAT).time(clock.instant()).text(subject).text(answer).value());
  }

  private Optional<String> answer(byte[] row, String subject) {
    var in = new ValueReader(row, FORMAT);
    if (isOver(in.time())) return Optional.empty();
    if (!in.text().equals(subject)) {
      throw Texts.invalid("The client token was used for another request.");
    }
    return Optional.of(in.text());
  }

  private boolean isOver(Instant used) {
    return used.plus(DirectoryLimits.CLIENT_TOKEN_LIFE).isBefore(clock.instant());
  }

  private static byte[] key(String operation, String token) {
    if (token.isEmpty() || token.length() > CHARS_MAX) {
      throw Texts.invalid("The client token is not valid.");
    }
    return (operation + '\0' + token).getBytes(StandardCharsets.UTF_8);
  }
}
