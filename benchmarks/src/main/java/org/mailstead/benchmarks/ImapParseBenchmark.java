package org.mailstead.benchmarks;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.mailstead.base.ContentSpool;
import org.mailstead.imap.wire.CommandParser;
import org.mailstead.imap.wire.ImapInput;
import org.mailstead.imap.wire.ImapLimits;
import org.mailstead.imap.wire.Parsed;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/// Parsing a client's ordinary commands: the time is that of one round of ten.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ImapParseBenchmark {
  private static final int COMMAND_COUNT = 10;
  private static final byte[] COMMANDS =
      ("""
      a1 SELECT INBOX
      a2 UID FETCH 1:* (FLAGS)
      a3 UID FETCH 100:200,300 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)
      a4 UID FETCH 4711 (BODY.PEEK[HEADER.FIELDS (FROM TO CC SUBJECT DATE)] BODY.PEEK[1.2]<0.4096>)
      a5 UID STORE 1,2,3,5:9 +FLAGS.SILENT (\\Seen \\Flagged work)
      a6 UID SEARCH RETURN (ALL) OR FROM "anna" SUBJECT "report" SINCE 1-Jan-2026 UNSEEN
      a7 LIST (SUBSCRIBED) "" "*" RETURN (STATUS (MESSAGES UNSEEN))
      a8 UID MOVE 100:120 "Deleted Items"
      a9 STATUS "Sent Items" (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ)
      a10 NOOP
      """)
          .replace("\n", "\r\n")
          .getBytes(StandardCharsets.US_ASCII);

  @Benchmark
  public void ordinaryCommands(Blackhole hole) throws IOException {
    ImapInput in = new ImapInput(new ByteArrayInputStream(COMMANDS), () -> {});
    CommandParser parser =
        new CommandParser(
            in,
            ImapLimits.STANDARD,
            new ContentSpool(Path.of("."), 1 << 20),
            () -> {},
            (_, _) -> Optional.empty());
    parser.loggedIn();
    for (int i = 0; i < COMMAND_COUNT; i++) {
      Parsed parsed = parser.read();
      if (parsed instanceof Parsed.Malformed bad) throw new IllegalStateException(bad.toString());
      hole.consume(parsed);
    }
  }
}
