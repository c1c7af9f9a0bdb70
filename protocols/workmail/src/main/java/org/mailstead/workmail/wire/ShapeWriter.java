package org.mailstead.workmail.wire;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;

/// Writes the members of shapes, either for the wire or for an audit record: there names start with
/// a small letter, as in CloudTrail, and secrets are hidden.
public final class ShapeWriter {
  /// What CloudTrail shows instead of a secret.
  public static final String HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS";

  private final JsonGenerator out;
  private final boolean audit;

  private ShapeWriter(JsonGenerator out, boolean audit) {
    this.out = out;
    this.audit = audit;
  }

  public static void wire(JsonGenerator out, Shape shape) {
    new ShapeWriter(out, false).whole(shape);
  }

  public static void audit(JsonGenerator out, Shape shape) {
    new ShapeWriter(out, true).whole(shape);
  }

  public void text(String name, String value, boolean sensitive) {
    name(name);
    out.writeString(audit && sensitive ? HIDDEN : value);
  }

  public void text(String name, Optional<String> value, boolean sensitive) {
    value.ifPresent(v -> text(name, v, sensitive));
  }

  public void texts(String name, List<String> values, boolean sensitive, boolean always) {
    if (values.isEmpty() && !always) return;
    name(name);
    out.writeStartArray();
    for (String value : values) out.writeString(audit && sensitive ? HIDDEN : value);
    out.writeEndArray();
  }

  public void flag(String name, Boolean value) {
    name(name);
    out.writeBoolean(value);
  }

  public void flag(String name, Optional<Boolean> value) {
    value.ifPresent(v -> flag(name, v));
  }

  public void number(String name, Number value) {
    name(name);
    switch (value) {
      case Double d -> out.writeNumber(BigDecimal.valueOf(d));
      case Long l -> out.writeNumber(l);
      default -> out.writeNumber(value.intValue());
    }
  }

  public void number(String name, Optional<? extends Number> value) {
    value.ifPresent(v -> number(name, v));
  }

  /// Epoch seconds with three digits of fraction.
  public void time(String name, Instant value) {
    name(name);
    out.writeNumber(BigDecimal.valueOf(value.toEpochMilli(), 3));
  }

  public void time(String name, Optional<Instant> value) {
    value.ifPresent(v -> time(name, v));
  }

  public void choice(String name, Enum<?> value) {
    name(name);
    out.writeString(value.name());
  }

  public void choice(String name, Optional<? extends Enum<?>> value) {
    value.ifPresent(v -> choice(name, v));
  }

  public void choices(String name, List<? extends Enum<?>> values, boolean always) {
    if (values.isEmpty() && !always) return;
    name(name);
    out.writeStartArray();
    for (Enum<?> value : values) out.writeString(value.name());
    out.writeEndArray();
  }

  public void structure(String name, Shape value) {
    name(name);
    whole(value);
  }

  public void structure(String name, Optional<? extends Shape> value) {
    value.ifPresent(v -> structure(name, v));
  }

  public void structures(String name, List<? extends Shape> values, boolean always) {
    if (values.isEmpty() && !always) return;
    name(name);
    out.writeStartArray();
    values.forEach(this::whole);
    out.writeEndArray();
  }

  private void whole(Shape shape) {
    out.writeStartObject();
    shape.write(this);
    out.writeEndObject();
  }

  private void name(String name) {
    out.writeName(audit ? lowerFirst(name) : name);
  }

  /// OrganizationId → organizationId, ARN → arn.
  static String lowerFirst(String name) {
    if (name.equals("ARN")) return "arn";
    return Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }
}
