package org.mailstead.formats.sieve;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.mailstead.base.MalformedException;

/// A checked script. Immutable; run it as often as you like, from any thread.
///
/// **Two steps.** [#parse] finds everything that is wrong whatever the message: grammar, unknown or
/// unrequired extensions, bad arguments, limits. [#run] can fail only on what the message brings:
/// too many actions, actions that exclude each other, strings that grow too long, too much work.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5228 RFC 5228
public final class SieveScript {
  private final List<Step> steps;
  private final Capabilities uses;

  private SieveScript(ScriptCompiler.Compiled compiled) {
    this.steps = compiled.steps();
    this.uses = compiled.uses();
  }

  /// @throws MalformedException with line, column and reason
  public static SieveScript parse(String text) {
    if (text.length() > SieveLimits.SCRIPT_BYTES_MAX
        || text.getBytes(StandardCharsets.UTF_8).length > SieveLimits.SCRIPT_BYTES_MAX) {
      throw new MalformedException(
          "line 1, column 1: the script is longer than "
              + SieveLimits.SCRIPT_BYTES_MAX
              + " octets");
    }
    return new SieveScript(ScriptCompiler.compile(SyntaxParser.parse(text)));
  }

  /// Never throws because of a message.
  public SieveOutcome run(SieveMessage message, SieveEnvironment environment) {
    return run(message, environment, Set.of());
  }

  /// @param flags that an earlier script has given to the message
  public SieveOutcome run(SieveMessage message, SieveEnvironment environment, Set<String> flags) {
    return new Interpreter(message, environment, uses, flags).run(steps);
  }

  /// Whether a run may send something: redirect, forward, answer.
  public boolean maySend() {
    return has(steps, Sort.SENDS);
  }

  /// Whether a run may reject the message.
  public boolean mayReject() {
    return has(steps, Sort.REJECTS);
  }

  private enum Sort {
    SENDS,
    REJECTS
  }

  private static boolean has(List<Step> steps, Sort wanted) {
    return steps.stream()
        .anyMatch(step ->
            switch (step) {
              case Step.Redirect _, Step.Forward _, Step.Vacation _ -> wanted == Sort.SENDS;
              case Step.Reject _ -> wanted == Sort.REJECTS;
              case Step.If(var branches, var otherwise, var _) ->
                  has(otherwise, wanted)
                      || branches.stream().anyMatch(branch -> has(branch.steps(), wanted));
              case Step.Stop _,
                  Step.Discard _,
                  Step.Keep _,
                  Step.FileInto _,
                  Step.ChangeFlags _,
                  Step.Assign _ ->
                  false;
            });
  }

  /// What `require` may name, as ManageSieve tells it (RFC 5804 §1.7).
  public static List<String> extensions() {
    return Capability.words();
  }
}
