package org.mailstead.server.settings;

/// The settings cannot be used; the text is one line that names file, key and cause.
public final class SettingsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SettingsException(String text) {
    super(text, null, false, false);
  }
}
