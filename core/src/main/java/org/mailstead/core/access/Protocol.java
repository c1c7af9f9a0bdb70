package org.mailstead.core.access;

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

  public String workMailName() {
    return workMailName;
  }
}
