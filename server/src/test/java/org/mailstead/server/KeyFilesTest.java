package org.mailstead.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyFilesTest {
  private static final Map<String, String> PASSPHRASE =
      Map.of(KeyFiles.PASSPHRASE, "correct horse battery");

  @TempDir Path folder;

  @Test
  void aSealedKeyComesBackWithItsPassphraseOnly() throws Exception {
    Path key = Files.writeString(folder.resolve("key"), "the master key of everything");
    Path sealed = folder.resolve("sealed");
    KeyFiles.seal(key, sealed, PASSPHRASE);
    assertThat(Files.readString(sealed, StandardCharsets.ISO_8859_1))
        .doesNotContain("master key of everything");
    Path back = folder.resolve("data/keys/master.key");
    assertThatThrownBy(
            () -> KeyFiles.put(sealed, back, Map.of(KeyFiles.PASSPHRASE, "another passphrase")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("wrong passphrase");
    assertThatThrownBy(() -> KeyFiles.put(sealed, back, Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(KeyFiles.PASSPHRASE);
    assertThat(back).doesNotExist();
    KeyFiles.put(sealed, back, PASSPHRASE);
    assertThat(back).hasSameBinaryContentAs(key);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(back)))
        .isEqualTo("rw-------");
  }

  @Test
  void anotherKeyIsNeverReplaced() throws Exception {
    Path key = Files.writeString(folder.resolve("key"), "one");
    Path place = folder.resolve("place");
    KeyFiles.put(key, place, Map.of());
    KeyFiles.put(key, place, Map.of());
    Path other = Files.writeString(folder.resolve("other"), "two");
    assertThatThrownBy(() -> KeyFiles.put(other, place, Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is there already");
    assertThat(place).hasSameBinaryContentAs(key);
  }
}
