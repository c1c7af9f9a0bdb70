package org.mailstead.formats.mime;

import java.util.List;
import java.util.Optional;

/// The header fields that IMAP's ENVELOPE shows (RFC 9051 §7.5.2), unfolded, as raw octets.
/// `sender` and `replyTo` are empty lists when the fields are absent; who writes an ENVELOPE falls
/// back to `from`.
public record Envelope(
    Optional<String> date,
    Optional<String> subject,
    List<MimeAddress> from,
    List<MimeAddress> sender,
    List<MimeAddress> replyTo,
    List<MimeAddress> to,
    List<MimeAddress> cc,
    List<MimeAddress> bcc,
    Optional<String> inReplyTo,
    Optional<String> messageId) {}
