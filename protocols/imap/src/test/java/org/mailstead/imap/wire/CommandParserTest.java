package org.mailstead.imap.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mailstead.base.ContentSpool;
import org.mailstead.core.mailbox.Flags;

/// The parser: what it reads, and that no input at all does more than fail politely.
final class CommandParserTest {
  private static final List<String> SEEDS =
      List.of(
          "a LOGIN ann {6+}\r\nsecret\r\n",
          "a SELECT INBOX (CONDSTORE QRESYNC (1 2 1:5 (1,2 3,4)))\r\n",
          "a LIST (SUBSCRIBED RECURSIVEMATCH) \"\" (a* %) RETURN (CHILDREN STATUS (MESSAGES))\r\n",
          "a APPEND INBOX (\\Seen k) \"17-Jul-1996 02:44:25 -0700\" ~{5+}\r\nab\0de {2+}\r\nxy\r\n",
          "a UID FETCH 1:*,7 (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (A B)]<1.2>) (CHANGEDSINCE 5)\r\n",
          "a STORE 1,2:3 (UNCHANGEDSINCE 4) +FLAGS.SILENT (\\Seen $x)\r\n",
          "a SEARCH RETURN (MIN SAVE) CHARSET UTF-8 OR (TEXT {3+}\r\nabc NOT SEEN) HEADER A \"b\"\r\n",
          "a SORT (REVERSE DATE SUBJECT) UTF-8 SINCE 1-Feb-2020\r\n",
          "a THREAD REFERENCES UTF-8 ALL\r\n",
          "a CREATE x (USE (\\Drafts))\r\n",
          "a ID (\"name\" \"x\" \"y\" NIL)\r\n",
          "a SETACL INBOX bob +lr\r\n",
          "a STATUS \"a b\" (MESSAGES UIDNEXT)\r\n");

  private static CommandParser parser(byte[] input) {
    ImapInput in = new ImapInput(new ByteArrayInputStream(input), () -> {});
    CommandParser parser =
        new CommandParser(
            in,
            ImapLimits.STANDARD,
            new ContentSpool(Path.of("."), 1 << 20),
            () -> {},
            (_, length) ->
                length > 100_000
                    ? Optional.of(new CommandParser.AppendGate.Refusal("TOOBIG", "too big"))
                    : Optional.empty());
    parser.loggedIn();
    return parser;
  }

  private static List<Parsed> parseAll(byte[] input) throws IOException {
    CommandParser parser = parser(input);
    List<Parsed> all = new ArrayList<>();
    try {
      while (true) {
        Parsed parsed = parser.read();
        all.add(parsed);
        if (parsed instanceof Parsed.Command(_, ImapCommand.Append append)) {
          append.messages().forEach(message -> message.content().close());
        }
        if (parsed instanceof Parsed.Fatal) return all;
      }
    } catch (EOFException e) {
      return all;
    }
  }

  private static ImapCommand parse(String line) throws IOException {
    Parsed parsed = parser(line.getBytes(StandardCharsets.ISO_8859_1)).read();
    assertThat(parsed).isInstanceOf(Parsed.Command.class);
    return ((Parsed.Command) parsed).command();
  }

  @Test
  void flagBitsAreThoseOfCore() {
    assertThat(CommandParser.SEEN).isEqualTo(Flags.SEEN);
    assertThat(CommandParser.ANSWERED).isEqualTo(Flags.ANSWERED);
    assertThat(CommandParser.FLAGGED).isEqualTo(Flags.FLAGGED);
    assertThat(CommandParser.DELETED).isEqualTo(Flags.DELETED);
    assertThat(CommandParser.DRAFT).isEqualTo(Flags.DRAFT);
  }

  @Test
  void everySeedIsACommand() throws IOException {
    for (String seed : SEEDS) {
      List<Parsed> all = parseAll(seed.getBytes(StandardCharsets.ISO_8859_1));
      assertThat(all).as(seed).hasSize(1);
      assertThat(all.getFirst()).as(seed).isInstanceOf(Parsed.Command.class);
    }
  }

  @Test
  void fetchKeepsItemsInOrderWithTheirNames() throws IOException {
    ImapCommand.Fetch fetch =
        (ImapCommand.Fetch)
            parse("a FETCH 1 (UID BODY.PEEK[2.HEADER.FIELDS (\"a(b\" C)]<0.9>)\r\n");
    assertThat(fetch.items().getFirst()).isEqualTo(new FetchItem.Uid());
    assertThat(fetch.items().get(1))
        .isEqualTo(
            new FetchItem.Section(
                "BODY[2.HEADER.FIELDS (\"a(b\" C)]<0>",
                true,
                new FetchItem.SectionPath(
                    List.of(2), FetchItem.SectionText.HEADER_FIELDS, List.of("a(b", "c")),
                new FetchItem.Partial(0, 9)));
    assertThat(fetch.byUid()).isFalse();
  }

  @Test
  void randomlyBrokenCommandsOnlyFailPolitely() throws IOException {
    long seed = 20260301;
    Random random = new Random(seed);
    for (int round = 0; round < 40_000; round++) {
      byte[] bytes = SEEDS.get(random.nextInt(SEEDS.size())).getBytes(StandardCharsets.ISO_8859_1);
      int edits = 1 + random.nextInt(4);
      for (int i = 0; i < edits; i++) {
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(3)) {
          case 0 -> bytes[at] = (byte) random.nextInt(256);
          case 1 ->
              bytes[at] = (byte) "{}()[]<>\"\\*%$:,+~ \r\n0123456789".charAt(random.nextInt(30));
          default -> {
            byte[] shorter = new byte[bytes.length - 1];
            System.arraycopy(bytes, 0, shorter, 0, at);
            System.arraycopy(bytes, at + 1, shorter, at, shorter.length - at);
            bytes = shorter.length == 0 ? bytes : shorter;
          }
        }
      }
      // No exception but the end of input gets out: that is the property.
      assertThat(parseAll(bytes)).as("seed %s round %s", seed, round).isNotNull();
    }
  }

  @Test
  void afterABrokenCommandTheNextOneIsRead() throws IOException {
    for (String seed : SEEDS) {
      String broken = seed.replaceFirst("^a [A-Z]+", "a BROKEN");
      List<Parsed> all = parseAll((broken + "b NOOP\r\n").getBytes(StandardCharsets.ISO_8859_1));
      assertThat(all.getFirst()).as(seed).isInstanceOf(Parsed.Malformed.class);
      assertThat(all.getLast()).as(seed).isEqualTo(new Parsed.Command("b", new ImapCommand.Noop()));
      assertThat(all).as(seed).hasSize(2);
    }
  }

  @Test
  void setsAreSortedAndMerged() throws IOException {
    assertThat(set("5,1:3,2:4,9:7")).hasToString("1:5,7:9");
    assertThat(set("*:5,1")).hasToString("1,5:*");
    assertThat(set("*")).hasToString("*");
    assertThat(set("$")).hasToString("$");
    assertThat(set("4294967295")).hasToString("4294967295");
    assertThat(parser("a FETCH 0 UID\r\n".getBytes(StandardCharsets.US_ASCII)).read())
        .isInstanceOf(Parsed.Malformed.class);
    assertThat(parser("a FETCH 4294967296 UID\r\n".getBytes(StandardCharsets.US_ASCII)).read())
        .isInstanceOf(Parsed.Malformed.class);
  }

  private static MessageSet set(String text) throws IOException {
    return ((ImapCommand.Fetch) parse("a FETCH " + text + " UID\r\n")).messages();
  }

  @Test
  void oneRangeMoreThanTheLimitIsMalformed() throws IOException {
    // Lines are shorter than this in practice; the limit of ranges holds by itself.
    StringBuilder set = new StringBuilder("1");
    for (int i = 1; i <= ImapLimits.STANDARD.setRangeCountMax(); i++) set.append(",1");
    ImapLimits wide =
        new ImapLimits(
            1 << 20,
            8 << 10,
            1 << 16,
            8 << 10,
            1L << 20,
            1L << 20,
            10,
            1 << 16,
            64,
            100,
            100_000,
            100,
            20,
            100,
            5,
            1000,
            10,
            10,
            java.time.Duration.ofMinutes(1),
            java.time.Duration.ofMinutes(30),
            java.time.Duration.ofMinutes(1));
    ImapInput in =
        new ImapInput(
            new ByteArrayInputStream(
                ("a FETCH " + set + " UID\r\n").getBytes(StandardCharsets.US_ASCII)),
            () -> {});
    CommandParser parser =
        new CommandParser(
            in, wide, new ContentSpool(Path.of("."), 10), () -> {}, (_, _) -> Optional.empty());
    parser.loggedIn();
    assertThat(parser.read())
        .isEqualTo(new Parsed.Malformed("a", "too many ranges in a message set"));
  }

  @Test
  void modifiedUtf7ComesBackAsItWas() {
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      StringBuilder name = new StringBuilder();
      int length = random.nextInt(12);
      for (int i = 0; i < length; i++) {
        int point =
            switch (random.nextInt(4)) {
              case 0 -> 0x20 + random.nextInt(0x5F);
              case 1 -> 0xA0 + random.nextInt(0x500);
              case 2 -> 0x1F300 + random.nextInt(0x200);
              default -> '&';
            };
        name.appendCodePoint(point);
      }
      String encoded = ModifiedUtf7.encode(name.toString());
      assertThat(encoded).matches("[ -~]*");
      assertThat(ModifiedUtf7.decode(encoded)).isEqualTo(name.toString());
    }
  }

  @Test
  void datesComeBackAsTheyWere() {
    Random random = new Random(8);
    for (int round = 0; round < 20_000; round++) {
      java.time.Instant instant =
          java.time.Instant.ofEpochSecond(random.nextLong(-2_000_000_000L, 8_000_000_000L));
      String text = ImapDates.format(instant);
      assertThat(ImapDates.parseDateTime(text.substring(1, text.length() - 1))).isEqualTo(instant);
    }
  }
}
