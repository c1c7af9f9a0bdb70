package org.mailstead.core.access;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// A rule about mobile devices: when all its conditions hold it allows or denies. Values match as
/// prefixes in any letter case; [#NONE] matches a property that the device does not report, and a
/// `not…` condition never does.
public record MobileDeviceRule(
    String id,
    Text text,
    AccessEffect effect,
    Conditions conditions,
    Instant created,
    Instant modified) {
  /// Matches what the device does not report.
  public static final String NONE = "$NONE";

  /// The id of the rule that every new organization has.
  public static final String DEFAULT_ID = "default";

  private static final int FORMAT = 1;

  public record Text(String name, Optional<String> description) {}

  public record Conditions(
      List<String> types,
      List<String> notTypes,
      List<String> models,
      List<String> notModels,
      List<String> operatingSystems,
      List<String> notOperatingSystems,
      List<String> userAgents,
      List<String> notUserAgents) {
    public Conditions {
      types = List.copyOf(types);
      notTypes = List.copyOf(notTypes);
      models = List.copyOf(models);
      notModels = List.copyOf(notModels);
      operatingSystems = List.copyOf(operatingSystems);
      notOperatingSystems = List.copyOf(notOperatingSystems);
      userAgents = List.copyOf(userAgents);
      notUserAgents = List.copyOf(notUserAgents);
    }

    public static Conditions none() {
      return new Conditions(
          List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
    }

    private List<List<String>> lists() {
      return List.of(
          types,
          notTypes,
          models,
          notModels,
          operatingSystems,
          notOperatingSystems,
          userAgents,
          notUserAgents);
    }
  }

  static MobileDeviceRule standard() {
    return new MobileDeviceRule(
        DEFAULT_ID,
        new Text("Default", Optional.of("Allows all devices")),
        AccessEffect.ALLOW,
        Conditions.none(),
        Instant.EPOCH,
        Instant.EPOCH);
  }

  boolean matches(MobileDevice device) {
    return holds(conditions.types, conditions.notTypes, device.type())
        && holds(conditions.models, conditions.notModels, device.model())
        && holds(
            conditions.operatingSystems, conditions.notOperatingSystems, device.operatingSystem())
        && holds(conditions.userAgents, conditions.notUserAgents, device.userAgent());
  }

  private static boolean holds(List<String> in, List<String> notIn, Optional<String> value) {
    if (value.isEmpty()) return (in.isEmpty() || in.contains(NONE)) && notIn.isEmpty();
    String text = value.get().toLowerCase(Locale.ROOT);
    return (in.isEmpty() || in.stream().anyMatch(prefix -> startsWith(text, prefix)))
        && notIn.stream().noneMatch(prefix -> startsWith(text, prefix));
  }

  private static boolean startsWith(String lowerCase, String prefix) {
    return lowerCase.startsWith(prefix.toLowerCase(Locale.ROOT));
  }

  byte[] encode(Optional<String> clientToken) {
    var out =
        new ValueWriter(FORMAT)
            .flag(true)
            .text(text.name())
            .optionalText(text.description())
            .text(effect.name())
            .time(created)
            .time(modified);
    conditions.lists().forEach(list -> TextLists.write(out, list));
    return out.optionalText(clientToken).value();
  }

  /// Stands where the default rule was deleted.
  static byte[] deleted() {
    return new ValueWriter(FORMAT).flag(false).value();
  }

  /// @param clientToken of the call that made the rule
  record Stored(MobileDeviceRule rule, Optional<String> clientToken) {}

  static Optional<Stored> decode(String id, byte[] value) {
    var in = new ValueReader(value, FORMAT);
    if (!in.flag()) return Optional.empty();
    var text = new Text(in.text(), in.optionalText());
    var effect = AccessEffect.valueOf(in.text());
    Instant created = in.time();
    Instant modified = in.time();
    List<List<String>> lists = new ArrayList<>();
    for (int i = 0; i < 8; i++) lists.add(TextLists.read(in));
    var conditions =
        new Conditions(
            lists.get(0),
            lists.get(1),
            lists.get(2),
            lists.get(3),
            lists.get(4),
            lists.get(5),
            lists.get(6),
            lists.get(7));
    var rule = new MobileDeviceRule(id, text, effect, conditions, created, modified);
    return Optional.of(new Stored(rule, in.optionalText()));
  }
}
