package org.mailstead.core.rules;

import static org.mailstead.core.rules.SieveText.quoted;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.Invariant;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.formats.sieve.SieveLimits;

/// An out-of-office state as a Sieve script, with the state itself in a comment.
final class OutOfOfficeText {
  private static final String MARK = "# out-of-office: ";
  private static final int FORMAT = 1;
  private static final String REQUIRE =
      "require [\"vacation\", \"date\", \"relational\", \"vnd.mailstead.rules\"];\r\n";
  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

  private OutOfOfficeText() {}

  /// @param handle what replies of this state count as; a new one lets everybody hear it again
  static String write(OutOfOffice state, String handle) {
    String encoded = Base64.getEncoder().encodeToString(encode(state));
    var out = new StringBuilder("# Out of office, written by Mailstead.\r\n");
    out.append(MARK).append(encoded).append("\r\n").append(REQUIRE);
    if (!state.enabled()) return out.toString();
    List<String> tests = new ArrayList<>(List.of("true"));
    state.from().ifPresent(time -> tests.add(date("ge", UTC.format(time))));
    state.until().ifPresent(time -> tests.add(date("lt", UTC.format(time))));
    out.append("if allof (").append(String.join(",\r\n  ", tests)).append(") {\r\n");
    reply(out, "if internalsender", state.internalText(), state.subject(), handle);
    reply(out, "if not internalsender", state.externalText(), state.subject(), handle);
    return out.append("}\r\n").toString();
  }

  static OutOfOffice read(String script) {
    String encoded =
        script
            .lines()
            .filter(line -> line.startsWith(MARK))
            .findFirst()
            .map(line -> line.substring(MARK.length()))
            .orElse("");
    Invariant.check(!encoded.isEmpty(), "an out-of-office script holds its state");
    var in = new ValueReader(Base64.getDecoder().decode(encoded), FORMAT);
    return new OutOfOffice(
        in.flag(),
        in.optionalTime(),
        in.optionalTime(),
        in.optionalText(),
        in.optionalText(),
        in.optionalText());
  }

  private static byte[] encode(OutOfOffice state) {
    return new ValueWriter(FORMAT)
        .flag(state.enabled())
        .optionalTime(state.from())
        .optionalTime(state.until())
        .optionalText(state.subject())
        .optionalText(state.internalText())
        .optionalText(state.externalText())
        .value();
  }

  private static String date(String relation, String time) {
    return "currentdate :zone \"+0000\" :value \"" + relation + "\" \"iso8601\" \"" + time + "\"";
  }

  private static void reply(
      StringBuilder out,
      String test,
      Optional<String> text,
      Optional<String> subject,
      String handle) {
    if (text.isEmpty()) return;
    out.append("  ").append(test).append(" {\r\n    vacation :days ");
    out.append(SieveLimits.VACATION_PERIOD_MAX.toDays());
    out.append(" :handle ").append(quoted(handle));
    subject.ifPresent(each -> out.append(" :subject ").append(quoted(each)));
    out.append("\r\n      ").append(quoted(text.get())).append(";\r\n  }\r\n");
  }
}
