package org.mailstead.core.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mailstead.base.MalformedException;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.MailboxRecords;
import org.mailstead.core.mailbox.MailboxRecords.Kind;
import org.mailstead.formats.sieve.SieveAction;
import org.mailstead.formats.sieve.SieveEnvironment;
import org.mailstead.formats.sieve.SieveMessage;
import org.mailstead.formats.sieve.SieveOutcome;
import org.mailstead.formats.sieve.SieveScript;

/// What runs when a message is delivered into a mailbox, in this order: the out-of-office script,
/// the inbox rules, the active script. The out-of-office reply goes out whatever the others do with
/// the message, unless they reject it. The active script runs only if the inbox rules leave the
/// message in INBOX and did not stop; flags that they gave stay
/// (docs/decisions/0061-order-of-scripts.md).
public final class DeliveryScripts {
  /// Which of them.
  public enum Stage {
    OUT_OF_OFFICE("the out-of-office reply"),
    INBOX_RULES("the inbox rules"),
    SCRIPT("the Sieve script");

    private final String words;

    Stage(String words) {
      this.words = words;
    }

    /// For people.
    public String words() {
      return words;
    }
  }

  private record Loaded(Stage stage, String text, SieveScript script) {}

  /// A script that could not be run to its end.
  ///
  /// @param text the script's
  public record Broken(Stage stage, String text, String error) {}

  /// What is to be done.
  ///
  /// @param applied the inbox rules whose conditions held, in order
  /// @param broken the message is to be kept in INBOX then, and nothing else done
  public record Plan(List<SieveAction> actions, List<InboxRule> applied, Optional<Broken> broken) {}

  private final List<Loaded> scripts;
  private final Optional<Broken> broken;

  private DeliveryScripts(List<Loaded> scripts, Optional<Broken> broken) {
    this.scripts = scripts;
    this.broken = broken;
  }

  /// Empty if nothing runs.
  public static Optional<DeliveryScripts> load(Mailbox mailbox) {
    MailboxRecords.Snapshot records = mailbox.records().load();
    if (records.isEmpty()) return Optional.empty();
    var scripts = new ArrayList<Loaded>();
    Optional<Broken> broken =
        add(scripts, Stage.OUT_OF_OFFICE, records.find(Kind.OUT_OF_OFFICE, MailboxScripts.ONLY))
            .or(() ->
                add(
                    scripts,
                    Stage.INBOX_RULES,
                    records.find(Kind.INBOX_RULES, MailboxScripts.ONLY)))
            .or(() ->
                add(
                    scripts,
                    Stage.SCRIPT,
                    MailboxScripts.active(records)
                        .flatMap(name -> records.find(Kind.SIEVE_SCRIPT, name))));
    if (scripts.isEmpty() && broken.isEmpty()) return Optional.empty();
    return Optional.of(new DeliveryScripts(List.copyOf(scripts), broken));
  }

  private static Optional<Broken> add(List<Loaded> scripts, Stage stage, Optional<byte[]> value) {
    if (value.isEmpty()) return Optional.empty();
    String text = MailboxScripts.text(value.get());
    try {
      scripts.add(new Loaded(stage, text, SieveScript.parse(text)));
      return Optional.empty();
    } catch (MalformedException e) {
      // It was right when it was put: a later version understands it otherwise.
      return Optional.of(new Broken(stage, text, String.valueOf(e.getMessage())));
    }
  }

  /// Whether a run may send something.
  public boolean maySend() {
    return scripts.stream().anyMatch(each -> each.script().maySend());
  }

  /// Whether a run may reject the message.
  public boolean mayReject() {
    return scripts.stream().anyMatch(each -> each.script().mayReject());
  }

  public Plan run(SieveMessage message, SieveEnvironment environment) {
    if (broken.isPresent()) return new Plan(List.of(), List.of(), broken);
    List<InboxRule> applied = List.of();
    var actions = new ArrayList<SieveAction>();
    Set<String> flags = Set.of();
    boolean over = false;
    for (Loaded each : scripts) {
      if (over && each.stage() == Stage.SCRIPT) break;
      switch (each.script().run(message, environment, flags)) {
        case SieveOutcome.Failed(String error) -> {
          return new Plan(
              List.of(), List.of(), Optional.of(new Broken(each.stage(), each.text(), error)));
        }
        case SieveOutcome.Done done -> {
          flags = done.flags();
          // What an earlier one kept, the next one decides about.
          actions.removeIf(action -> action instanceof SieveAction.Keep);
          boolean answered = actions.stream().anyMatch(SieveAction.Vacation.class::isInstance);
          for (SieveAction action : done.actions()) {
            // One answer to one message.
            if (answered && action instanceof SieveAction.Vacation) continue;
            if (!actions.contains(action)) actions.add(action);
          }
          if (each.stage() == Stage.INBOX_RULES) {
            over = done.stopped() || !done.kept();
            applied = RuleText.at(each.text(), done.taken());
          }
        }
      }
    }
    if (actions.stream().anyMatch(SieveAction.Reject.class::isInstance)) {
      actions.removeIf(action ->
          !(action instanceof SieveAction.Reject || action instanceof SieveAction.NoteDuplicate));
    }
    return new Plan(List.copyOf(actions), applied, Optional.empty());
  }
}
