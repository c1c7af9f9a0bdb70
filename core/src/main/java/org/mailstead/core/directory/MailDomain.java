package org.mailstead.core.directory;

import java.time.Instant;

/// A domain of an organization.
///
/// @param verified ownership is shown: mail for it is accepted, addresses may use it
public record MailDomain(
    String name, boolean testDomain, boolean defaultDomain, boolean verified, Instant registered) {}
