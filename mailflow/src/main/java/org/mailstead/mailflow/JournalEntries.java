package org.mailstead.mailflow;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.Content;
import org.mailstead.core.queue.MailQueue;
import org.mailstead.core.queue.NewEntry;
import org.mailstead.core.queue.QueueEnvelope;
import org.mailstead.core.queue.QueueId;
import org.mailstead.mailflow.journaling.JournaledMessage;
import org.mailstead.mailflow.journaling.Journaling;

/// Journal reports as queue entries, for the commit that accepts their message: so none is missing
/// and none is doubled, whatever crashes.
final class JournalEntries {
  private final Optional<Journaling> journaling;
  private final MailQueue queue;
  private final MessageAssembly assembly;
  private final MailflowSettings settings;

  JournalEntries(
      Optional<Journaling> journaling,
      MailQueue queue,
      MessageAssembly assembly,
      MailflowSettings settings) {
    this.journaling = journaling;
    this.queue = queue;
    this.assembly = assembly;
    this.settings = settings;
  }

  List<Journaling.Report> reports(JournaledMessage message, Instant now) {
    return journaling.map(j -> j.reports(message, now)).orElse(List.of());
  }

  static JournaledMessage.Header header(MessageHeader header) {
    return new JournaledMessage.Header(
        header.findAll("From"),
        header.findAll("Sender"),
        header.findAll("To"),
        header.findAll("Cc"),
        header.findAll("Bcc"),
        header.find("Subject"),
        header.find("Message-ID"));
  }

  /// The report as an entry of the shard, its content staged.
  ///
  /// @param original as it came
  NewEntry stage(Journaling.Report report, int shard, Content original, Instant now) {
    boolean local = report.targets().getFirst().isLocal();
    String returnPath = local ? TraceFields.returnPath(Optional.of(report.reportAddress())) : "";
    QueueId id = queue.newId(shard);
    try (Content whole =
        assembly.assemble(returnPath + report.before(), original, List.of(), report.after())) {
      return new NewEntry(
          id,
          new QueueEnvelope(
              report.organization(),
              Optional.of(report.reportAddress()),
              Optional.empty(),
              QueueEnvelope.Origin.JOURNAL,
              QueueEnvelope.Priority.NORMAL,
              Optional.of(QueueEnvelope.ReturnContent.HEADERS),
              Optional.empty(),
              !AddressText.isAscii(report.journalingAddress().toString() + report.reportAddress()),
              returnPath.getBytes(StandardCharsets.UTF_8).length,
              now,
              now.plus(settings.expiry())),
          report.targets(),
          queue.stage(id, report.organization(), whole));
    }
  }
}
