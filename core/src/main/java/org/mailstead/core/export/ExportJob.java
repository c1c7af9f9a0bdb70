package org.mailstead.core.export;

import java.time.Instant;
import java.util.Optional;
import org.mailstead.base.EntityId;
import org.mailstead.base.MailboxId;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// One export of a mailbox, as DescribeMailboxExportJob shows it.
///
/// @param target what the caller named
/// @param path the archive's key in the bucket
/// @param startCount how often it was begun; more than once after ends of the service
public record ExportJob(
    String id,
    EntityId entity,
    MailboxId mailbox,
    Target target,
    String path,
    State state,
    Optional<String> errorInfo,
    Instant started,
    Optional<Instant> ended,
    int startCount) {
  private static final int FORMAT = 1;

  public enum State {
    RUNNING,
    COMPLETED,
    FAILED,
    CANCELLED
  }

  /// What StartMailboxExportJob asks for, but the entity.
  ///
  /// @param roleArn recorded; the credentials of the installation are used
  public record Target(
      String clientToken,
      Optional<String> description,
      String roleArn,
      String kmsKeyArn,
      String bucket,
      String prefix) {}

  /// The key of the log that is written beside the archive.
  public String logPath() {
    return path.substring(0, path.length() - ".zip".length()) + ".json";
  }

  boolean isRunning() {
    return state == State.RUNNING;
  }

  ExportJob begun() {
    return new ExportJob(
        id, entity, mailbox, target, path, state, errorInfo, started, ended, startCount + 1);
  }

  ExportJob ended(State how, Optional<String> error, Instant when) {
    return new ExportJob(
        id, entity, mailbox, target, path, how, error, started, Optional.of(when), startCount);
  }

  byte[] value() {
    return new ValueWriter(FORMAT)
        .text(entity.value())
        .text(mailbox.value())
        .text(target.clientToken())
        .optionalText(target.description())
        .text(target.roleArn())
        .text(target.kmsKeyArn())
        .text(target.bucket())
        .text(target.prefix())
        .text(path)
        .text(state.name())
        .optionalText(errorInfo)
        .time(started)
        .optionalTime(ended)
        .number(startCount)
        .value();
  }

  static ExportJob read(String id, byte[] value) {
    var in = new ValueReader(value, FORMAT);
    return new ExportJob(
        id,
        new EntityId(in.text()),
        new MailboxId(in.text()),
        new Target(in.text(), in.optionalText(), in.text(), in.text(), in.text(), in.text()),
        in.text(),
        State.valueOf(in.text()),
        in.optionalText(),
        in.time(),
        in.optionalTime(),
        (int) in.number());
  }
}
