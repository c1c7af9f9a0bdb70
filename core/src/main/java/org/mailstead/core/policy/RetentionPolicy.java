package org.mailstead.core.policy;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// How long mail stays in the folders that every mailbox has. A folder without a rule keeps
/// everything.
public record RetentionPolicy(
    String id, String name, Optional<String> description, Map<Folder, Rule> rules) {
  /// WorkMail API, RetentionPeriod: days.
  public static final int DAYS_MAX = 730;

  private static final int FORMAT = 1;

  public enum Folder {
    INBOX,
    DELETED_ITEMS,
    SENT_ITEMS,
    DRAFTS,
    JUNK_EMAIL
  }

  public enum Action {
    NONE,
    /// Recoverable by the user for a while.
    DELETE,
    PERMANENTLY_DELETE
  }

  /// @param days given unless the action is NONE
  public record Rule(Action action, Optional<Integer> days) {
    /// After how long the rule acts, if it does.
    public Optional<Duration> age() {
      return action == Action.NONE ? Optional.empty() : days.map(Duration::ofDays);
    }
  }

  public RetentionPolicy {
    var sorted = new EnumMap<Folder, Rule>(Folder.class);
    sorted.putAll(rules);
    rules = java.util.Collections.unmodifiableMap(sorted);
  }

  byte[] encode() {
    var out = new ValueWriter(FORMAT).text(name).optionalText(description).number(rules.size());
    rules.forEach((folder, rule) ->
        out.text(folder.name()).text(rule.action.name()).number(rule.days.orElse(0)));
    return out.value();
  }

  static RetentionPolicy decode(String id, byte[] value) {
    var in = new ValueReader(value, FORMAT);
    String name = in.text();
    Optional<String> description = in.optionalText();
    long count = in.number();
    var rules = new EnumMap<Folder, Rule>(Folder.class);
    for (long i = 0; i < count; i++) {
      Folder folder = Folder.valueOf(in.text());
      Action action = Action.valueOf(in.text());
      int days = Math.toIntExact(in.number());
      rules.put(folder, new Rule(action, days == 0 ? Optional.empty() : Optional.of(days)));
    }
    return new RetentionPolicy(id, name, description, rules);
  }
}
