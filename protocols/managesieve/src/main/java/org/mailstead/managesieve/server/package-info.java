/// The ManageSieve server: users put, check and activate their Sieve scripts. May use `core` and
/// this protocol's `wire`. Start reading at [org.mailstead.managesieve.server.ManageSieveServer].
@NullMarked
package org.mailstead.managesieve.server;

import org.jspecify.annotations.NullMarked;
