package org.mailstead.core.flow;

import java.util.List;
import org.mailstead.base.EmailAddress;

/// Who wrote a message, as its header says; rules know nothing of the envelope's sender.
///
/// @param sender of the Sender field; empty without one, or if none of it can be read
/// @param from of the From field
public record FlowAddresses(List<EmailAddress> sender, List<EmailAddress> from) {
  public FlowAddresses {
    sender = List.copyOf(sender);
    from = List.copyOf(from);
  }

  /// One author and no Sender field.
  public static FlowAddresses from(EmailAddress address) {
    return new FlowAddresses(List.of(), List.of(address));
  }
}
