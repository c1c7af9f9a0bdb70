/// Takes audit records and log files to where their readers want them: a bucket or a folder. Uses
/// audit. Start at `AuditDelivery`.
@NullMarked
package org.mailstead.core.delivery;

import org.jspecify.annotations.NullMarked;
