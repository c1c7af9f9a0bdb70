package org.mailstead.http.aws;

import java.net.URI;
import java.util.Optional;

/// A key management service.
///
/// @param endpoint of one that speaks the AWS KMS API; empty: AWS's own in the region of each key
public record KmsSettings(Optional<URI> endpoint, Credentials credentials) {}
