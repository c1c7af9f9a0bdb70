package org.mailstead.imap.server;

import java.nio.file.Path;
import org.mailstead.imap.wire.ImapLimits;

/// How the IMAP server behaves.
///
/// @param plainLoginAllowed whether passwords are taken on connections without TLS: for tests and
///   behind a TLS proxy only
/// @param spoolFolder where large literals are kept while they arrive
/// @param version shown by ID after login
public record ImapSettings(
    ImapLimits limits, boolean plainLoginAllowed, Path spoolFolder, String version) {}
