/// Mailboxes in files: trees of `.eml` files, zip archives of them (WorkMail's export), Maildir,
/// mbox. May use `migration.item`.
@NullMarked
package org.mailstead.migration.files;

import org.jspecify.annotations.NullMarked;
