package org.mailstead.core.rules;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.MailboxRecords;
import org.mailstead.core.mailbox.MailboxRecords.Kind;
import org.mailstead.formats.sieve.SieveLimits;
import org.mailstead.formats.sieve.SieveScript;

/// The Sieve scripts of one mailbox, of which at most one is active. What is put is checked first:
/// no script that is wrong is ever stored.
public final class MailboxScripts {
  static final String ONLY = "";

  private final Mailbox mailbox;

  /// @param active whether it runs at delivery
  public record Listed(String name, boolean active) {}

  public MailboxScripts(Mailbox mailbox) {
    this.mailbox = mailbox;
  }

  /// In the order of their names.
  public List<Listed> list() {
    MailboxRecords.Snapshot records = mailbox.records().load();
    Optional<String> active = active(records);
    return records.all(Kind.SIEVE_SCRIPT).keySet().stream()
        .map(name -> new Listed(name, active.equals(Optional.of(name))))
        .toList();
  }

  public Optional<String> find(String name) {
    return mailbox.records().load().find(Kind.SIEVE_SCRIPT, name).map(MailboxScripts::text);
  }

  /// Whether a script of this size could be put.
  ///
  /// @throws RefusedException LIMIT_REACHED, TOO_LARGE, INVALID (the name)
  public void checkSpace(String name, long bytes) {
    checkName(name);
    checkSize(bytes);
    checkCount(mailbox.records().load(), name);
  }

  /// Stores a script, replacing one of the same name.
  ///
  /// @throws org.mailstead.base.MalformedException the script is wrong: line, column and reason
  /// @throws RefusedException LIMIT_REACHED, TOO_LARGE, INVALID (the name)
  public void put(String name, String script) {
    checkName(name);
    byte[] octets = script.getBytes(StandardCharsets.UTF_8);
    checkSize(octets.length);
    var _ = SieveScript.parse(script);
    mailbox
        .records()
        .change(edit -> {
          checkCount(edit.before(), name);
          edit.put(Kind.SIEVE_SCRIPT, name, value(script));
          return true;
        });
  }

  /// Makes a script the one that runs; none for an empty name.
  ///
  /// @throws RefusedException NOT_FOUND
  public void activate(Optional<String> name) {
    mailbox
        .records()
        .change(edit -> {
          if (name.isEmpty()) {
            edit.delete(Kind.ACTIVE_SCRIPT, ONLY);
            return true;
          }
          load(edit.before(), name.get());
          edit.put(Kind.ACTIVE_SCRIPT, ONLY, value(name.get()));
          return true;
        });
  }

  /// @throws RefusedException NOT_FOUND; IN_USE: the active one
  public void delete(String name) {
    mailbox
        .records()
        .change(edit -> {
          load(edit.before(), name);
          if (active(edit.before()).equals(Optional.of(name))) {
            throw new RefusedException(Refusal.IN_USE, "the active script cannot be deleted");
          }
          edit.delete(Kind.SIEVE_SCRIPT, name);
          return true;
        });
  }

  /// The active one stays active under its new name (RFC 5804 §2.11.1).
  ///
  /// @throws RefusedException NOT_FOUND, ALREADY_EXISTS, INVALID (the name)
  public void rename(String name, String newName) {
    checkName(newName);
    mailbox
        .records()
        .change(edit -> {
          byte[] script = load(edit.before(), name);
          if (edit.before().find(Kind.SIEVE_SCRIPT, newName).isPresent()) {
            throw new RefusedException(
                Refusal.ALREADY_EXISTS, "there is a script of this name already");
          }
          edit.delete(Kind.SIEVE_SCRIPT, name);
          edit.put(Kind.SIEVE_SCRIPT, newName, script);
          if (active(edit.before()).equals(Optional.of(name))) {
            edit.put(Kind.ACTIVE_SCRIPT, ONLY, value(newName));
          }
          return true;
        });
  }

  /// The script that runs; empty too if it is gone.
  static Optional<String> active(MailboxRecords.Snapshot records) {
    return records
        .find(Kind.ACTIVE_SCRIPT, ONLY)
        .map(MailboxScripts::text)
        .filter(name -> records.find(Kind.SIEVE_SCRIPT, name).isPresent());
  }

  private static byte[] load(MailboxRecords.Snapshot records, String name) {
    return records
        .find(Kind.SIEVE_SCRIPT, name)
        .orElseThrow(() -> new RefusedException(Refusal.NOT_FOUND, "there is no such script"));
  }

  private static void checkSize(long bytes) {
    if (bytes > SieveLimits.SCRIPT_BYTES_MAX) {
      throw new RefusedException(
          Refusal.TOO_LARGE,
          "a script has " + SieveLimits.SCRIPT_BYTES_MAX + " octets at the most");
    }
  }

  private static void checkCount(MailboxRecords.Snapshot records, String name) {
    var scripts = records.all(Kind.SIEVE_SCRIPT);
    if (!scripts.containsKey(name) && scripts.size() >= RuleLimits.SCRIPTS_MAX) {
      throw new RefusedException(
          Refusal.LIMIT_REACHED,
          "a mailbox has " + RuleLimits.SCRIPTS_MAX + " scripts at the most");
    }
  }

  /// RFC 5804 §1.6: no control characters nor line separators.
  private static void checkName(String name) {
    boolean bad =
        name.isEmpty()
            || name.length() > RuleLimits.SCRIPT_NAME_CHARS_MAX
            || name.chars()
                .anyMatch(c -> c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029);
    if (bad) {
      throw new RefusedException(
          Refusal.INVALID,
          "a script's name has 1 to "
              + RuleLimits.SCRIPT_NAME_CHARS_MAX
              + " characters, none of them a control character");
    }
  }

  /// Format octet, then UTF-8.
  static byte[] value(String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    byte[] value = new byte[octets.length + 1];
    value[0] = 1;
    System.arraycopy(octets, 0, value, 1, octets.length);
    return value;
  }

  static String text(byte[] value) {
    if (value[0] != 1) throw new IllegalStateException("a record of unknown format " + value[0]);
    return new String(value, 1, value.length - 1, StandardCharsets.UTF_8);
  }
}
