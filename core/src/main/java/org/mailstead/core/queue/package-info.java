/// The durable mail queue: 64 partitions (`queue/0` … `queue/63`, because one partition would
/// collapse under contention) of entries that wait for delivery. An entry is an envelope, its
/// recipients with a state each, and staged content that the shard holds. May use `store`,
/// `core.content` and `core.keys`; knows nothing of SMTP. Start reading at [MailQueue].
@NullMarked
package org.mailstead.core.queue;

import org.jspecify.annotations.NullMarked;
