package org.mailstead.core.authorization;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.mailstead.base.MalformedException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads policy documents, strictly: an element, operator or key that is not known is refused and
/// named, because a policy that is half understood protects nothing.
final class PolicyParser {
  private static final Pattern SID = Pattern.compile("[A-Za-z0-9]{0,128}");
  private static final Pattern ACTION =
      Pattern.compile("\\*|[a-zA-Z0-9-]{1,64}:[a-zA-Z0-9*?]{1,128}");
  private static final Pattern RESOURCE =
      Pattern.compile("\\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:.{1,1500}", Pattern.DOTALL);
  private static final Set<String> DOCUMENT = Set.of("Version", "Id", "Statement");
  private static final Set<String> STATEMENT =
      Set.of("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition");

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(PolicyLimits.NESTING_MAX)
                          .maxStringLength(PolicyLimits.RAW_CHARS_MAX)
                          .maxNumberLength(32)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  PolicyDocument parse(String text) {
    if (text.length() > PolicyLimits.RAW_CHARS_MAX
        || text.chars().filter(c -> !Character.isWhitespace(c)).count() > PolicyLimits.CHARS_MAX) {
      throw new MalformedException(
          "the policy has more than " + PolicyLimits.CHARS_MAX + " characters");
    }
    ObjectNode root = object(read(text), "the policy");
    names(root, DOCUMENT, "the policy");
    String version = root.has("Version") ? text(root.path("Version"), "Version") : "2008-10-17";
    if (!version.equals("2012-10-17") && !version.equals("2008-10-17")) {
      throw new MalformedException("Version: 2012-10-17 or 2008-10-17, not '" + version + "'");
    }
    if (root.has("Id")) text(root.path("Id"), "Id");
    JsonNode body = root.path("Statement");
    List<Statement> statements = new ArrayList<>();
    Set<String> sids = new HashSet<>();
    if (body instanceof ArrayNode list) {
      for (JsonNode each : list) statements.add(statement(each, statements.size() + 1, sids));
    } else {
      statements.add(statement(body, 1, sids));
    }
    if (statements.isEmpty()) throw new MalformedException("the policy has no Statement");
    return new PolicyDocument(root.toString(), statements);
  }

  private static JsonNode read(String text) {
    try {
      return JSON.readTree(text);
    } catch (JacksonException e) {
      // The library's own text would repeat the document.
      throw new MalformedException(
          "the policy is not one well-formed JSON object, or a name is in it twice (line "
              + Math.max(1, e.getLocation() == null ? 1 : e.getLocation().getLineNr())
              + ")");
    }
  }

  private static Statement statement(JsonNode node, int number, Set<String> sids) {
    String where = "statement " + number;
    ObjectNode statement = object(node, where);
    if (statement.has("Principal") || statement.has("NotPrincipal")) {
      throw new MalformedException(
          where + ": Principal has no place in a policy that is attached to users and groups");
    }
    names(statement, STATEMENT, where);
    if (statement.has("Sid")) {
      String sid = text(statement.path("Sid"), where + ", Sid");
      if (!SID.matcher(sid).matches()) {
        throw new MalformedException(where + ", Sid: letters and digits only");
      }
      if (!sid.isEmpty() && !sids.add(sid)) {
        throw new MalformedException(where + ": the Sid '" + sid + "' is there twice");
      }
    }
    String effect = text(statement.path("Effect"), where + ", Effect");
    List<String> actions =
        patterns(statement, "Action", where, ACTION, "service:Action").stream()
            .map(action -> action.toLowerCase(Locale.ROOT))
            .toList();
    List<String> resources = patterns(statement, "Resource", where, RESOURCE, "an ARN");
    return new Statement(
        switch (effect) {
          case "Allow" -> Statement.Effect.ALLOW;
          case "Deny" -> Statement.Effect.DENY;
          default ->
              throw new MalformedException(where + ", Effect: Allow or Deny, not '" + effect + "'");
        },
        actions,
        statement.has("NotAction"),
        resources,
        statement.has("NotResource"),
        conditions(statement.path("Condition"), where));
  }

  /// The values of `name` or of `Not<name>`, of which exactly one must be there.
  private static List<String> patterns(
      ObjectNode statement, String name, String where, Pattern form, String formText) {
    boolean plain = statement.has(name);
    boolean negated = statement.has("Not" + name);
    if (plain == negated) {
      throw new MalformedException(
          where + ": either " + name + " or Not" + name + (plain ? ", not both" : " is missing"));
    }
    String member = negated ? "Not" + name : name;
    List<String> found = texts(statement.path(member), where + ", " + member);
    for (String each : found) {
      if (!form.matcher(each).matches()) {
        throw new MalformedException(
            "%s, %s: '%s' is neither * nor %s".formatted(where, member, shown(each), formText));
      }
    }
    return found;
  }

  private static List<Condition> conditions(JsonNode block, String where) {
    List<Condition> conditions = new ArrayList<>();
    if (block.isMissingNode()) return conditions;
    for (Map.Entry<String, JsonNode> line : object(block, where + ", Condition").properties()) {
      String operator = line.getKey();
      ObjectNode keys = object(line.getValue(), where + ", Condition, " + shown(operator));
      for (Map.Entry<String, JsonNode> key : keys.properties()) {
        conditions.add(condition(operator, key.getKey(), key.getValue(), where));
      }
    }
    return conditions;
  }

  private static Condition condition(String text, String key, JsonNode node, String where) {
    String rest = text;
    Condition.Quantifier quantifier = Condition.Quantifier.NONE;
    if (rest.startsWith("ForAnyValue:")) {
      quantifier = Condition.Quantifier.FOR_ANY_VALUE;
      rest = rest.substring("ForAnyValue:".length());
    } else if (rest.startsWith("ForAllValues:")) {
      quantifier = Condition.Quantifier.FOR_ALL_VALUES;
      rest = rest.substring("ForAllValues:".length());
    }
    boolean ifExists = rest.endsWith("IfExists");
    if (ifExists) rest = rest.substring(0, rest.length() - "IfExists".length());
    ConditionOperator operator =
        ConditionOperator.find(rest)
            .orElseThrow(
                () -> new MalformedException(where + ": unknown operator '" + shown(text) + "'"));
    ConditionKeys.Type type =
        ConditionKeys.type(key)
            .orElseThrow(() ->
                new MalformedException(where + ": unknown condition key '" + shown(key) + "'"));
    if (!operator.fits(type)) {
      throw new MalformedException(
          where + ": " + operator.text() + " cannot compare " + shown(key));
    }
    if (operator == ConditionOperator.NULL
        && (ifExists || quantifier != Condition.Quantifier.NONE)) {
      throw new MalformedException(where + ": Null stands alone, not as '" + shown(text) + "'");
    }
    if (type == ConditionKeys.Type.TEXTS
        && quantifier == Condition.Quantifier.NONE
        && operator != ConditionOperator.NULL) {
      throw new MalformedException(
          where
              + ": "
              + shown(key)
              + " has several values: ForAnyValue: or ForAllValues: must say which");
    }
    List<String> values = texts(node, where + ", Condition, " + operator.text());
    for (String value : values) {
      try {
        operator.checkValue(value);
      } catch (MalformedException e) {
        throw new MalformedException(where + ", Condition: " + e.getMessage());
      }
    }
    return new Condition(quantifier, operator, ifExists, key.toLowerCase(Locale.ROOT), values);
  }

  private static void names(ObjectNode node, Set<String> known, String where) {
    for (String name : node.propertyNames()) {
      if (!known.contains(name)) {
        throw new MalformedException(where + ": unknown element '" + shown(name) + "'");
      }
    }
  }

  private static ObjectNode object(JsonNode node, String where) {
    if (node instanceof ObjectNode object) return object;
    throw new MalformedException(where + " is not a JSON object");
  }

  private static String text(JsonNode node, String where) {
    if (!node.isString()) throw new MalformedException(where + " is missing or no text");
    String text = node.stringValue();
    if (text.contains("${")) {
      throw new MalformedException(where + ": policy variables (${…}) are not supported");
    }
    return text;
  }

  /// A text, or a list of at least one; numbers and truth values count as texts, as in IAM.
  private static List<String> texts(JsonNode node, String where) {
    List<String> found = new ArrayList<>();
    Iterable<JsonNode> all = node instanceof ArrayNode list ? list : List.of(node);
    for (JsonNode each : all) {
      found.add(each.isBoolean() || each.isIntegralNumber() ? each.asString() : text(each, where));
    }
    if (found.isEmpty()) throw new MalformedException(where + " is empty");
    return List.copyOf(found);
  }

  private static String shown(String text) {
    return text.length() <= 128 ? text : text.substring(0, 128) + "…";
  }
}
