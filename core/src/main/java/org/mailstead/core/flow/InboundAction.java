package org.mailstead.core.flow;

/// What a rule does with inbound mail, the most restrictive first (WorkMail guide, Inbound Email
/// Rule Actions): among equally specific rules the first of these decides. The names are stored.
public enum InboundAction {
  /// Not delivered; nobody hears of it.
  DROP,
  /// Not delivered; the sender hears of it.
  BOUNCE,
  /// Delivered to the junk folder, spam or not.
  DELIVER_TO_JUNK,
  /// Delivered as the spam check says.
  DEFAULT,
  /// Delivered to the inbox, spam or not.
  NEVER_DELIVER_TO_JUNK,
  /// Given to a function.
  RUN_LAMBDA
}
