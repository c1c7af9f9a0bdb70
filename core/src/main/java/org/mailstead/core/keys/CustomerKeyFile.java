package org.mailstead.core.keys;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;

/// Customers' keys in a text file that the operator keeps: `mailstead-customer-keys 1`, then `key
/// <ARN> <64 hexadecimal digits>` lines. Read at every use, so that a line that is taken out (or a
/// medium that is unplugged) withdraws the key; the file is never written.
public final class CustomerKeyFile implements CustomerKeys {
  private static final String HEADING = "mailstead-customer-keys 1";
  private static final int LINES_MAX = 10_000;

  private final Path file;

  public CustomerKeyFile(Path file) {
    this.file = file;
  }

  @Override
  public void check(Use use) {
    if (find(use).isEmpty()) {
      throw new RefusedException(
          Refusal.INVALID, "The key " + use.keyArn() + " is not in the installation's key file.");
    }
  }

  @Override
  public byte[] wrap(Use use, byte[] dataKey) {
    return load(use).seal(dataKey, associated(use));
  }

  @Override
  public byte[] unwrap(Use use, byte[] wrapped) {
    return load(use)
        .open(wrapped, associated(use))
        .orElseThrow(() ->
            new RevokedKeyException(
                "what " + use.keyArn() + " wrapped does not open with the key of this name"));
  }

  private SealingKey load(Use use) {
    return find(use)
        .orElseThrow(() -> new RevokedKeyException("the key file has no key " + use.keyArn()));
  }

  private Optional<SealingKey> find(Use use) {
    try {
      var lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
      if (lines.isEmpty() || !lines.getFirst().equals(HEADING) || lines.size() > LINES_MAX) {
        throw damaged();
      }
      for (String line : lines.subList(1, lines.size())) {
        if (line.isBlank() || line.startsWith("#")) continue;
        String[] words = line.split(" ", -1);
        if (words.length != 3 || !words[0].equals("key")) throw damaged();
        if (!words[1].equals(use.keyArn())) continue;
        byte[] key = HexFormat.of().parseHex(words[2]);
        if (key.length != SealingKey.KEY_BYTES) throw damaged();
        return Optional.of(SealingKey.of(key));
      }
      return Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      throw damaged(); // Without its text, which could repeat the key.
    } catch (IOException e) {
      throw new UnavailableException("cannot read " + file, Duration.ofMinutes(1), e);
    }
  }

  private UnavailableException damaged() {
    return new UnavailableException(
        file + " is not a file of customer keys", Duration.ofMinutes(1));
  }

  /// Key and context, so that nothing opens under another name or for another organization.
  private static byte[] associated(Use use) {
    return (CONTEXT_NAME + "=" + use.organizationArn() + "\n" + use.keyArn())
        .getBytes(StandardCharsets.UTF_8);
  }
}
