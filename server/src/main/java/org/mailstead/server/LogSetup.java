package org.mailstead.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import org.mailstead.server.settings.SettingsException;
import org.slf4j.LoggerFactory;

/// The level of what goes to standard error (logback.xml has the form).
final class LogSetup {
  private LogSetup() {}

  static void apply(String level) {
    Level wanted =
        switch (level) {
          case "error" -> Level.ERROR;
          case "warn" -> Level.WARN;
          case "info" -> Level.INFO;
          case "debug" -> Level.DEBUG;
          default ->
              throw new SettingsException(
                  "server.log-level: error, warn, info or debug, not " + level);
        };
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.getLogger("org.mailstead").setLevel(wanted);
    }
  }
}
