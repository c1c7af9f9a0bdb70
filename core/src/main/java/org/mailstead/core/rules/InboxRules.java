package org.mailstead.core.rules;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.mailstead.base.MalformedException;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.MailboxRecords.Kind;
import org.mailstead.formats.sieve.SieveLimits;
import org.mailstead.formats.sieve.SieveScript;

/// The inbox rules of one mailbox, in the order in which they act, and its out-of-office state.
public final class InboxRules {
  private static final String ONLY = MailboxScripts.ONLY;

  private final Mailbox mailbox;

  public InboxRules(Mailbox mailbox) {
    this.mailbox = mailbox;
  }

  public List<InboxRule> list() {
    return mailbox
        .records()
        .load()
        .find(Kind.INBOX_RULES, ONLY)
        .map(value -> RuleText.read(MailboxScripts.text(value)))
        .orElse(List.of());
  }

  /// Replaces all rules.
  ///
  /// @throws RefusedException INVALID with what is wrong, LIMIT_REACHED
  public void put(List<InboxRule> rules) {
    check(rules);
    String script = RuleText.write(rules);
    try {
      var _ = SieveScript.parse(script);
    } catch (MalformedException e) {
      // Each rule is within its limits: it is all of them together that is too long.
      throw new RefusedException(
          Refusal.LIMIT_REACHED, "the rules together are too long: " + e.getMessage());
    }
    mailbox
        .records()
        .change(edit -> {
          if (rules.isEmpty()) edit.delete(Kind.INBOX_RULES, ONLY);
          else edit.put(Kind.INBOX_RULES, ONLY, MailboxScripts.value(script));
          return true;
        });
  }

  public OutOfOffice outOfOffice() {
    return mailbox
        .records()
        .load()
        .find(Kind.OUT_OF_OFFICE, ONLY)
        .map(value -> OutOfOfficeText.read(MailboxScripts.text(value)))
        .orElse(OutOfOffice.OFF);
  }

  /// @param handle a fresh one: everybody hears the new state once
  /// @throws RefusedException INVALID with what is wrong
  public void putOutOfOffice(OutOfOffice state, String handle) {
    check(state);
    String script = OutOfOfficeText.write(state, handle);
    try {
      var _ = SieveScript.parse(script);
    } catch (MalformedException e) {
      throw new RefusedException(Refusal.LIMIT_REACHED, "the texts are too long");
    }
    mailbox
        .records()
        .change(edit -> {
          // The same again changes nothing: nobody hears it twice.
          boolean same =
              edit.before()
                  .find(Kind.OUT_OF_OFFICE, ONLY)
                  .map(value -> OutOfOfficeText.read(MailboxScripts.text(value)))
                  .filter(state::equals)
                  .isPresent();
          if (!same) edit.put(Kind.OUT_OF_OFFICE, ONLY, MailboxScripts.value(script));
          return true;
        });
  }

  private static void check(List<InboxRule> rules) {
    if (rules.size() > RuleLimits.RULES_MAX) {
      throw new RefusedException(
          Refusal.LIMIT_REACHED, "a mailbox has " + RuleLimits.RULES_MAX + " rules at the most");
    }
    Set<String> names = new HashSet<>();
    for (InboxRule rule : rules) {
      String name = rule.name();
      if (name.isBlank() || name.length() > RuleLimits.RULE_NAME_CHARS_MAX) {
        throw invalid("a rule's name has 1 to " + RuleLimits.RULE_NAME_CHARS_MAX + " characters");
      }
      if (!names.add(name)) throw invalid("two rules have the name \"" + name + "\"");
      check(name, rule.conditions());
      check(name, rule.exceptions());
      if (rule.actions().isEmpty()) throw invalid("the rule \"" + name + "\" has no action");
      check(name, rule.actions());
    }
  }

  private static void check(String name, InboxRule.Conditions conditions) {
    words(name, conditions.from());
    words(name, conditions.to());
    words(name, conditions.cc());
    words(name, conditions.sentTo());
    words(name, conditions.subject());
    words(name, conditions.body());
    words(name, conditions.subjectOrBody());
    conditions.largerThanBytes().ifPresent(size -> size(name, size));
    conditions.smallerThanBytes().ifPresent(size -> size(name, size));
  }

  private static void check(String name, InboxRule.Actions actions) {
    actions.moveTo().ifPresent(folder -> words(name, List.of(folder)));
    words(name, actions.copyTo());
    int kept =
        (actions.moveTo().isPresent() ? 1 : 0)
            + (actions.delete() ? 1 : 0)
            + (actions.permanentlyDelete() ? 1 : 0);
    if (kept > 1) {
      throw invalid(
          "the rule \"" + name + "\": move, delete and permanently delete exclude each other");
    }
    int sent = actions.forwardTo().size() + actions.redirectTo().size();
    if (sent > SieveLimits.REDIRECTS_MAX) {
      throw invalid(
          "the rule \""
              + name
              + "\" forwards and redirects to more than "
              + SieveLimits.REDIRECTS_MAX
              + " addresses");
    }
  }

  private static void size(String name, long size) {
    if (size < 0 || size > 1L << 40) throw invalid("the rule \"" + name + "\": a size is wrong");
  }

  private static void words(String name, List<String> words) {
    if (words.size() > RuleLimits.WORDS_MAX) {
      throw invalid(
          "the rule \""
              + name
              + "\": a condition has more than "
              + RuleLimits.WORDS_MAX
              + " words");
    }
    for (String word : words) {
      boolean control = word.chars().anyMatch(c -> c < ' ' || c == 0x7f);
      if (word.isEmpty() || word.length() > RuleLimits.WORD_CHARS_MAX || control) {
        throw invalid(
            "the rule \""
                + name
                + "\": a word has 1 to "
                + RuleLimits.WORD_CHARS_MAX
                + " characters, none of them a control character");
      }
    }
  }

  private static void check(OutOfOffice state) {
    if (state.from().isPresent()
        && state.until().isPresent()
        && !state.from().get().isBefore(state.until().get())) {
      throw invalid("the absence ends before it begins");
    }
    if (state.enabled() && state.internalText().isEmpty() && state.externalText().isEmpty()) {
      throw invalid("an out-of-office reply needs a text");
    }
    state.internalText().ifPresent(InboxRules::text);
    state.externalText().ifPresent(InboxRules::text);
    state
        .subject()
        .filter(subject ->
            subject.isBlank() || subject.length() > 500 || subject.chars().anyMatch(c -> c < ' '))
        .ifPresent(_ -> {
          throw invalid("the subject is empty, too long, or has control characters");
        });
  }

  private static void text(String text) {
    if (text.isBlank() || text.length() > RuleLimits.REPLY_CHARS_MAX || text.indexOf('\0') >= 0) {
      throw invalid("a text has 1 to " + RuleLimits.REPLY_CHARS_MAX + " characters");
    }
  }

  private static RefusedException invalid(String text) {
    return new RefusedException(Refusal.INVALID, text);
  }
}
