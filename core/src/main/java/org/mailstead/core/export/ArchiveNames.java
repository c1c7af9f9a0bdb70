package org.mailstead.core.export;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Gives each folder of a mailbox a place in an archive that every system can unpack: no characters
/// or names that Windows forbids, no dots at the ends, segments of at most 100 octets, no two that
/// differ only in case. The true names are in the manifest.
final class ArchiveNames {
  private static final int SEGMENT_BYTES_MAX = 100;
  private static final Set<String> RESERVED = Set.of("con", "prn", "aux", "nul");

  private final Map<List<String>, String> places = new HashMap<>();
  private final Set<String> taken = new HashSet<>();

  /// What the archive has at its top.
  ArchiveNames(Set<String> topNames) {
    topNames.forEach(name -> taken.add(folded(name)));
  }

  /// The folder's place, without a slash at the end.
  String place(List<String> path) {
    String known = places.get(path);
    if (known != null) return known;
    String parent = path.size() == 1 ? "" : place(path.subList(0, path.size() - 1)) + "/";
    String name = safe(path.getLast());
    String place = parent + name;
    for (int i = 2; !taken.add(folded(place)); i++) place = parent + name + "~" + i;
    places.put(List.copyOf(path), place);
    return place;
  }

  private static String folded(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
  }

  static String safe(String name) {
    StringBuilder text = new StringBuilder();
    int bytes = 0;
    for (int c : Normalizer.normalize(name, Normalizer.Form.NFC).codePoints().toArray()) {
      boolean bad =
          c < 0x20
              || (c >= 0x7f && c < 0xa0)
              || "<>:\"/\\|?*".indexOf(c) >= 0
              || Character.getType(c) == Character.FORMAT
              || Character.getType(c) == Character.LINE_SEPARATOR
              || Character.getType(c) == Character.PARAGRAPH_SEPARATOR
              || Character.getType(c) == Character.SURROGATE;
      String shown = bad ? "_" : Character.toString(c);
      bytes += shown.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > SEGMENT_BYTES_MAX) break;
      text.append(shown);
    }
    // Windows drops dots and blanks at the end; a dot in front hides a file elsewhere.
    String safe = text.toString().strip().replaceAll("[. ]+$", "_").replaceAll("^\\.", "_");
    String stem = safe.split("\\.", 2)[0].strip().toLowerCase(Locale.ROOT);
    boolean reserved = RESERVED.contains(stem) || stem.matches("(com|lpt)[0-9¹²³]");
    if (safe.isEmpty() || reserved) return "_" + safe;
    return safe;
  }
}
