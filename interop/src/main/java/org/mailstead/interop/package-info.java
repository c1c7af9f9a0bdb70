/// Directories that are not our own: users, groups and logins of Active Directory and of any LDAP
/// v3 server (ORG-3). Uses `core` and the LDAP SDK.
@NullMarked
package org.mailstead.interop;

import org.jspecify.annotations.NullMarked;
