package org.mailstead.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.server.settings.Settings;

@DisplayName("OPS-3: restore into a data folder")
final class BackupsTest {
  private static final Settings SETTINGS = Settings.load(Optional.empty(), Map.of());

  @TempDir Path folder;
  private Path backup;
  private DataFolder original;

  @BeforeEach
  void backUp() throws IOException {
    original = new DataFolder(folder.resolve("original"));
    original.create();
    backup = folder.resolve("backup");
    try (Domain domain = Domain.open(original, SETTINGS)) {
      domain.directory().accounts().createAccount();
      Backups.write(domain, backup, _ -> {});
    }
  }

  private String restore(DataFolder into) throws IOException {
    return Backups.restore(backup, into, Optional.of(original.masterKey()), SETTINGS, _ -> {});
  }

  @Test
  void anInterruptedRestoreBeginsAnew() throws IOException {
    DataFolder into = new DataFolder(folder.resolve("restored"));
    into.create();
    Files.createDirectories(into.store());
    Files.writeString(into.store().resolve("half"), "what a killed restore left");
    assertThatThrownBy(() -> restore(into))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not empty");
    Files.writeString(into.restoring(), "begun");
    assertThat(restore(into)).contains("restored ");
    assertThat(into.isRestoring()).isFalse();
    assertThat(into.store().resolve("half")).doesNotExist();
    try (Domain domain = Domain.open(into, SETTINGS)) {
      assertThat(domain.check().errorCount()).isZero();
    }
  }

  @Test
  void aFolderWhoseRestoreHasNotEndedIsNotServed() throws IOException {
    DataFolder into = new DataFolder(folder.resolve("restored"));
    into.create();
    Files.writeString(into.restoring(), "begun");
    assertThatThrownBy(() -> Service.start(into, SETTINGS, Optional.empty()))
        .hasMessageContaining("restore");
  }
}
