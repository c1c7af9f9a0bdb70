package org.mailstead.mailflow.dkim;

/// What one signature is worth.
///
/// @param domain `d=`: who takes responsibility; empty if the signature could not be read
/// @param identity the domain of `i=`
/// @param algorithm as it says itself
/// @param signaturePrefix the first characters of `b=`, by which readers tell signatures apart (RFC
///   6008)
/// @param reason why it is not a PASS
public record DkimResult(
    DkimVerdict verdict,
    String domain,
    String identity,
    String selector,
    String algorithm,
    String signaturePrefix,
    String reason) {}
