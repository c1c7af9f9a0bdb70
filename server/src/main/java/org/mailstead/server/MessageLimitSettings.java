package org.mailstead.server;

import org.mailstead.server.settings.Settings;
import org.mailstead.server.settings.SettingsException;

/// The limits on one message (LIM-1) as the operator has them: lower at will, higher than the
/// guide's only together with `limits.beyond-the-guide`.
///
/// @param messageBytes in transport, octets as received
/// @param appendBytes by APPEND and import, octets
/// @param recipients of one message
record MessageLimitSettings(long messageBytes, long appendBytes, int recipients) {
  /// RFC 5321 §4.5.3.1.7: a server takes at least 64K octets.
  private static final long BYTES_MIN = 64 << 10;

  private static final long MESSAGE_BYTES = 25 << 20;

  /// What WorkMail took last.
  private static final long MESSAGE_BYTES_MAX = 40 << 20;

  private static final long APPEND_BYTES = 150 << 20;
  private static final long APPEND_BYTES_MAX = 1 << 30;

  /// RFC 5321 §4.5.3.1.8: a server takes at least 100 recipients.
  private static final int RECIPIENTS_MIN = 100;

  private static final int RECIPIENTS = 500;
  private static final int RECIPIENTS_MAX = 10_000;

  /// @throws SettingsException a value is out of range: the text names key and range
  static MessageLimitSettings read(Settings settings) {
    var read =
        new MessageLimitSettings(
            number(settings, "limits.message-bytes", BYTES_MIN, MESSAGE_BYTES, MESSAGE_BYTES_MAX),
            number(settings, "limits.append-bytes", BYTES_MIN, APPEND_BYTES, APPEND_BYTES_MAX),
            (int)
                number(settings, "limits.recipients", RECIPIENTS_MIN, RECIPIENTS, RECIPIENTS_MAX));
    if (read.appendBytes < read.messageBytes) {
      throw new SettingsException(
          "limits.append-bytes: less than limits.message-bytes, so that mail that came could not be copied");
    }
    return read;
  }

  private static long number(Settings settings, String key, long min, long guide, long max) {
    long value = settings.number(key);
    if (value < min || value > max) throw new SettingsException(key + ": " + min + " to " + max);
    if (value > guide && !settings.isOn("limits.beyond-the-guide")) {
      throw new SettingsException(
          key + ": more than " + guide + " needs limits.beyond-the-guide = true");
    }
    return value;
  }
}
