package org.mailstead.core.flow;

/// What a rule does with outbound mail, in the order of the guide (WorkMail guide, Outbound Email
/// Rule Actions): among equally specific rules the first of these decides. The names are stored.
public enum OutboundAction {
  /// Sent as if there were no rule.
  DEFAULT,
  /// Not sent; nobody hears of it.
  DROP,
  /// Not sent; the sender hears that the administrator blocked it.
  BOUNCE,
  /// Sent by way of an SMTP gateway.
  ROUTE_TO_SMTP_GATEWAY,
  /// Sent, and given to a function.
  RUN_LAMBDA
}
