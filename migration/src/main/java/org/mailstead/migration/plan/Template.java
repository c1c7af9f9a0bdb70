package org.mailstead.migration.plan;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The commented settings file that a migration begins with.
public final class Template {
  private Template() {}

  public static String text() {
    try (InputStream in = Template.class.getResourceAsStream("template.toml")) {
      if (in == null) throw new IllegalStateException("template.toml is missing");
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("template.toml cannot be read", e);
    }
  }
}
