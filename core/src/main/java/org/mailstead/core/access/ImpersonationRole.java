package org.mailstead.core.access;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.EntityId;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// A role by which a program acts as users over EWS, without their passwords. Its rules say as
/// whom; one that denies comes first, and whom no rule matches is denied.
public record ImpersonationRole(
    String id, Definition definition, Instant created, Instant modified) {
  /// The WorkMail API takes no more.
  public static final int RULES_MAX = 10;

  private static final int FORMAT = 1;

  public enum Type {
    FULL_ACCESS,
    READ_ONLY
  }

  /// What the administrator gives.
  public record Definition(String name, Type type, Optional<String> description, List<Rule> rules) {
    public Definition {
      rules = List.copyOf(rules);
    }
  }

  /// @param id unique in the role
  /// @param targets ids of users; empty for everybody
  /// @param notTargets ids of users
  public record Rule(
      String id,
      Optional<String> name,
      Optional<String> description,
      AccessEffect effect,
      List<String> targets,
      List<String> notTargets) {
    public Rule {
      targets = List.copyOf(targets);
      notTargets = List.copyOf(notTargets);
    }

    boolean matches(EntityId user) {
      return (targets.isEmpty() || targets.contains(user.value()))
          && !notTargets.contains(user.value());
    }
  }

  /// Whether the role may act as a user.
  ///
  /// @param matched the rules that decided
  public record Decision(AccessEffect effect, List<Rule> matched) {
    public Decision {
      matched = List.copyOf(matched);
    }

    public boolean isAllowed() {
      return effect == AccessEffect.ALLOW;
    }
  }

  public Decision decide(EntityId user) {
    List<Rule> matching = definition.rules.stream().filter(rule -> rule.matches(user)).toList();
    List<Rule> denying =
        matching.stream().filter(rule -> rule.effect == AccessEffect.DENY).toList();
    if (!denying.isEmpty()) return new Decision(AccessEffect.DENY, denying);
    return new Decision(matching.isEmpty() ? AccessEffect.DENY : AccessEffect.ALLOW, matching);
  }

  byte[] encode(Optional<String> clientToken) {
    var out =
        new ValueWriter(FORMAT)
            .text(definition.name)
            .text(definition.type.name())
            .optionalText(definition.description)
            .time(created)
            .time(modified)
            .optionalText(clientToken)
            .number(definition.rules.size());
    for (Rule rule : definition.rules) {
      out.text(rule.id)
          .optionalText(rule.name)
          .optionalText(rule.description)
          .text(rule.effect.name());
      TextLists.write(out, rule.targets);
      TextLists.write(out, rule.notTargets);
    }
    return out.value();
  }

  /// @param clientToken of the call that made the role
  record Stored(ImpersonationRole role, Optional<String> clientToken) {}

  static Stored decode(String id, byte[] value) {
    var in = new ValueReader(value, FORMAT);
    String name = in.text();
    var type = Type.valueOf(in.text());
    Optional<String> description = in.optionalText();
    Instant created = in.time();
    Instant modified = in.time();
    Optional<String> clientToken = in.optionalText();
    long count = in.number();
    List<Rule> rules = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      rules.add(
          new Rule(
              in.text(),
              in.optionalText(),
              in.optionalText(),
              AccessEffect.valueOf(in.text()),
              TextLists.read(in),
              TextLists.read(in)));
    }
    var definition = new Definition(name, type, description, rules);
    return new Stored(new ImpersonationRole(id, definition, created, modified), clientToken);
  }
}
