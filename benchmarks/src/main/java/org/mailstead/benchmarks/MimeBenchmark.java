package org.mailstead.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.mailstead.formats.mime.MessageScanner;
import org.mailstead.formats.mime.MessageText;
import org.mailstead.formats.mime.MimePart;
import org.mailstead.formats.mime.Preview;
import org.mailstead.formats.mime.SearchText;
import org.mailstead.formats.mime.StructureCodec;
import org.mailstead.formats.mime.StructureWriter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What a delivery does with a message's bytes: the scan, the structure texts, the preview; and the
/// text for search. The time is that of one pass over all messages of the folder named by
/// -Dmailstead.bench.messages, made by `make_corpus.py --count 2000 --seed 1 --eml FOLDER`; `small`
/// takes those of about 4 KB.
///
/// Run: `java -cp … -Dmailstead.bench.messages=FOLDER org.openjdk.jmh.Main MimeBenchmark`
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MimeBenchmark {
  private static final int LARGE_BYTES = 100_000_000;

  /// Which messages: all of the folder, those of 3 to 4.5 KB, or one of 100 MB in base64.
  @Param({"all", "small", "large"})
  public String messages = "all";

  private List<ByteBuffer> buffers = List.of();
  private List<ByteBuffer> direct = List.of();

  @Setup
  public void load() {
    buffers = messages.equals("large") ? List.of(large()) : read(messages.equals("small"));
    direct = new ArrayList<>();
    for (ByteBuffer buffer : buffers) {
      direct.add(ByteBuffer.allocateDirect(buffer.remaining()).put(buffer.duplicate()).flip());
    }
    long bytes = buffers.stream().mapToLong(ByteBuffer::remaining).sum();
    System.out.printf("# %d messages, %d bytes%n", buffers.size(), bytes);
  }

  private static List<ByteBuffer> read(boolean small) {
    var read = new ArrayList<ByteBuffer>();
    Path folder = Path.of(System.getProperty("mailstead.bench.messages", "messages"));
    try (var files = Files.newDirectoryStream(folder, "*.eml")) {
      for (Path file : files) {
        byte[] octets = Files.readAllBytes(file);
        if (!small || (octets.length > 3000 && octets.length < 4500)) {
          read.add(ByteBuffer.wrap(octets));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return read;
  }

  private static ByteBuffer large() {
    byte[] head =
        """
        Content-Type: multipart/mixed; boundary=b

        --b

        words
        --b
        Content-Transfer-Encoding: base64

        """
            .replace("\n", "\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] octets = new byte[LARGE_BYTES];
    Arrays.fill(octets, (byte) 'A');
    for (int i = head.length + 77; i < octets.length; i += 78) {
      octets[i - 1] = '\r';
      octets[i] = '\n';
    }
    System.arraycopy(head, 0, octets, 0, head.length);
    return ByteBuffer.wrap(octets);
  }

  @Benchmark
  public long scan() {
    long ends = 0;
    for (ByteBuffer message : buffers) ends += MessageScanner.scan(message).end();
    return ends;
  }

  /// The same over memory outside of the heap, as a mapped file is.
  @Benchmark
  public long scanDirect() {
    long ends = 0;
    for (ByteBuffer message : direct) ends += MessageScanner.scan(message).end();
    return ends;
  }

  /// All that is stored beside a message.
  @Benchmark
  public long delivery() {
    long bytes = 0;
    for (ByteBuffer message : buffers) {
      MimePart structure = MessageScanner.scan(message);
      bytes += StructureWriter.envelope(structure).length;
      bytes += StructureWriter.bodyStructure(structure).length;
      bytes += StructureCodec.encode(structure).length;
      bytes += Preview.of(message, structure).length();
    }
    return bytes;
  }

  @Benchmark
  public long searchText() {
    long characters = 0;
    for (ByteBuffer message : buffers) {
      MessageText text = MessageText.of(message, MessageScanner.scan(message));
      characters += SearchText.fold(text.headers()).length();
      characters += SearchText.fold(text.body()).length();
    }
    return characters;
  }
}
