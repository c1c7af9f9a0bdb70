/// Whether mail may be switched over, and afterwards whether the old service may go (MIG-11,
/// MIG-14). May use `plan`, `ledger`, `report`, `directory`, `imap`; the DNS and SMTP come from
/// whoever joins the parts. Start at [org.mailstead.migration.cutover.Cutover].
@NullMarked
package org.mailstead.migration.cutover;

import org.jspecify.annotations.NullMarked;
