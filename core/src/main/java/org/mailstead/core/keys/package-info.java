/// Encryption: master keys behind `KeyService`, mailbox keys, content and row encryption (design
/// §3, Encryption).
@NullMarked
package org.mailstead.core.keys;

import org.jspecify.annotations.NullMarked;
