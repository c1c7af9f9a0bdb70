package org.mailstead.server.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;

final class ControlServerTest {
  @TempDir Path folder;

  private final Map<String, ControlServer.Word> words =
      Map.of(
          "echo",
          (request, progress) -> {
            progress.accept("one");
            progress.accept("two");
            return Map.of("said", request.path("text").asString(""));
          },
          "refuse",
          (_, _) -> {
            throw new RefusedException(Refusal.INVALID, "not like this", "secret detail");
          });

  @Test
  void aWordIsAnsweredAfterItsProgress() throws Exception {
    try (ControlServer server = new ControlServer(folder, words)) {
      assertThat(server).isNotNull();
      List<String> progress = new ArrayList<>();
      try (ControlClient client = ControlClient.connect(folder).orElseThrow()) {
        assertThat(
                client
                    .ask(Map.of("word", "echo", "text", "grüße"), progress::add)
                    .path("said")
                    .asString(""))
            .isEqualTo("grüße");
      }
      assertThat(progress).containsExactly("one", "two");
    }
    assertThat(ControlClient.connect(folder)).isEmpty();
  }

  @Test
  void anErrorIsToldInItsPublicWords() throws Exception {
    try (ControlServer server = new ControlServer(folder, words)) {
      assertThat(server).isNotNull();
      for (String[] pair :
          new String[][] {{"refuse", "not like this"}, {"fly", "unknown word: fly"}}) {
        try (ControlClient client = ControlClient.connect(folder).orElseThrow()) {
          assertThatThrownBy(() -> client.ask(Map.of("word", pair[0]), _ -> {}))
              .isInstanceOf(IOException.class)
              .hasMessage(pair[1]);
        }
      }
    }
  }

  @Test
  void onlyTheOwnerMayOpenTheSocketAndALeftOneIsNoService() throws Exception {
    try (ControlServer server = new ControlServer(folder, words)) {
      assertThat(server).isNotNull();
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(folder.resolve("control.sock"))))
          .isEqualTo("rw-------");
    }
    Files.writeString(folder.resolve("control.sock"), "");
    assertThat(ControlClient.connect(folder)).isEmpty();
  }

  @Test
  void aFolderWithALongPathHasItsSocketElsewhere() throws Exception {
    Path deep = Files.createDirectories(folder.resolve("x".repeat(60)).resolve("y".repeat(60)));
    try (ControlServer server = new ControlServer(deep, words)) {
      assertThat(server).isNotNull();
      assertThat(ControlClient.connect(deep)).isPresent();
    }
  }
}
