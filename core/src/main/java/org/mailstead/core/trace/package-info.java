/// What became of each message, for a while, sealed with the organization's key: who sent it, what
/// rules and checks said, where each copy went. Mail flow tells it, on the way past. Uses `flow`,
/// `queue`, `keys` and the store. Start at `MessageTrace`.
@NullMarked
package org.mailstead.core.trace;

import org.jspecify.annotations.NullMarked;
