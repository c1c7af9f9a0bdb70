/// What a domain promises about the encryption of mail to it: DANE (RFC 7672) and MTA-STS (RFC
/// 8461). Start reading at [TransportSecurity].
@NullMarked
package org.mailstead.mailflow.transport;

import org.jspecify.annotations.NullMarked;
