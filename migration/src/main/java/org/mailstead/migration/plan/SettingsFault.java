package org.mailstead.migration.plan;

/// The settings file cannot be used; the text says what to change.
public final class SettingsFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SettingsFault(String text) {
    super(text, null, false, false);
  }
}
