/// One TOML file, every key with a default and a comment, overridden by environment variables.
/// Start at [Settings].
@NullMarked
package org.mailstead.server.settings;

import org.jspecify.annotations.NullMarked;
