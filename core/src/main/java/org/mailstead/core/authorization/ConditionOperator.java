package org.mailstead.core.authorization;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import org.mailstead.base.MalformedException;

/// How a condition compares. A negated operator is the negation of its opposite over all the values
/// of the document: none of them may match.
///
/// @spec
///   https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
///   AWS IAM: Condition operators
enum ConditionOperator {
  STRING_EQUALS(
      "StringEquals",
      false,
      Set.of(ConditionKeys.Type.TEXT, ConditionKeys.Type.TEXTS, ConditionKeys.Type.ARN),
      String::equals),
  STRING_NOT_EQUALS("StringNotEquals", true, STRING_EQUALS),
  STRING_EQUALS_IGNORE_CASE(
      "StringEqualsIgnoreCase", false, STRING_EQUALS.types, String::equalsIgnoreCase),
  STRING_NOT_EQUALS_IGNORE_CASE("StringNotEqualsIgnoreCase", true, STRING_EQUALS_IGNORE_CASE),
  STRING_LIKE("StringLike", false, STRING_EQUALS.types, (text, p) -> Wildcards.matches(p, text)),
  STRING_NOT_LIKE("StringNotLike", true, STRING_LIKE),
  ARN_EQUALS(
      "ArnEquals",
      false,
      EnumSet.of(ConditionKeys.Type.ARN),
      (arn, p) -> Wildcards.matches(p, arn)),
  ARN_NOT_EQUALS("ArnNotEquals", true, ARN_EQUALS),
  ARN_LIKE("ArnLike", false, ARN_EQUALS.types, ARN_EQUALS.test),
  ARN_NOT_LIKE("ArnNotLike", true, ARN_EQUALS),
  IP_ADDRESS(
      "IpAddress",
      false,
      EnumSet.of(ConditionKeys.Type.ADDRESS),
      (address, range) -> AddressRange.parse(range).contains(address)),
  NOT_IP_ADDRESS("NotIpAddress", true, IP_ADDRESS),
  BOOL("Bool", false, EnumSet.of(ConditionKeys.Type.TRUTH), String::equalsIgnoreCase),
  DATE_EQUALS("DateEquals", false, EnumSet.of(ConditionKeys.Type.TIME), (t, v) -> order(t, v) == 0),
  DATE_NOT_EQUALS("DateNotEquals", true, DATE_EQUALS),
  DATE_LESS_THAN("DateLessThan", false, DATE_EQUALS.types, (t, v) -> order(t, v) < 0),
  DATE_LESS_THAN_EQUALS("DateLessThanEquals", false, DATE_EQUALS.types, (t, v) -> order(t, v) <= 0),
  DATE_GREATER_THAN("DateGreaterThan", false, DATE_EQUALS.types, (t, v) -> order(t, v) > 0),
  DATE_GREATER_THAN_EQUALS(
      "DateGreaterThanEquals", false, DATE_EQUALS.types, (t, v) -> order(t, v) >= 0),
  /// `true`: the key must not be there; `false`: it must.
  NULL("Null", false, EnumSet.allOf(ConditionKeys.Type.class), (_, _) -> false);

  private final String text;
  private final boolean negated;

  /// Never changed after the constructor, and without state: only its type does not say so.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Set<ConditionKeys.Type> types;

  @SuppressWarnings("ImmutableEnumChecker")
  private final BiPredicate<String, String> test;

  ConditionOperator(
      String text,
      boolean negated,
      Set<ConditionKeys.Type> types,
      BiPredicate<String, String> test) {
    this.text = text;
    this.negated = negated;
    this.types = Set.copyOf(types);
    this.test = test;
  }

  ConditionOperator(String text, boolean negated, ConditionOperator opposite) {
    this(text, negated, opposite.types, opposite.test);
  }

  static Optional<ConditionOperator> find(String text) {
    for (ConditionOperator each : values()) {
      if (each.text.equals(text)) return Optional.of(each);
    }
    return Optional.empty();
  }

  String text() {
    return text;
  }

  boolean isNegated() {
    return negated;
  }

  boolean fits(ConditionKeys.Type type) {
    return types.contains(type);
  }

  /// Whether one value of the request meets one of the document, before negation.
  boolean meets(String requested, String value) {
    return test.test(requested, value);
  }

  /// @throws MalformedException the value is none that this operator can compare with
  void checkValue(String value) {
    switch (this) {
      case IP_ADDRESS, NOT_IP_ADDRESS -> AddressRange.parse(value);
      case BOOL, NULL -> {
        if (!value.equals("true") && !value.equals("false")) {
          throw new MalformedException(text + " compares with true or false, not '" + value + "'");
        }
      }
      case DATE_EQUALS,
          DATE_NOT_EQUALS,
          DATE_LESS_THAN,
          DATE_LESS_THAN_EQUALS,
          DATE_GREATER_THAN,
          DATE_GREATER_THAN_EQUALS ->
          time(value);
      case ARN_EQUALS, ARN_NOT_EQUALS, ARN_LIKE, ARN_NOT_LIKE -> {
        if (value.split(":", 6).length != 6 || !value.startsWith("arn:")) {
          throw new MalformedException("'" + value + "' is no ARN");
        }
      }
      case STRING_EQUALS,
          STRING_NOT_EQUALS,
          STRING_EQUALS_IGNORE_CASE,
          STRING_NOT_EQUALS_IGNORE_CASE,
          STRING_LIKE,
          STRING_NOT_LIKE -> {
        // Any text will do.
      }
    }
  }

  private static int order(String time, String value) {
    return time(time).compareTo(time(value));
  }

  /// ISO 8601 in the forms of W3C's note, or seconds since 1970.
  private static Instant time(String text) {
    try {
      if (text.matches("-?[0-9]{1,12}")) return Instant.ofEpochSecond(Long.parseLong(text));
      if (text.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}")) {
        return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
      }
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new MalformedException("'" + text + "' is no date such as 2026-11-21T15:00:00Z");
    }
  }
}
