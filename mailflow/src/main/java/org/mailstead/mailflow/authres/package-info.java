/// Authentication-Results (RFC 8601) and Received-SPF (RFC 7208 §9.1): how verdicts are told in
/// headers, and how such headers are read. Start reading at [AuthenticationResults].
@NullMarked
package org.mailstead.mailflow.authres;

import org.jspecify.annotations.NullMarked;
