package org.mailstead.core.mailbox;

import java.util.OptionalLong;
import org.mailstead.base.Uid;

/// The numbers that a message had in the mailbox it comes from, and is to have again.
///
/// @param uid above every UID of the folder's messages, or the message is refused
/// @param email the number of its email; another one is given if that is taken
public record KeptIds(Uid uid, OptionalLong email) {
  /// Above this a number is no email's: what follows must have room.
  public static final long EMAIL_MAX = 1L << 48;
}
