package org.mailstead.core.flow;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One mail flow rule.
///
/// @param <A> [InboundAction] or [OutboundAction]
public record FlowRule<A extends Enum<A>>(
    String id, Terms<A> terms, Instant created, Instant modified) {
  /// What an administrator says.
  ///
  /// @param senders which Sender or From addresses
  /// @param recipients which recipients; of inbound rules always `*`
  /// @param gateway the id of the SMTP gateway to route to
  public record Terms<A extends Enum<A>>(
      String name,
      A action,
      List<AddressPattern> senders,
      List<AddressPattern> recipients,
      Optional<String> gateway,
      Optional<LambdaHook> lambda) {
    public Terms {
      senders = List.copyOf(senders);
      recipients = List.copyOf(recipients);
    }

    /// Of a rule for inbound mail, which applies to every mailbox of the organization.
    public static Terms<InboundAction> inbound(
        String name,
        InboundAction action,
        List<AddressPattern> senders,
        Optional<LambdaHook> lambda) {
      return new Terms<>(
          name, action, senders, List.of(AddressPattern.any()), Optional.empty(), lambda);
    }
  }
}
