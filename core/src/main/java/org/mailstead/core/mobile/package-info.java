/// Mobile devices that synchronise over Exchange ActiveSync: which a user has, what policy they
/// must enforce, and how they are wiped (MOB-1 to MOB-3). Uses the directory. Start at
/// `MobileDevices`; what may happen to a device stands in `DeviceState`.
@NullMarked
package org.mailstead.core.mobile;

import org.jspecify.annotations.NullMarked;
