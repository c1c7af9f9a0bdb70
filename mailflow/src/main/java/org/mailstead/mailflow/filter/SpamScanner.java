package org.mailstead.mailflow.filter;

import java.io.IOException;

/// A spam filter that runs beside this service.
interface SpamScanner {
  /// @throws IOException it is down or slow, or its answer cannot be read
  SpamScore scan(FilteredMessage message) throws IOException;
}
