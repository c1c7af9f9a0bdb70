package org.mailstead.store.rocksdb;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads what strace saw of a [CrashChild] with one thread, and names each acknowledgement before
/// which a file was written but not synced.
final class SyncTrace {
  private static final Pattern CALL = Pattern.compile("^(\\d+)\\s+(\\w+)\\((\\d+)<([^>]*)>(.*)$");
  private static final Pattern RESUMED =
      Pattern.compile("^(\\d+)\\s+<\\.\\.\\. (\\w+) resumed>(.*)$");

  private SyncTrace() {}

  record Result(int acknowledgements, int logSyncs, int segmentSyncs, List<String> violations) {}

  static Result read(List<String> lines) {
    Set<String> dirty = new HashSet<>();
    Map<String, String> running = new HashMap<>(); // thread → file whose sync has begun
    Set<String> writtenDuring = new HashSet<>();
    int acknowledgements = 0;
    int logSyncs = 0;
    int segmentSyncs = 0;
    List<String> violations = new ArrayList<>();
    for (String line : lines) {
      Matcher resumed = RESUMED.matcher(line);
      if (resumed.matches()) {
        String file = running.remove(resumed.group(1));
        if (file == null || !resumed.group(2).endsWith("sync")) continue;
        if (!line.endsWith("= 0")) violations.add("failed: " + line);
        // What was written while the sync ran is not covered by it.
        if (!writtenDuring.remove(file)) dirty.remove(file);
        if (file.endsWith(".log")) logSyncs++;
        if (file.endsWith(".blobs")) segmentSyncs++;
        continue;
      }
      Matcher call = CALL.matcher(line);
      if (!call.matches()) continue;
      String name = call.group(2);
      String file = call.group(4);
      if (name.endsWith("sync")) {
        if (line.contains("<unfinished")) {
          running.put(call.group(1), file);
          writtenDuring.remove(file);
        } else {
          dirty.remove(file);
          if (file.endsWith(".log")) logSyncs++;
          if (file.endsWith(".blobs")) segmentSyncs++;
        }
      } else if (file.endsWith(".log") || file.endsWith(".blobs")) {
        dirty.add(file);
        if (running.containsValue(file)) writtenDuring.add(file);
      } else if (call.group(3).equals("1") && call.group(5).startsWith(", \"A ")) {
        acknowledgements++;
        if (!dirty.isEmpty()) violations.add(line + " before a sync of " + dirty);
      }
    }
    return new Result(acknowledgements, logSyncs, segmentSyncs, violations);
  }
}
