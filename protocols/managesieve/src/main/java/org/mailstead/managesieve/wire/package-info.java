/// ManageSieve on the wire: octets to commands. Knows no session. Start reading at
/// [org.mailstead.managesieve.wire.CommandReader].
@NullMarked
package org.mailstead.managesieve.wire;

import org.jspecify.annotations.NullMarked;
