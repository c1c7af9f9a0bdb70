/// What an organization decides beside access: how long mail is kept, how DMARC is enforced, where
/// e-mail events go, where free/busy of other domains is asked. The rules are records of the
/// organization; [org.mailstead.core.policy.RetentionPolicies] with
/// [org.mailstead.core.policy.RetentionJob] is the place to start reading. Uses directory, keys and
/// mailbox.
@org.jspecify.annotations.NullMarked
package org.mailstead.core.policy;
