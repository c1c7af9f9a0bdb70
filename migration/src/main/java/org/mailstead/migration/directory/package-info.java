/// Users, aliases, groups, resources and permissions: written down from one WorkMail API, made
/// again through another, or as a script for Exchange. Start at
/// [org.mailstead.migration.directory.Inventory].
@NullMarked
package org.mailstead.migration.directory;

import org.jspecify.annotations.NullMarked;
