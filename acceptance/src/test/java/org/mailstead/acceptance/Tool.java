package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A foreign program run to its end.
///
/// @param output standard output and error together
record Tool(int exitCode, String output) {
  private static final long SECONDS_MAX = 600;

  static boolean isInstalled(String program) {
    return List.of("/usr/bin", "/usr/sbin", "/bin", "/usr/local/bin").stream()
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  static Tool run(Map<String, String> environment, String input, List<String> command)
      throws IOException, InterruptedException {
    Process process = ServiceProcess.builder(command, environment).start();
    try (var out = process.getOutputStream()) {
      out.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(command.getFirst() + " did not end: " + output);
    }
    return new Tool(process.exitValue(), output);
  }

  static Tool run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    return run(environment, "", List.of(command));
  }

  static Tool run(String... command) throws IOException, InterruptedException {
    return run(Map.of(), "", List.of(command));
  }

  Tool succeeds() {
    assertThat(exitCode).as(output).isZero();
    return this;
  }
}
