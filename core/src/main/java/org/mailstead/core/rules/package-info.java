/// What a user wants done with mail as it is delivered: inbox rules, out-of-office replies, Sieve
/// scripts. All of them are kept as Sieve in the records of the user's mailbox
/// (docs/decisions/0060-rules-as-sieve.md). May use `mailbox` and `formats.sieve`; that the actions
/// are carried out is mail flow's duty. Start reading at
/// [org.mailstead.core.rules.DeliveryScripts].
@NullMarked
package org.mailstead.core.rules;

import org.jspecify.annotations.NullMarked;
