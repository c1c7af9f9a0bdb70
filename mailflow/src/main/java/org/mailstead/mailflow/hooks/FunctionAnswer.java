package org.mailstead.mailflow.hooks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.core.queue.EntryHook;
import org.mailstead.core.queue.EntryHook.Direction;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a function says is to be done, read strictly: an answer with a fault counts as none.
///
/// - An action for named recipients goes before one for all recipients (WorkMail guide, Synchronous
///   Run Lambda response schema). If several actions name the same recipient, or several are for
///   all, the most restrictive decides; the guide does not say.
/// - Recipients that no action is for, and those named by the eleventh action and later ones only,
///   get the fallback.
///
/// @param named by address, in the order of the answer; `Optional.empty()` is the fallback
/// @param others for everybody else; empty: the fallback
public record FunctionAnswer(Map<EmailAddress, Optional<Action>> named, Optional<Action> others) {
  /// Of an answer, or of a rule's fallback.
  public sealed interface Action {
    /// Names in answers and in events.
    String type();

    /// Not delivered, nobody hears of it.
    record Drop() implements Action {
      @Override
      public String type() {
        return "DROP";
      }
    }

    /// Not delivered, the sender hears of it.
    ///
    /// @param message what the sender is told
    record Bounce(Optional<String> message) implements Action {
      @Override
      public String type() {
        return "BOUNCE";
      }
    }

    record MoveToJunk() implements Action {
      @Override
      public String type() {
        return "MOVE_TO_JUNK";
      }
    }

    /// As without the rule.
    record Default() implements Action {
      @Override
      public String type() {
        return "DEFAULT";
      }
    }

    /// To the inbox, spam or not.
    record BypassSpamCheck() implements Action {
      @Override
      public String type() {
        return "BYPASS_SPAM_CHECK";
      }
    }

    /// By way of an SMTP gateway: as a fallback only.
    record Gateway(String id) implements Action {
      @Override
      public String type() {
        return "ROUTE_TO_SMTP_GATEWAY";
      }
    }
  }

  private static final List<String> RESTRICTIVE_FIRST =
      List.of("DROP", "BOUNCE", "MOVE_TO_JUNK", "DEFAULT", "BYPASS_SPAM_CHECK");

  private static final Comparator<Action> BY_RESTRICTION =
      Comparator.comparingInt(action -> RESTRICTIVE_FIRST.indexOf(action.type()));

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(HookLimits.DEPTH_MAX).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /// What a rule does without an answer.
  public static Action fallback(EntryHook.Call call) {
    return switch (call.fallback()) {
      case "DROP" -> new Action.Drop();
      case "BOUNCE" -> new Action.Bounce(Optional.empty());
      case "DELIVER_TO_JUNK" -> new Action.MoveToJunk();
      case "NEVER_DELIVER_TO_JUNK" -> new Action.BypassSpamCheck();
      case "ROUTE_TO_SMTP_GATEWAY" -> new Action.Gateway(call.gateway().orElse(""));
      case "DEFAULT" -> new Action.Default();
      default -> throw new IllegalStateException("fallback of a rule: " + call.fallback());
    };
  }

  /// @throws MalformedException it is no answer; the text says why
  public static FunctionAnswer parse(byte[] payload, Direction direction) {
    JsonNode answer;
    try {
      answer = JSON.readTree(payload);
    } catch (JacksonException e) {
      throw new MalformedException("the answer is not JSON");
    }
    if (answer == null || !answer.path("actions").isArray()) {
      throw new MalformedException("the answer has no list \"actions\"");
    }
    Map<EmailAddress, Optional<Action>> named = new LinkedHashMap<>();
    Set<EmailAddress> beyond = new HashSet<>();
    List<Action> all = new ArrayList<>();
    int count = 0;
    for (JsonNode each : answer.path("actions")) {
      Action action = action(each.path("action"), direction);
      List<EmailAddress> recipients = recipients(each.path("recipients"));
      boolean isForAll = isForAll(each.path("allRecipients"));
      if (recipients.isEmpty() && !isForAll) {
        throw new MalformedException("an action has neither recipients nor allRecipients");
      }
      if (++count > HookLimits.ACTIONS_MAX) {
        beyond.addAll(recipients);
        continue;
      }
      if (isForAll) all.add(action);
      for (EmailAddress recipient : recipients) {
        named.merge(
            recipient,
            Optional.of(action),
            (before, _) ->
                Optional.of(
                    BY_RESTRICTION.compare(before.orElseThrow(), action) <= 0
                        ? before.orElseThrow()
                        : action));
      }
    }
    for (EmailAddress each : beyond) named.putIfAbsent(each, Optional.empty());
    if (named.size() > HookLimits.RECIPIENTS_MAX) {
      throw new MalformedException(
          "the answer names more than " + HookLimits.RECIPIENTS_MAX + " recipients");
    }
    return new FunctionAnswer(named, all.stream().min(BY_RESTRICTION));
  }

  private static Action action(JsonNode action, Direction direction) {
    String type = action.path("type").asString("");
    boolean inbound = direction == Direction.INBOUND;
    return switch (type) {
      case "DROP" -> new Action.Drop();
      case "DEFAULT" -> new Action.Default();
      case "BOUNCE" -> {
        JsonNode message = action.path("parameters").path("bounceMessage");
        if (message.isMissingNode() || message.isNull()) {
          yield new Action.Bounce(Optional.empty());
        }
        if (!message.isString()) throw new MalformedException("bounceMessage is not a text");
        yield new Action.Bounce(
            Optional.of(message.stringValue().replaceAll("\\p{Cntrl}+", " ").strip())
                .filter(text -> !text.isEmpty()));
      }
      case "BYPASS_SPAM_CHECK" -> {
        if (!inbound) throw unknown(type, direction);
        yield new Action.BypassSpamCheck();
      }
      case "MOVE_TO_JUNK" -> {
        if (!inbound) throw unknown(type, direction);
        yield new Action.MoveToJunk();
      }
      default -> throw unknown(type, direction);
    };
  }

  private static MalformedException unknown(String type, Direction direction) {
    String shown = type.length() > 40 ? type.substring(0, 40) : type;
    return new MalformedException(
        direction + " rules have no action type \"" + shown.replaceAll("[^ -~]", "?") + "\"");
  }

  private static boolean isForAll(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) return false;
    if (!value.isBoolean()) throw new MalformedException("allRecipients is neither true nor false");
    return value.booleanValue();
  }

  private static List<EmailAddress> recipients(JsonNode list) {
    List<EmailAddress> found = new ArrayList<>();
    if (list.isMissingNode() || list.isNull()) return found;
    if (!list.isArray()) throw new MalformedException("recipients is not a list");
    for (JsonNode each : list) {
      if (!each.isString()) throw new MalformedException("a recipient is not a text");
      try {
        found.add(EmailAddress.parse(each.stringValue()));
      } catch (MalformedException e) {
        throw new MalformedException("a recipient is not an address");
      }
    }
    return found;
  }
}
