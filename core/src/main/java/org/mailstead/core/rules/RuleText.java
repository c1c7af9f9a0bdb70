package org.mailstead.core.rules;

import static org.mailstead.core.rules.SieveText.quoted;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.mailstead.base.EmailAddress;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.core.rules.InboxRule.Actions;
import org.mailstead.core.rules.InboxRule.Conditions;
import org.mailstead.core.rules.InboxRule.Importance;

/// Inbox rules as a Sieve script. Before each rule's commands stands a comment that holds the rule
/// itself, so that it is read back as it was put; a rule that is switched off is that comment
/// alone.
final class RuleText {
  private static final String MARK = "# rule: ";
  private static final int FORMAT = 1;

  /// No `variables`: what looks like one in a user's text is text.
  private static final String REQUIRE =
      "require [\"fileinto\", \"mailbox\", \"copy\", \"imap4flags\", \"special-use\", \"body\","
          + " \"comparator-i;unicode-casemap\", \"vnd.mailstead.rules\"];\r\n";

  private static final String WORDS = " :comparator \"i;unicode-casemap\" :contains ";

  private RuleText() {}

  static String write(List<InboxRule> rules) {
    var out = new StringBuilder("# Inbox rules, written by Mailstead.\r\n").append(REQUIRE);
    for (InboxRule rule : rules) {
      out.append("\r\n").append(MARK).append(encode(rule)).append("\r\n");
      out.append("# ").append(SieveText.line(rule.name())).append("\r\n");
      if (rule.enabled()) commands(out, rule);
    }
    return out.toString();
  }

  static List<InboxRule> read(String script) {
    return script
        .lines()
        .filter(line -> line.startsWith(MARK))
        .map(line -> decode(line.substring(MARK.length())))
        .toList();
  }

  /// The rules whose commands begin at these lines, counted from 1.
  static List<InboxRule> at(String script, List<Integer> lines) {
    List<String> all = script.lines().toList();
    var rules = new ArrayList<InboxRule>();
    for (int line : lines) {
      // Before the commands stand the rule and its name.
      String mark = line >= 3 && line <= all.size() ? all.get(line - 3) : "";
      if (mark.startsWith(MARK)) rules.add(decode(mark.substring(MARK.length())));
    }
    return List.copyOf(rules);
  }

  private static void commands(StringBuilder out, InboxRule rule) {
    List<String> tests = tests(rule.conditions());
    if (!rule.exceptions().isEmpty()) {
      tests.add("not anyof (" + String.join(", ", tests(rule.exceptions())) + ")");
    }
    if (tests.isEmpty()) tests.add("true");
    out.append("if allof (").append(String.join(",\r\n  ", tests)).append(") {\r\n");
    Actions actions = rule.actions();
    // Flags first: they are those of what is filed after them.
    if (actions.markAsRead()) line(out, "addflag \"\\\\Seen\"");
    if (actions.markAsImportant()) line(out, "addflag \"$Important\"");
    if (actions.flag()) line(out, "addflag \"\\\\Flagged\"");
    // A folder that is not there (any more) is made: mail is where the rule says.
    for (String folder : actions.copyTo()) {
      line(out, "fileinto :copy :create " + quoted(folder));
    }
    for (EmailAddress each : actions.forwardTo()) {
      line(out, "forward " + quoted(each.toString()));
    }
    for (EmailAddress each : actions.redirectTo()) {
      line(out, "redirect :copy " + quoted(each.toString()));
    }
    actions.moveTo().ifPresent(folder -> line(out, "fileinto :create " + quoted(folder)));
    if (actions.delete()) line(out, "fileinto :specialuse \"\\\\Trash\" \"Deleted Items\"");
    if (actions.permanentlyDelete()) line(out, "discard");
    if (actions.stop()) line(out, "stop");
    out.append("}\r\n");
  }

  private static void line(StringBuilder out, String command) {
    out.append("  ").append(command).append(";\r\n");
  }

  private static List<String> tests(Conditions conditions) {
    var tests = new ArrayList<String>();
    header(tests, "\"from\"", conditions.from());
    header(tests, "\"to\"", conditions.to());
    header(tests, "\"cc\"", conditions.cc());
    header(tests, "[\"to\", \"cc\"]", conditions.sentTo());
    header(tests, "\"subject\"", conditions.subject());
    if (!conditions.body().isEmpty()) {
      tests.add("body :text" + WORDS + quoted(conditions.body()));
    }
    if (!conditions.subjectOrBody().isEmpty()) {
      String words = quoted(conditions.subjectOrBody());
      tests.add(
          "anyof (header" + WORDS + "\"subject\" " + words + ", body :text" + WORDS + words + ")");
    }
    conditions.importance().map(RuleText::importance).ifPresent(tests::add);
    if (conditions.hasAttachment()) tests.add("hasattachment");
    if (conditions.sentToMe()) tests.add("addressedtome :to");
    if (conditions.sentOnlyToMe()) tests.add("addressedtome :only");
    conditions.largerThanBytes().ifPresent(size -> tests.add("size :over " + size));
    conditions.smallerThanBytes().ifPresent(size -> tests.add("size :under " + size));
    return tests;
  }

  private static void header(List<String> tests, String names, List<String> words) {
    if (!words.isEmpty()) tests.add("header" + WORDS + names + " " + quoted(words));
  }

  /// Importance (RFC 2156), or the older X-Priority of 1 to 5.
  private static String importance(Importance importance) {
    return switch (importance) {
      case HIGH -> importance("high", "1", "2");
      case LOW -> importance("low", "4", "5");
      case NORMAL ->
          "not anyof (" + importance("high", "1", "2") + ", " + importance("low", "4", "5") + ")";
    };
  }

  private static String importance(String word, String priority, String other) {
    return "anyof (header :is \"importance\" \"%s\", header :matches \"x-priority\" [\"%s*\", \"%s*\"])"
        .formatted(word, priority, other);
  }

  private static String encode(InboxRule rule) {
    var out = new ValueWriter(FORMAT).text(rule.name()).flag(rule.enabled());
    write(out, rule.conditions());
    write(out, rule.exceptions());
    Actions actions = rule.actions();
    out.optionalText(actions.moveTo());
    texts(out, actions.copyTo());
    out.flag(actions.delete()).flag(actions.permanentlyDelete());
    texts(out, actions.forwardTo().stream().map(EmailAddress::toString).toList());
    texts(out, actions.redirectTo().stream().map(EmailAddress::toString).toList());
    out.flag(actions.markAsRead())
        .flag(actions.markAsImportant())
        .flag(actions.flag())
        .flag(actions.stop());
    return Base64.getEncoder().encodeToString(out.value());
  }

  private static InboxRule decode(String encoded) {
    var in = new ValueReader(Base64.getDecoder().decode(encoded), FORMAT);
    return new InboxRule(
        in.text(),
        in.flag(),
        conditions(in),
        conditions(in),
        new Actions(
            in.optionalText(),
            texts(in),
            in.flag(),
            in.flag(),
            texts(in).stream().map(EmailAddress::parse).toList(),
            texts(in).stream().map(EmailAddress::parse).toList(),
            in.flag(),
            in.flag(),
            in.flag(),
            in.flag()));
  }

  private static void write(ValueWriter out, Conditions conditions) {
    texts(out, conditions.from());
    texts(out, conditions.to());
    texts(out, conditions.cc());
    texts(out, conditions.sentTo());
    texts(out, conditions.subject());
    texts(out, conditions.body());
    texts(out, conditions.subjectOrBody());
    out.optionalText(conditions.importance().map(Importance::name));
    out.flag(conditions.hasAttachment())
        .flag(conditions.sentToMe())
        .flag(conditions.sentOnlyToMe());
    out.optionalText(conditions.largerThanBytes().map(size -> Long.toString(size)));
    out.optionalText(conditions.smallerThanBytes().map(size -> Long.toString(size)));
  }

  private static Conditions conditions(ValueReader in) {
    return new Conditions(
        texts(in),
        texts(in),
        texts(in),
        texts(in),
        texts(in),
        texts(in),
        texts(in),
        in.optionalText().map(Importance::valueOf),
        in.flag(),
        in.flag(),
        in.flag(),
        in.optionalText().map(Long::valueOf),
        in.optionalText().map(Long::valueOf));
  }

  private static void texts(ValueWriter out, List<String> texts) {
    out.number(texts.size());
    texts.forEach(out::text);
  }

  private static List<String> texts(ValueReader in) {
    var texts = new ArrayList<String>();
    for (long left = in.number(); left > 0; left--) texts.add(in.text());
    return texts;
  }
}
