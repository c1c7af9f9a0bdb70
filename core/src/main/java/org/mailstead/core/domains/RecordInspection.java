package org.mailstead.core.domains;

import java.util.List;
import org.mailstead.core.directory.MailDomainRecord;

/// Asks the name servers of a domain for the records that it should have.
@FunctionalInterface
public interface RecordInspection {
  /// One finding for each record, in the same order. Blocks for as long as the DNS takes, which the
  /// implementation bounds; it does not throw because of what the DNS says.
  List<RecordFinding> inspect(String domain, List<MailDomainRecord> wanted);

  /// For installations that ask nobody.
  static RecordInspection none() {
    return (_, wanted) ->
        wanted.stream()
            .map(_ -> RecordFinding.unreachable("This service is not set up to ask the DNS."))
            .toList();
  }
}
