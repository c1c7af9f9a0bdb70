package org.mailstead.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.directory.AccountId;
import org.mailstead.core.queue.EntryHook;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.QueueId;
import org.mailstead.core.queue.QueueStatus;
import org.mailstead.core.queue.RecipientState;
import org.mailstead.mailflow.limits.SendingLimits;
import org.mailstead.server.control.ControlServer.Word;
import tools.jackson.databind.JsonNode;

/// The mail queue of the whole service for the machine's operator (FLW-8), and what accounts have
/// used of the limits on recipients (LIM-3).
final class QueueWords {
  private static final int LISTED_MAX = 10_000;

  private final MailQueue queue;
  private final QueueStatus status;
  private final SendingLimits limits;
  private final Domain domain;

  QueueWords(Domain domain, SendingLimits limits) {
    this.domain = domain;
    this.queue = domain.queue();
    this.status = new QueueStatus(domain.store(), domain.clock());
    this.limits = limits;
  }

  Map<String, Word> words() {
    return Map.of(
        "queue-list", (request, _) -> list(request),
        "queue-count", (_, _) -> counts(),
        "queue-show", (request, _) -> show(request),
        "queue-hold", (request, _) -> change(request, queue::hold, "held"),
        "queue-release", (request, _) -> change(request, queue::unhold, "released"),
        "queue-retry", (request, _) -> change(request, queue::retry, "tried again now"),
        "queue-delete", (request, _) -> change(request, queue::delete, "deleted"),
        "sending-usage", (_, _) -> usage());
  }

  private List<String> list(JsonNode request) {
    int left = Math.clamp(request.path("count").asInt(100), 1, LISTED_MAX);
    String wanted = request.path("state").asString("");
    List<String> lines = new ArrayList<>();
    Optional<QueueId> after = Optional.empty();
    while (lines.size() < left) {
      List<QueueStatus.Summary> page = status.list(after, 500);
      for (QueueStatus.Summary each : page) {
        if (lines.size() == left) break;
        if (wanted.isEmpty() || wanted.equals(state(each))) lines.add(line(each));
      }
      if (page.size() < 500) break;
      after = Optional.of(page.getLast().id());
    }
    return lines.isEmpty() ? List.of("the queue is empty") : lines;
  }

  private List<String> counts() {
    QueueStatus.Counts counts = status.counts();
    return List.of(
        "messages            " + counts.entries(),
        "recipients waiting  " + counts.pendingRecipients(),
        "worked on           " + counts.workedOn(),
        "due                 " + counts.due(),
        "oldest              " + counts.oldest().map(Object::toString).orElse("-"));
  }

  private List<String> show(JsonNode request) {
    QueueStatus.Details details = status.find(id(request)).orElseThrow(() -> notFound(request));
    QueueStatus.Summary summary = details.summary();
    List<String> lines = new ArrayList<>();
    lines.add("message       " + summary.id() + "  " + state(summary));
    lines.add("organization  " + summary.envelope().organization());
    lines.add("origin        " + summary.envelope().origin().name().toLowerCase(Locale.ROOT));
    lines.add("sender        " + sender(summary));
    lines.add("received      " + summary.envelope().received());
    lines.add("expires       " + summary.envelope().expires());
    details.hook().ifPresent(hook -> lines.add("function      " + text(hook)));
    for (int i = 0; i < details.recipients().size(); i++) {
      RecipientState state = details.states().get(i);
      lines.add(
          "recipient     "
              + details.recipients().get(i).address()
              + "  "
              + state.status().name().toLowerCase(Locale.ROOT)
              + ", attempts "
              + state.attempts()
              + (state.isPending() ? ", next " + state.nextAttempt() : "")
              + (state.lastReply().isEmpty() ? "" : ": " + state.lastReply()));
    }
    return lines;
  }

  private static String text(EntryHook hook) {
    return switch (hook) {
      case EntryHook.Call call ->
          call.functionArn()
              + (call.isSynchronous() ? ", its answer is awaited until " : ", is told until ")
              + call.deadline()
              + "; calls "
              + call.attempts()
              + (call.lastFailure().isEmpty() ? "" : ", the last one: " + call.lastFailure());
      case EntryHook.Decided decided -> "decided by rule \"" + decided.rule() + "\"";
    };
  }

  private String change(
      JsonNode request, Function<QueueId, MailQueue.Operated> change, String done) {
    QueueId id = id(request);
    return switch (change.apply(id)) {
      case DONE -> id + " is " + done;
      case NOT_FOUND -> throw notFound(request);
      case WORKED_ON ->
          throw new RefusedException(
              Refusal.WRONG_STATE, id + " is being delivered now; ask again later");
      case NOTHING_TO_DO ->
          throw new RefusedException(
              Refusal.WRONG_STATE, id + " cannot be " + done + ": see `queue show`");
    };
  }

  private List<String> usage() {
    List<String> lines = new ArrayList<>();
    for (AccountId account : domain.directory().accounts().accounts()) {
      SendingLimits.Usage usage = limits.usage(account);
      lines.add("account " + account + ", until " + usage.until());
      lines.add(
          "  external recipients     "
              + usage.external()
              + " of "
              + usage.maxima().accountExternal());
      lines.add(
          "  from test domains       " + usage.test() + " of " + usage.maxima().accountTest());
      usage
          .users()
          .forEach((user, count) ->
              lines.add("  " + user + "  " + count + " of " + usage.maxima().userExternal()));
    }
    return lines;
  }

  private static QueueId id(JsonNode request) {
    String text = request.path("id").asString("");
    if (!text.matches("[0-9a-f]{32}")) {
      throw new RefusedException(
          Refusal.INVALID, "not a queue id (32 hexadecimal digits): " + text);
    }
    return QueueId.parse(text);
  }

  private static RefusedException notFound(JsonNode request) {
    return new RefusedException(
        Refusal.NOT_FOUND, "no such message in the queue: " + request.path("id").asString(""));
  }

  private static String line(QueueStatus.Summary summary) {
    return summary.id()
        + "  "
        + "%-10s".formatted(state(summary))
        + "  "
        + summary.envelope().received()
        + "  "
        + summary.pendingCount()
        + " of "
        + summary.recipientCount()
        + "  "
        + sender(summary)
        + (state(summary).equals("waiting") ? "  next " + summary.due() : "");
  }

  private static String sender(QueueStatus.Summary summary) {
    return "<" + summary.envelope().reversePath().map(EmailAddress::toString).orElse("") + ">";
  }

  private static String state(QueueStatus.Summary summary) {
    if (summary.isHeld()) return "held";
    return summary.isWorkedOn() ? "delivering" : "waiting";
  }
}
