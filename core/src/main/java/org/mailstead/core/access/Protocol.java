package org.mailstead.core.access;

import java.util.Arrays;
import java.util.Optional;

/// The way in, by the names of WorkMail's access control rules.
public enum Protocol {
  ACTIVE_SYNC("ActiveSync"),
  AUTODISCOVER("AutoDiscover"),
  EWS("EWS"),
  IMAP("IMAP"),
  SMTP("SMTP"),
  WINDOWS_OUTLOOK("WindowsOutlook"),
  WEB_MAIL("WebMail");

  private final String workMailName;

  Protocol(String workMailName) {
    this.workMailName = workMailName;
  }

  /// By its name in rules, letter case included.
  public static Optional<Protocol> find(String workMailName) {
    return Arrays.stream(values()).filter(p -> p.workMailName.equals(workMailName)).findFirst();
  }

  public String workMailName() {
    return workMailName;
  }
}
