package org.mailstead.mailflow.transport;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mailstead.base.MalformedException;

/// A policy file.
///
/// @param hosts patterns of the mail exchangers: names, or `*.` and a name
/// @spec https://www.rfc-editor.org/rfc/rfc8461#section-3.2 RFC 8461 §3.2
public record StsPolicy(Mode mode, List<String> hosts, Duration maxAge) {
  public StsPolicy {
    hosts = List.copyOf(hosts);
  }

  /// How serious it is.
  public enum Mode {
    NONE,
    TESTING,
    ENFORCE
  }

  /// @throws MalformedException not a policy
  public static StsPolicy parse(String text) {
    Map<String, String> first = new HashMap<>();
    List<String> hosts = new ArrayList<>();
    for (String line : text.split("\r?\n")) {
      int colon = line.indexOf(':');
      if (colon < 0) continue;
      String key = line.substring(0, colon).strip();
      String value = line.substring(colon + 1).strip();
      if (key.equals("mx")) {
        if (hosts.size() < TransportLimits.POLICY_HOSTS_MAX) {
          hosts.add(value.toLowerCase(Locale.ROOT));
        }
      } else {
        first.putIfAbsent(key, value);
      }
    }
    if (!"STSv1".equals(first.get("version"))) throw new MalformedException("not an STSv1 policy");
    Mode mode =
        switch (first.getOrDefault("mode", "")) {
          case "enforce" -> Mode.ENFORCE;
          case "testing" -> Mode.TESTING;
          case "none" -> Mode.NONE;
          default -> throw new MalformedException("a policy without a mode");
        };
    if (hosts.isEmpty() && mode != Mode.NONE) throw new MalformedException("a policy without mx");
    String age = first.getOrDefault("max_age", "");
    if (!age.matches("[0-9]{1,10}")) throw new MalformedException("a policy without max_age");
    Duration life = Duration.ofSeconds(Long.parseLong(age));
    return new StsPolicy(
        mode,
        hosts,
        life.compareTo(TransportLimits.POLICY_AGE_MAX) > 0 ? TransportLimits.POLICY_AGE_MAX : life);
  }

  /// §4.1: a wildcard stands for one label.
  public boolean allows(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    for (String pattern : hosts) {
      if (pattern.equals(name)) return true;
      if (!pattern.startsWith("*.")) continue;
      int dot = name.indexOf('.');
      if (dot > 0 && name.substring(dot).equals(pattern.substring(1))) return true;
    }
    return false;
  }
}
