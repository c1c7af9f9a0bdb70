package org.mailstead.core.mailbox;

import java.util.List;
import org.mailstead.base.EmailId;
import org.mailstead.base.MailboxId;

/// Hears by which moves users say what is spam and what is not. It is told after the commit, on the
/// thread that moved: it must neither wait nor throw.
public interface JunkListener {
  /// Messages were moved or copied into the junk folder, or out of it, or from INBOX to where
  /// people file what they keep.
  ///
  /// @param isSpam into the junk folder
  void sorted(Mailbox mailbox, List<EmailId> emails, boolean isSpam);

  /// A mailbox is gone.
  void deleted(MailboxId mailbox);
}
