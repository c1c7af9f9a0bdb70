package org.mailstead.core.mailbox;

import org.mailstead.base.EmailId;
import org.mailstead.base.ThreadId;
import org.mailstead.formats.mime.MimePart;

/// What is kept beside a message's bytes: enough for ENVELOPE, BODYSTRUCTURE, offsets of parts,
/// sorting and listing.
public interface MessageSummary {
  EmailId email();

  ThreadId thread();

  /// RFC822.SIZE.
  long size();

  /// ENVELOPE in its wire form (RFC 9051 §7.5.2), made at delivery.
  byte[] envelopeText();

  /// BODYSTRUCTURE in its wire form, extension data included, made at delivery.
  byte[] bodyStructureText();

  /// The structure with offsets, decoded on demand.
  MimePart structure();

  /// Up to 256 characters of text (RFC 8970).
  String preview();
}
