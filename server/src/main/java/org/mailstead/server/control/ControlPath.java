package org.mailstead.server.control;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/// Where the control socket of a data folder lies: inside it, or, when that path is too long for a
/// socket, in the temporary folder under a name made from it.
final class ControlPath {
  private ControlPath() {}

  static Path choose(Path dataFolder) {
    Path inside = dataFolder.toAbsolutePath().normalize().resolve("control.sock");
    byte[] bytes = inside.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= ControlServer.PATH_BYTES_MAX) return inside;
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return Path.of(
        System.getProperty("java.io.tmpdir", "/tmp"),
        "mailstead-" + HexFormat.of().toHexDigits((int) sum.getValue()) + ".sock");
  }
}
