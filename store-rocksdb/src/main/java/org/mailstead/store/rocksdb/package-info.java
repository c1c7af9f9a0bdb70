/// The embedded store, Mailstead's default: rows in RocksDB, blobs in our own segment files, both
/// in one data folder. Uses `store` and `base`; only `server` knows it. Start reading at
/// [RocksStore], which explains how a commit and a blob become durable.
@NullMarked
package org.mailstead.store.rocksdb;

import org.jspecify.annotations.NullMarked;
