/// What mail flow asks of the domain. The mail flow rules of organizations (FLW-1 to FLW-5): how
/// they are kept, which one decides about a message and why, and the SMTP gateways that they route
/// to; start reading at [FlowDecision]. Messages on their way, for the message-flow API: their
/// contents for a day, and what took their place; mail flow registers messages and reads back
/// replacements, the API reads and replaces; start reading at [FlowMessages].
@NullMarked
package org.mailstead.core.flow;

import org.jspecify.annotations.NullMarked;
