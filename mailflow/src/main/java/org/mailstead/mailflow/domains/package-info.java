/// The records of our own domains, looked at in the DNS. Knows `core.domains` and the DNS facade.
/// Start reading at [DomainInspector].
@NullMarked
package org.mailstead.mailflow.domains;

import org.jspecify.annotations.NullMarked;
