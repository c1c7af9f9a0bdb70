package org.mailstead.formats.sieve;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Lists of flags: the internal variable and named ones.
///
/// @spec https://www.rfc-editor.org/rfc/rfc5232 RFC 5232
final class FlagVariables {
  private final Variables variables;
  private List<String> internal;

  FlagVariables(Variables variables, Set<String> internal) {
    this.variables = variables;
    this.internal = clean(List.copyOf(internal));
  }

  List<String> internal() {
    return internal;
  }

  void change(Step.ChangeFlags change) {
    List<String> given = clean(split(variables.expand(change.flags())));
    List<String> before =
        change
            .variable()
            .map(name -> clean(split(List.of(variables.find(name)))))
            .orElseGet(() -> internal);
    List<String> after =
        switch (change.change()) {
          case SET -> given;
          case ADD -> {
            var both = new ArrayList<>(before);
            both.addAll(given);
            yield clean(both);
          }
          case REMOVE ->
              before.stream()
                  .filter(flag -> given.stream().noneMatch(flag::equalsIgnoreCase))
                  .toList();
        };
    if (change.variable().isPresent()) {
      variables.set(change.variable().get(), String.join(" ", after));
    } else {
      internal = after;
    }
  }

  static Set<String> set(List<String> texts) {
    return new LinkedHashSet<>(clean(split(texts)));
  }

  /// A string may hold several flags (RFC 5232 §2).
  static List<String> split(List<String> texts) {
    var flags = new ArrayList<String>();
    for (String text : texts) {
      for (String flag : text.strip().split("\\s+")) {
        if (!flag.isEmpty() && flags.size() < SieveLimits.LIST_MAX) flags.add(flag);
      }
    }
    return flags;
  }

  /// Each once, in any case; those that no message can have are passed over (RFC 5232 §2).
  private static List<String> clean(List<String> flags) {
    Map<String, String> kept = new LinkedHashMap<>();
    for (String flag : flags) {
      if (kept.size() == SieveLimits.FLAGS_MAX) break;
      if (isFlag(flag)) kept.putIfAbsent(Comparator.lower(flag), flag);
    }
    return List.copyOf(kept.values());
  }

  private static boolean isFlag(String flag) {
    if (flag.startsWith("\\")) {
      return Set.of("\\answered", "\\flagged", "\\deleted", "\\seen", "\\draft")
          .contains(Comparator.lower(flag));
    }
    // RFC 9051 §9: an atom.
    return flag.matches("[!#$&'+,\\-./0-9:;<=>?@A-Z^_`a-z|}~]{1,100}");
  }
}
