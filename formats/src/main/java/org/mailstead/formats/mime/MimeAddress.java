package org.mailstead.formats.mime;

import java.util.Optional;

/// One element of an address list as IMAP shows it (RFC 9051 §7.5.2): a mailbox, or the start
/// (`local` only) or end (nothing) of a group. Raw octets; the display name may hold encoded words.
public record MimeAddress(
    Optional<String> name, Optional<String> route, Optional<String> local, Optional<String> host) {}
