/// Backup and restore of any store, in a format of its own: a manifest, one dump per partition, one
/// file per blob. Uses only the storage contract. Start reading at [Backup].
@NullMarked
package org.mailstead.store.backup;

import org.jspecify.annotations.NullMarked;
