package org.mailstead.formats.sieve;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;

/// One run of a script over one message.
final class Interpreter {
  private final SieveEnvironment environment;
  private final Variables variables;
  private final FlagVariables flags;
  private final Work work = new Work();
  private final Evaluator evaluator;
  private final List<SieveAction> actions = new ArrayList<>();
  private final List<Integer> taken = new ArrayList<>();
  private boolean implicitKeep = true;
  private SieveAction.@Nullable Keep keep;
  private int redirects;

  Interpreter(
      SieveMessage message,
      SieveEnvironment environment,
      Capabilities uses,
      Set<String> initialFlags) {
    this.environment = environment;
    this.variables = new Variables(uses.has(Capability.VARIABLES));
    this.flags = new FlagVariables(variables, initialFlags);
    this.evaluator =
        new Evaluator(
            message,
            environment,
            variables,
            flags,
            work,
            note -> {
              if (!actions.contains(note)) act(note);
            });
  }

  SieveOutcome run(List<Step> steps) {
    try {
      boolean stopped = !execute(steps);
      // The implicit keep has the flags of the end (RFC 5232 §5).
      if (implicitKeep && keep == null) act(new SieveAction.Keep(current()));
      boolean kept = actions.stream().anyMatch(each -> each instanceof SieveAction.Keep);
      return new SieveOutcome.Done(
          List.copyOf(actions), kept, stopped, current(), List.copyOf(taken));
    } catch (RunFailedException e) {
      return new SieveOutcome.Failed(String.valueOf(e.getMessage()));
    }
  }

  private Set<String> current() {
    return new LinkedHashSet<>(flags.internal());
  }

  /// @return whether it goes on
  private boolean execute(List<Step> steps) {
    for (Step step : steps) {
      try {
        if (!execute(step)) return false;
      } catch (RunFailedException e) {
        String text = String.valueOf(e.getMessage());
        if (text.startsWith("line ")) throw e;
        throw new RunFailedException("line " + step.place().line() + ": " + text);
      }
    }
    return true;
  }

  private boolean execute(Step step) {
    work.spend(1);
    switch (step) {
      case Step.If(var branches, var otherwise, var place) -> {
        for (Step.Branch branch : branches) {
          if (!evaluator.holds(branch.condition())) continue;
          taken.add(place.line());
          return execute(branch.steps());
        }
        return execute(otherwise);
      }
      case Step.Stop _ -> {
        return false;
      }
      case Step.Discard _ -> implicitKeep = false;
      case Step.Keep each -> keep(each);
      case Step.FileInto each -> fileInto(each);
      case Step.Redirect each -> {
        String address = address(each.address());
        var redirect = new SieveAction.Redirect(address);
        // RFC 5228 §2.10.3: the same action twice is done once.
        if (!actions.contains(redirect)) {
          countRedirect();
          act(redirect);
        }
        if (!each.copy()) implicitKeep = false;
      }
      case Step.Forward each -> {
        var forward = new SieveAction.Forward(address(each.address()));
        if (!actions.contains(forward)) {
          countRedirect();
          act(forward);
        }
      }
      case Step.Reject each -> reject(each);
      case Step.Vacation each -> vacation(each);
      case Step.ChangeFlags each -> flags.change(each);
      case Step.Assign each -> {
        work.spend(each.value().length());
        variables.assign(each);
      }
    }
    return true;
  }

  private void keep(Step.Keep step) {
    refuseAfterReject();
    Set<String> with =
        step.flags()
            .map(given -> FlagVariables.set(variables.expand(given)))
            .orElseGet(this::current);
    var next = new SieveAction.Keep(with);
    if (keep != null) actions.remove(keep);
    keep = next;
    act(next);
    implicitKeep = false;
  }

  private void fileInto(Step.FileInto step) {
    refuseAfterReject();
    String mailbox = variables.expand(step.mailbox());
    if (mailbox.isEmpty()) throw new RunFailedException("the name of a mailbox is empty");
    Set<String> with =
        step.flags()
            .map(given -> FlagVariables.set(variables.expand(given)))
            .orElseGet(this::current);
    Optional<String> use = step.specialUse().map(variables::expand);
    var next = new SieveAction.FileInto(mailbox, use, step.create(), with);
    // Once into each mailbox; the last flags count.
    actions.removeIf(each ->
        each instanceof SieveAction.FileInto(var name, var special, var _, var _)
            && name.equals(mailbox)
            && special.equals(use));
    act(next);
    if (!step.copy()) implicitKeep = false;
  }

  private void countRedirect() {
    refuseAfterReject();
    if (++redirects > environment.redirectsMax()) {
      throw new RunFailedException(
          "more than " + environment.redirectsMax() + " addresses to redirect or forward to");
    }
  }

  private String address(String text) {
    String expanded = variables.expand(text);
    try {
      return EmailAddress.parse(expanded).toString();
    } catch (MalformedException e) {
      throw new RunFailedException("\"" + expanded + "\" is no address: " + e.getMessage());
    }
  }

  /// RFC 5429 §2.1, §2.2: a rejected message is neither delivered nor answered otherwise.
  private void reject(Step.Reject step) {
    boolean others =
        actions.stream().anyMatch(each -> !(each instanceof SieveAction.NoteDuplicate));
    if (others) throw new RunFailedException("reject does not go together with other actions");
    act(new SieveAction.Reject(variables.expand(step.reason()), step.extended()));
    implicitKeep = false;
  }

  private void refuseAfterReject() {
    if (actions.stream().anyMatch(each -> each instanceof SieveAction.Reject)) {
      throw new RunFailedException("reject does not go together with other actions");
    }
  }

  private void vacation(Step.Vacation step) {
    refuseAfterReject();
    // RFC 5230 §4.7.
    if (actions.stream().anyMatch(each -> each instanceof SieveAction.Vacation)) {
      throw new RunFailedException("vacation comes twice");
    }
    String reason = variables.expand(step.reason());
    Optional<String> subject = step.subject().map(variables::expand);
    Optional<String> from = step.from().map(variables::expand);
    // RFC 5230 §4.2: without a handle, what it says is what it is.
    String handle =
        step.handle()
            .map(variables::expand)
            .orElseGet(() ->
                String.join(
                    "\0",
                    subject.orElse(""),
                    from.orElse("").toLowerCase(Locale.ROOT),
                    Boolean.toString(step.mime()),
                    reason));
    act(
        new SieveAction.Vacation(
            reason,
            subject,
            from,
            variables.expand(step.addresses()),
            step.mime(),
            handle,
            Duration.ofSeconds(step.seconds())));
  }

  private void act(SieveAction action) {
    if (actions.size() == SieveLimits.ACTIONS_MAX) {
      throw new RunFailedException("more than " + SieveLimits.ACTIONS_MAX + " actions");
    }
    actions.add(action);
  }
}
