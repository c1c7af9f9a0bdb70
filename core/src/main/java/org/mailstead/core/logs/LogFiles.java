package org.mailstead.core.logs;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.mailstead.base.OrganizationId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files of the logs: `<organization>/<group>/YYYY-MM-DD.NNNN.jsonl`. The next number begins
/// with each day, when a file is full, and when the program starts. A delivered file is named
/// `….delivered.jsonl`.
final class LogFiles implements AutoCloseable {
  static final String SUFFIX = ".jsonl";
  static final String DELIVERED = ".delivered.jsonl";

  /// Files open at once; the one that was used longest ago is closed for another.
  static final int OPEN_MAX = 64;

  private static final Logger LOG = LoggerFactory.getLogger(LogFiles.class);

  private final LogSettings settings;
  private final InstantSource clock;
  private final LinkedHashMap<Path, Open> open = new LinkedHashMap<>(16, 0.75f, true);

  private static final class Open {
    final Path path;
    final LocalDate day;
    final Instant begun;
    final OutputStream out;
    long bytes;

    Open(Path path, LocalDate day, Instant begun, OutputStream out) {
      this.path = path;
      this.day = day;
      this.begun = begun;
      this.out = out;
    }
  }

  /// A file that is not written to any more.
  record Ended(OrganizationId organization, LogGroup group, Path path, long bytes) {
    LocalDate day() {
      return LocalDate.parse(path.getFileName().toString().substring(0, 10));
    }

    boolean isDelivered() {
      return path.toString().endsWith(DELIVERED);
    }
  }

  LogFiles(LogSettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
  }

  synchronized void append(OrganizationId organization, LogGroup group, byte[] line)
      throws IOException {
    Path folder = settings.folder().resolve(organization.value()).resolve(group.name());
    LocalDate today = clock.instant().atOffset(ZoneOffset.UTC).toLocalDate();
    Open file = open.get(folder);
    if (file != null && (!file.day.equals(today) || file.bytes >= settings.fileBytesMax())) {
      end(folder);
      file = null;
    }
    if (file == null) {
      if (open.size() >= OPEN_MAX) end(open.keySet().iterator().next());
      file = begin(folder, today);
      open.put(folder, file);
    }
    file.out.write(line);
    file.bytes += line.length;
  }

  private Open begin(Path folder, LocalDate day) throws IOException {
    Files.createDirectories(folder);
    int number = 1;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path each : files.toList()) {
        String name = each.getFileName().toString();
        if (name.startsWith(day + ".") && name.length() >= 15) {
          String digits = name.substring(11, name.indexOf('.', 11));
          if (digits.matches("[0-9]{4,9}")) {
            number = Math.max(number, Integer.parseInt(digits) + 1);
          }
        }
      }
    }
    Path path = folder.resolve("%s.%04d%s".formatted(day, number, SUFFIX));
    return new Open(
        path,
        day,
        clock.instant(),
        new BufferedOutputStream(
            Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)));
  }

  private void end(Path folder) throws IOException {
    Open file = open.remove(folder);
    if (file != null) file.out.close();
  }

  synchronized void flush() throws IOException {
    for (Open file : open.values()) file.out.flush();
  }

  synchronized void endBegunBefore(Instant time) throws IOException {
    List<Path> old = new ArrayList<>();
    open.forEach((folder, file) -> {
      if (file.begun.isBefore(time)) old.add(folder);
    });
    for (Path folder : old) end(folder);
  }

  /// Those that nobody writes to, oldest first.
  synchronized List<Ended> ended() throws IOException {
    List<Path> written = open.values().stream().map(file -> file.path).toList();
    List<Ended> found = new ArrayList<>();
    if (!Files.isDirectory(settings.folder())) return found;
    try (Stream<Path> all = Files.walk(settings.folder(), 3)) {
      for (Path path : all.filter(p -> p.toString().endsWith(SUFFIX)).toList()) {
        if (!written.contains(path)) of(path).ifPresent(found::add);
      }
    }
    found.sort(Comparator.comparing(Ended::day).thenComparing(ended -> ended.path().toString()));
    return found;
  }

  private Optional<Ended> of(Path path) throws IOException {
    Path relative = settings.folder().relativize(path);
    if (relative.getNameCount() != 3) return Optional.empty();
    Optional<LogGroup> group = LogGroup.find(relative.getName(1).toString());
    String name = path.getFileName().toString();
    if (group.isEmpty() || !name.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}\\..*")) {
      return Optional.empty();
    }
    OrganizationId organization = new OrganizationId(relative.getName(0).toString());
    return Optional.of(new Ended(organization, group.get(), path, Files.size(path)));
  }

  /// Removes files whose days are over, then the oldest until the rest fits.
  void removeOld() throws IOException {
    LocalDate first =
        clock
            .instant()
            .minus(Duration.ofDays(settings.keepDays()))
            .atOffset(ZoneOffset.UTC)
            .toLocalDate();
    List<Ended> files = ended();
    long total = files.stream().mapToLong(Ended::bytes).sum();
    long lost = 0;
    for (Ended file : files) {
      if (!file.day().isBefore(first) && total <= settings.totalBytesMax()) continue;
      Files.deleteIfExists(file.path());
      total -= file.bytes();
      if (!file.isDelivered()) lost += file.bytes();
    }
    if (lost > 0) LOG.info("{} octets of old logs were removed before any delivery", lost);
  }

  @Override
  public synchronized void close() {
    for (Map.Entry<Path, Open> each : open.entrySet()) {
      try {
        each.getValue().out.close();
      } catch (IOException e) {
        LOG.warn("a log cannot be closed: {}", e.getMessage());
      }
    }
    open.clear();
  }
}
