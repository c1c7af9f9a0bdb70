/// What a mailbox is to the engine: folders of items with ids, flags, dates and bytes, read by a
/// [org.mailstead.migration.item.Source] and written by a [org.mailstead.migration.item.Target].
/// Assumes no protocol. May use `base` and `formats`.
@NullMarked
package org.mailstead.migration.item;

import org.jspecify.annotations.NullMarked;
