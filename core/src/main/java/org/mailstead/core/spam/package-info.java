/// What the built-in spam filter has learned: for each organization and each mailbox a Bayes filter
/// over keyed hashes of words, trained by moving mail, and the standing of senders. May use `keys`,
/// `mailbox`, `outbox` and the formats; alone knows how this lies in the store. Start reading at
/// [SpamModels].
@NullMarked
package org.mailstead.core.spam;

import org.jspecify.annotations.NullMarked;
