/// The storage contract: partitions, collections, commits, blobs (design §3,
/// docs/architecture/storage.md). Engines implement [Store]; `core` is its only user. Start reading
/// at [Store].
@NullMarked
package org.mailstead.store;

import org.jspecify.annotations.NullMarked;
