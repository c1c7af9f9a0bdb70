/// Encryption: master keys behind [KeyService], the organizations' keys, encryption of contents and
/// rows (docs/architecture/storage.md). Uses the store only. Start at [OrganizationKeys].
@NullMarked
package org.mailstead.core.keys;

import org.jspecify.annotations.NullMarked;
