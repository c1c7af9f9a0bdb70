/// DomainKeys Identified Mail: who vouches for a message (RFC 6376, RFC 8301, RFC 8463), and our
/// own signatures. Also what ARC shares with it: canonicalization and keys. Reads messages by their
/// header fields and streams bodies. Start reading at [DkimVerifier] and [DkimSigner].
@NullMarked
package org.mailstead.mailflow.dkim;

import org.jspecify.annotations.NullMarked;
