/// Accounts, organizations, users, groups, domains, addresses: who exists and where mail for an
/// address goes. Start at `Directory`.
@NullMarked
package org.mailstead.core.directory;

import org.jspecify.annotations.NullMarked;
