package org.mailstead.managesieve.server;

import org.mailstead.managesieve.wire.ManageSieveLimits;

/// How the ManageSieve server behaves.
///
/// @param plainLoginAllowed whether passwords are taken on connections without TLS: for tests and
///   behind a TLS proxy only
public record ManageSieveSettings(ManageSieveLimits limits, boolean plainLoginAllowed) {}
