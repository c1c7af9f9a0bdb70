package org.mailstead.mailflow.dns;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Which certificate or key a server may show (RFC 6698 §2.1). Do not change the array.
public record TlsaRecord(int usage, int selector, int matching, byte[] data) {
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TlsaRecord that
        && usage == that.usage
        && selector == that.selector
        && matching == that.matching
        && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return 31 * (usage + 31 * (selector + 31 * matching)) + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return usage + " " + selector + " " + matching + " (" + data.length + " octets)";
  }
}
