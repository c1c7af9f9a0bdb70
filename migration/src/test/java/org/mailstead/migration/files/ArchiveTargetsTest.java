package org.mailstead.migration.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Content;
import org.mailstead.base.ContentSpool;
import org.mailstead.base.RefusedException;
import org.mailstead.migration.item.FolderListing;
import org.mailstead.migration.item.FolderPath;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.item.ItemReader;
import org.mailstead.migration.item.ItemSummary;
import org.mailstead.migration.item.ItemWriter;
import org.mailstead.migration.item.MailFolder;
import org.mailstead.migration.item.NewItem;
import org.mailstead.migration.item.ReadItem;
import org.mailstead.migration.item.Source;
import org.mailstead.migration.item.Target;
import org.mailstead.migration.item.WriteResult;

/// Archives as targets: every octet comes back, and programs that know nothing of us open them.
final class ArchiveTargetsTest {
  private static final Instant RECEIVED = Instant.parse("2024-01-02T03:04:05Z");
  private static final List<String> NASTY =
      List.of(
          "",
          "\n",
          "\r\n",
          "x",
          "Subject: a\r\n\r\nbody\r\n",
          "Subject: a\r\n\r\nno end",
          "Subject: a\n\nbare line feeds\n",
          "Subject: a\r\n\r\nmixed\nends\r\n\r\n",
          "Subject: a\r\n\r\nends with many\r\n\r\n\r\n\r\n",
          "Subject: a\r\n\r\ntwo returns\r\r\n\r",
          "Subject: a\r\n\r\nreturn at the end\r",
          "From here\r\nFrom there Tue Jan  2 03:04:05 2024\r\n>From x\r\n>>From y\r\nFrom",
          "Subject: a\r\n\r\n\r\nFrom a@b Tue Jan  2 03:04:05 2024\r\nX-Mailstead-Item: m1 octets=1 crc=0 lines=raw after=0\r\n\r\n",
          "Status: RO\r\nX-Status: F\r\nX-Keywords: foreign\r\n\r\nits own status\r\n",
          "\n\nFrom \n>From \n\r\n\u0000\u0001",
          ">".repeat(200_000) + "From \r\n" + "y".repeat(700_000) + "\r\n.");

  @TempDir Path folder;

  private ContentSpool spool() {
    return new ContentSpool(folder, 1 << 16);
  }

  private Target open(String kind) throws IOException {
    return switch (kind) {
      case "mbox" -> new Mbox(folder.resolve("boxes"), spool());
      case "zip" -> new ZipTarget(folder.resolve("archive.zip"), spool());
      default -> throw new IllegalArgumentException(kind);
    };
  }

  /// Folder, flags, date and octets of every item.
  static Map<String, List<String>> picture(Source source) throws IOException {
    Map<String, List<String>> all = new TreeMap<>();
    for (MailFolder box : source.folders()) {
      List<String> items = all.computeIfAbsent(box.path().text(), _ -> new ArrayList<>());
      FolderListing.Complete listing = (FolderListing.Complete) source.list(box, Optional.empty());
      try (ItemReader reader = source.read(box, listing.items())) {
        for (Optional<ReadItem> next = reader.next(); next.isPresent(); next = reader.next()) {
          ReadItem.Found found = (ReadItem.Found) next.get();
          try (Content content = found.content();
              InputStream in = content.open()) {
            items.add(
                new TreeSet<>(found.summary().flags())
                    + " "
                    + found.summary().received()
                    + " "
                    + new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
          }
        }
      }
      items.sort(null);
    }
    return all;
  }

  private static NewItem item(String text, Set<String> flags) {
    return new NewItem(
        Content.of(text.getBytes(StandardCharsets.ISO_8859_1)), flags, RECEIVED.plusNanos(7));
  }

  static List<String> write(Target target, String path, List<NewItem> items) throws IOException {
    MailFolder box = target.ensureFolder(FolderPath.parse(path), FolderRole.NONE, true);
    List<String> ids = new ArrayList<>();
    try (ItemWriter writer = target.write(box)) {
      for (int from = 0; from < items.size(); from += 10) {
        writer.send(items.subList(from, Math.min(items.size(), from + 10)));
        for (WriteResult result : writer.receive()) ids.add(((WriteResult.Written) result).id());
      }
    }
    return ids;
  }

  private static void fill(Target target) throws IOException {
    List<NewItem> items = new ArrayList<>();
    for (String text : NASTY) items.add(item(text, Set.of("\\Seen", "$Forwarded", "work-ü")));
    write(target, "INBOX", items);
    write(target, "Größe & %2F/a.mbox", List.of(item("Subject: x\r\n\r\ny\r\n", Set.of())));
    write(target, "Größe & %2F", List.of(item("z", Set.of("\\Flagged", "\\Answered", "\\Draft"))));
    write(target, "Empty", List.of());
  }

  private static Map<String, List<String>> expected() {
    Map<String, List<String>> all = new TreeMap<>();
    String at = " " + RECEIVED.plusNanos(7) + " ";
    all.put(
        "INBOX",
        NASTY.stream().map(t -> "[$Forwarded, \\Seen, work-ü]" + at + t).sorted().toList());
    all.put("Größe & %2F/a.mbox", List.of("[]" + at + "Subject: x\r\n\r\ny\r\n"));
    all.put("Größe & %2F", List.of("[\\Answered, \\Draft, \\Flagged]" + at + "z"));
    all.put("Empty", List.of());
    return all;
  }

  @Test
  void everyOctetFlagAndDateComesBack() throws IOException {
    for (String kind : List.of("mbox", "zip")) {
      try (Target target = open(kind)) {
        fill(target);
        assertThat(picture(target)).as(kind).isEqualTo(expected());
        target.finish();
        assertThat(picture(target)).as(kind).isEqualTo(expected());
      }
      try (Target later = open(kind)) {
        assertThat(picture(later)).as(kind).isEqualTo(expected());
      }
    }
    try (Source zip = new ZipTree(folder.resolve("archive.zip"), spool())) {
      assertThat(picture(zip)).isEqualTo(expected());
    }
  }

  @Test
  void randomOctetsComeBackFromAnMbox() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String alphabet = "\r\n>From :x\u0000";
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(80);
      for (int j = 0; j < length; j++) {
        if (random.nextInt(6) == 0) text.append("\nFrom ");
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      texts.add(text.toString());
    }
    try (Target target = open("mbox")) {
      write(target, "INBOX", texts.stream().map(t -> item(t, Set.of())).toList());
      String start = "[] " + RECEIVED.plusNanos(7) + " ";
      List<String> found = picture(target).get("INBOX");
      List<String> wanted = texts.stream().map(t -> start + t).sorted().toList();
      for (int i = 0; i < wanted.size(); i++) {
        assertThat(found.get(i).replace("\r", "\\r"))
            .as("seed " + seed)
            .isEqualTo(wanted.get(i).replace("\r", "\\r"));
      }
    }
  }

  @Test
  void flagsChangeItemsGoAndIdsStay() throws IOException {
    for (String kind : List.of("mbox", "zip")) {
      List<String> ids;
      String many = "keyword-".repeat(20);
      try (Target target = open(kind)) {
        ids =
            write(
                target,
                "INBOX",
                List.of(item("1", Set.of()), item("2", Set.of()), item("3", Set.of("\\Seen"))));
        target.finish();
      }
      try (Target target = open(kind)) {
        MailFolder inbox = target.folders().getFirst();
        target.setFlags(inbox, List.of(ids.get(2), ids.get(0)), Set.of("\\Answered", "neu"));
        target.remove(inbox, List.of(ids.get(1)));
        target.setFlags(inbox, List.of(ids.get(2)), Set.of("\\Seen", many));
        target.finish();
      }
      try (Target target = open(kind)) {
        MailFolder inbox = target.folders().getFirst();
        assertThat(target.listSince(inbox, ""))
            .as(kind)
            .extracting(ItemSummary::id, ItemSummary::flags)
            .containsExactly(
                org.assertj.core.groups.Tuple.tuple(ids.get(0), Set.of("\\Answered", "neu")),
                org.assertj.core.groups.Tuple.tuple(ids.get(2), Set.of("\\Seen", many)));
        String position = target.position(inbox);
        assertThat(target.listSince(inbox, position)).isEmpty();
        List<String> added = write(target, "INBOX", List.of(item("4", Set.of())));
        assertThat(target.listSince(inbox, position)).extracting(ItemSummary::id).isEqualTo(added);
        assertThat(picture(target).get("INBOX")).as(kind).hasSize(3);
      }
    }
  }

  @Test
  void whatIsRemovedLeavesTheArchiveWhenItIsMuch() throws IOException {
    Path file = folder.resolve("archive.zip");
    byte[] noise = new byte[3 << 20];
    new Random(1).nextBytes(noise);
    try (Target target = open("zip")) {
      List<String> ids =
          write(
              target,
              "INBOX",
              List.of(new NewItem(Content.of(noise), Set.of(), RECEIVED), item("stays", Set.of())));
      target.setFlags(target.folders().getFirst(), ids, Set.of("\\Seen"));
      target.remove(target.folders().getFirst(), ids.subList(0, 1));
      target.finish();
      assertThat(Files.size(file)).isLessThan(10_000);
      assertThat(picture(target).get("INBOX")).hasSize(1).first().asString().startsWith("[\\Seen]");
      // It goes on after that.
      write(target, "INBOX", List.of(item("more", Set.of())));
      target.finish();
    }
    try (Source zip = new ZipTree(file, spool())) {
      assertThat(picture(zip).get("INBOX")).hasSize(2);
    }
  }

  @Test
  void mailOfSomebodyElseIsNotWrittenInto() throws IOException {
    Path box = Files.createDirectories(folder.resolve("boxes")).resolve("Work");
    Files.writeString(box, "From a@b Tue Jan  2 03:04:05 2024\nSubject: one\n\ntext\n");
    Path zip = folder.resolve("archive.zip");
    Files.write(
        zip, new byte[] {'P', 'K', 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    try (Target target = open("mbox")) {
      assertThatThrownBy(() -> target.ensureFolder(FolderPath.of("Work"), FolderRole.NONE, true))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("not written by Mailstead");
    }
    assertThatThrownBy(() -> open("zip"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("not written by a migration");
    assertThat(Files.size(zip)).isEqualTo(22);
    assertThat(Files.readString(box)).contains("Subject: one");
  }

  @Test
  void aLookChangesNothing() throws IOException {
    for (String kind : List.of("mbox", "zip")) {
      try (Target target = open(kind)) {
        assertThat(target.folders()).isEmpty();
      }
    }
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  /// Cut anywhere, with or without holes: what was acknowledged is there, what was not is gone.
  @Test
  void aTornEndIsCutOff() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (String kind : List.of("mbox", "zip")) {
      Path file =
          kind.equals("mbox") ? folder.resolve("boxes/INBOX") : folder.resolve("archive.zip");
      List<String> acknowledged = new ArrayList<>();
      for (int round = 0; round < 60; round++) {
        String where = kind + " round " + round + " seed " + seed;
        long before;
        try (Target target = open(kind)) {
          String body = "round " + round + "\r\n\r\n" + NASTY.get(random.nextInt(NASTY.size() - 1));
          write(target, "INBOX", List.of(item(body, Set.of()), item(body + "2", Set.of())));
          acknowledged.add(body);
          acknowledged.add(body + "2");
          before = Files.size(file);
          write(
              target,
              "INBOX",
              List.of(item("lost\r\n" + body, Set.of()), item("lost 2\n\nFrom x", Set.of())));
          if (random.nextBoolean()) target.finish();
        }
        long length = before + random.nextLong(Files.size(file) - before);
        try (var channel = java.nio.channels.FileChannel.open(file, StandardOpenOption.WRITE)) {
          if (random.nextBoolean()) {
            channel.truncate(length);
          } else {
            // A file whose length reached the disk before its octets.
            channel.truncate(length);
            channel.write(
                java.nio.ByteBuffer.allocate(1 + random.nextInt(3_000)),
                length + random.nextInt(50));
          }
        }
        try (Target target = open(kind)) {
          MailFolder inbox = target.ensureFolder(FolderPath.INBOX, FolderRole.INBOX, true);
          List<String> ids = new ArrayList<>();
          for (ItemSummary each : target.listSince(inbox, "")) ids.add(each.id());
          List<String> found = picture(target).get("INBOX");
          String start = "[] " + RECEIVED.plusNanos(7) + " ";
          List<String> kept = new ArrayList<>(found);
          kept.removeIf(t -> t.startsWith(start + "lost"));
          assertThat(kept)
              .as(where)
              .isEqualTo(acknowledged.stream().map(t -> start + t).sorted().toList());
          // A whole message that nobody acknowledged may be there: the ledger asks for it.
          List<String> rest = new ArrayList<>(found);
          rest.removeAll(kept);
          assertThat(rest).as(where).allMatch(t -> t.endsWith("\n") || t.length() > start.length());
          List<String> extra = new ArrayList<>();
          for (int i = 0; i < ids.size(); i++) {
            if (i >= acknowledged.size()) extra.add(ids.get(i));
          }
          target.remove(inbox, extra);
          target.finish();
        }
      }
    }
  }

  @Test
  void pythonOpensThem() throws Exception {
    assumeTrue(run(List.of("python3", "--version")).isPresent(), "python3 is not there");
    fillBoth();
    String script =
        """
        import mailbox, sys, zipfile, json
        box = mailbox.mbox(sys.argv[1] + '/boxes/Mail', create=False)
        for m in box:
            print(m['Subject'], m.get_flags().replace(' ', ''), m['X-Keywords'].strip(), repr(m.get_payload()))
        print(len(mailbox.mbox(sys.argv[1] + '/boxes/Mail.sbd/Sub', create=False)))
        z = zipfile.ZipFile(sys.argv[1] + '/archive.zip')
        print(z.testzip(), sorted(z.namelist()))
        for line in z.read('manifest.jsonl').decode().splitlines():
            each = json.loads(line)
            if each['type'] == 'message': print(each['flags'], each['keywords'], z.read(each['file']))
        """;
    String said = run(List.of("python3", "-c", script, folder.toString())).orElseThrow();
    assertThat(said.lines())
        .containsExactly(
            "one RO work 'From the sea\\n'".replace("'From", "'>From"),
            "two OAF  'last\\n'",
            "1",
            "None ['Mail/', 'Mail/0000000001.eml', 'Mail/0000000002.eml', 'Mail/Sub/', 'Mail/Sub/0000000003.eml', 'README.txt', 'manifest.jsonl']",
            "['\\\\Seen'] ['work'] b'Subject: one\\r\\n\\r\\nFrom the sea\\r\\n'",
            "['\\\\Answered', '\\\\Flagged'] [] b'Subject: two\\r\\n\\r\\nlast'",
            "[] [] b'Subject: three\\r\\n\\r\\n'");
  }

  @Test
  void unzipFindsTheArchiveSound() throws Exception {
    assumeTrue(run(List.of("unzip", "-v")).isPresent(), "unzip is not there");
    fillBoth();
    String said =
        run(List.of("unzip", "-t", folder.resolve("archive.zip").toString())).orElseThrow();
    assertThat(said).contains("No errors detected").doesNotContain("warning");
  }

  @Test
  void muttReadsTheMbox() throws Exception {
    assumeTrue(run(List.of("mutt", "-v")).isPresent(), "mutt is not there");
    fillBoth();
    // Tags what is flagged, copies it into another mbox, and leaves.
    Files.writeString(
        folder.resolve("muttrc"),
        """
        set mbox_type=mbox confirmappend=no confirmcreate=no delete=no quit=yes folder=%1$s
        unset wait_key
        push "<tag-pattern>~F<enter><tag-prefix><copy-message>%1$s/copied<enter><quit>"
        """
            .formatted(folder));
    String mutt = "mutt -n -F %1$s/muttrc -R -f %1$s/boxes/Mail".formatted(folder);
    ProcessBuilder builder = new ProcessBuilder("script", "-qec", mutt, "/dev/null");
    builder.environment().put("TERM", "xterm");
    builder.environment().put("HOME", folder.toString());
    builder.redirectErrorStream(true).redirectOutput(folder.resolve("screen").toFile());
    Process process = builder.start();
    process.getOutputStream().close();
    if (!process.waitFor(20, TimeUnit.SECONDS)) process.destroyForcibly();
    assertThat(Files.readString(folder.resolve("copied"), StandardCharsets.ISO_8859_1))
        .contains("Subject: two")
        .doesNotContain("Subject: one");
  }

  private void fillBoth() throws IOException {
    for (String kind : List.of("mbox", "zip")) {
      try (Target target = open(kind)) {
        write(
            target,
            "Mail",
            List.of(
                item("Subject: one\r\n\r\nFrom the sea\r\n", Set.of("\\Seen", "work")),
                item("Subject: two\r\n\r\nlast", Set.of("\\Flagged", "\\Answered"))));
        write(target, "Mail/Sub", List.of(item("Subject: three\r\n\r\n", Set.of())));
        target.finish();
      }
    }
  }

  /// More files than two octets count, and places that four octets do not reach.
  @Test
  void largeArchivesAreZip64() throws Exception {
    List<NewItem> batch = new ArrayList<>();
    for (int i = 0; i < 70_000; i++) batch.add(item("Subject: " + i + "\r\n\r\n", Set.of()));
    try (Target target = open("zip")) {
      MailFolder box = target.ensureFolder(FolderPath.of("Many"), FolderRole.NONE, true);
      try (ItemWriter writer = target.write(box)) {
        writer.send(batch);
        assertThat(writer.receive()).hasSize(70_000);
      }
      target.finish();
    }
    try (Source zip = new ZipTree(folder.resolve("archive.zip"), spool())) {
      assertThat(zip.folders().getFirst().itemCount()).isEqualTo(70_000);
    }
    Path far = folder.resolve("far.zip");
    byte[] text = "far away".getBytes(StandardCharsets.UTF_8);
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(text);
    ZipRecords.Entry entry =
        new ZipRecords.Entry(
            "Far/1.eml",
            0,
            ZipRecords.STORED,
            crc.getValue(),
            text.length,
            text.length,
            5L << 30,
            0);
    try (var channel =
        java.nio.channels.FileChannel.open(
            far, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // A file of holes: it takes no room.
      var local = ZipRecords.local(entry, new byte[0]);
      int header = local.remaining();
      channel.write(local, entry.offset());
      channel.write(java.nio.ByteBuffer.wrap(text), entry.offset() + header);
      var central = ZipRecords.central(entry);
      int bytes = central.remaining();
      channel.write(central, 6L << 30);
      channel.write(ZipRecords.end(1, 6L << 30, bytes), (6L << 30) + bytes);
    }
    try (Source zip = new ZipTree(far, spool())) {
      assertThat(picture(zip).get("Far")).hasSize(1).first().asString().endsWith("far away");
    }
    String script =
        "import sys, zipfile\nfor n in sys.argv[1:]: z = zipfile.ZipFile(n); print(len(z.namelist()), z.testzip())";
    Optional<String> said =
        run(List.of("python3", "-c", script, folder + "/archive.zip", folder + "/far.zip"));
    said.ifPresent(text2 -> assertThat(text2.lines()).containsExactly("70003 None", "1 None"));
  }

  /// What a program says; empty if it is not there.
  private static Optional<String> run(List<String> command) throws Exception {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return Optional.of(said);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
