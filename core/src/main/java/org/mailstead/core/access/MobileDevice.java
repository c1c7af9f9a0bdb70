package org.mailstead.core.access;

import java.util.Optional;

/// What a mobile device says of itself (MS-ASCMD, Settings DeviceInformation); each may be missing.
public record MobileDevice(
    Optional<String> type,
    Optional<String> model,
    Optional<String> operatingSystem,
    Optional<String> userAgent) {}
