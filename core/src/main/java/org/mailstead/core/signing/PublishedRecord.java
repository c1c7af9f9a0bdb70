package org.mailstead.core.signing;

/// A record for the operator of a zone to publish.
///
/// @param type `TXT` or `CNAME`
public record PublishedRecord(String type, String name, String value) {}
