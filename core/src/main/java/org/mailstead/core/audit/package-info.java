/// The record of every API call, CloudTrail-shaped and hash-chained (JRN-2). Uses outbox. Start at
/// `AuditLog`.
@NullMarked
package org.mailstead.core.audit;

import org.jspecify.annotations.NullMarked;
