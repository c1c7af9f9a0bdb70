/// The mail flow rules of organizations (FLW-1 to FLW-5): how they are kept, which one decides
/// about a message and why, and the SMTP gateways that they route to. Knows the directory's records
/// and keys, nothing of SMTP. Start reading at [org.mailstead.core.flow.FlowDecision].
@NullMarked
package org.mailstead.core.flow;

import org.jspecify.annotations.NullMarked;
