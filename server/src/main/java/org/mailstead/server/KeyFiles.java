package org.mailstead.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.mailstead.core.keys.SealingKey;

/// Copies of the key file: sealed with a passphrase (Argon2id, 64 MiB, three passes; then
/// AES-256-GCM) for keeping beside a backup, or plain.
public final class KeyFiles {
  /// Where the passphrase comes from: never from the command line, which others can see.
  public static final String PASSPHRASE = "MAILSTEAD_PASSPHRASE";

  private static final byte[] MAGIC =
      "MAILSTEAD SEALED KEY 1\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ASSOCIATED = "master key".getBytes(StandardCharsets.US_ASCII);
  private static final int SALT_BYTES = 16;
  private static final int MEMORY_KIBIBYTES = 64 * 1024;
  private static final int PASSES = 3;

  private KeyFiles() {}

  /// Writes the key file of a data folder, sealed.
  ///
  /// @throws IOException no passphrase, or a file cannot be read or written
  public static void seal(Path keyFile, Path to, Map<String, String> environment)
      throws IOException {
    byte[] salt = new byte[SALT_BYTES];
    new SecureRandom().nextBytes(salt);
    byte[] sealed =
        SealingKey.of(stretched(passphrase(environment), salt))
            .seal(Files.readAllBytes(keyFile), ASSOCIATED);
    write(
        to,
        ByteBuffer.allocate(MAGIC.length + salt.length + sealed.length)
            .put(MAGIC)
            .put(salt)
            .put(sealed)
            .array());
  }

  /// Puts a key file, plain or sealed, into its place in a data folder.
  ///
  /// @throws IOException the passphrase is missing or wrong, or a key file is there already
  public static void put(Path from, Path keyFile, Map<String, String> environment)
      throws IOException {
    byte[] bytes = Files.readAllBytes(from);
    if (bytes.length > MAGIC.length + SALT_BYTES
        && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      byte[] salt = Arrays.copyOfRange(bytes, MAGIC.length, MAGIC.length + SALT_BYTES);
      byte[] sealed = Arrays.copyOfRange(bytes, MAGIC.length + SALT_BYTES, bytes.length);
      Optional<byte[]> plain =
          SealingKey.of(stretched(passphrase(environment), salt)).open(sealed, ASSOCIATED);
      bytes =
          plain.orElseThrow(
              () -> new IOException(from + " does not open: wrong passphrase, or it is damaged"));
    }
    if (Files.exists(keyFile)) {
      if (Arrays.equals(Files.readAllBytes(keyFile), bytes)) return;
      throw new IOException(keyFile + " is there already and is another key");
    }
    Files.createDirectories(keyFile.toAbsolutePath().getParent());
    write(keyFile, bytes);
  }

  private static String passphrase(Map<String, String> environment) throws IOException {
    String passphrase = environment.getOrDefault(PASSPHRASE, "");
    if (passphrase.length() < 12) {
      throw new IOException("set " + PASSPHRASE + " to a passphrase of at least 12 characters");
    }
    return passphrase;
  }

  private static byte[] stretched(String passphrase, byte[] salt) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withSalt(salt)
            .withMemoryAsKB(MEMORY_KIBIBYTES)
            .withIterations(PASSES)
            .withParallelism(1)
            .build());
    byte[] key = new byte[SealingKey.KEY_BYTES];
    generator.generateBytes(passphrase.getBytes(StandardCharsets.UTF_8), key);
    return key;
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(file, bytes, StandardOpenOption.SYNC, StandardOpenOption.WRITE);
  }
}
