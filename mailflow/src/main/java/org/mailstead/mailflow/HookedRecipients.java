package org.mailstead.mailflow;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.queue.EntryHook;
import org.mailstead.core.queue.QueueRecipient;

/// The recipients of a message by the queue entries that they go into: one for each organization,
/// and one for each function that is called for some of them.
///
/// @param delivered those who wait for nothing
/// @param hooked those who wait for a function, and once more those whom a function is told of
/// @param all everybody once
record HookedRecipients(
    Map<OrganizationId, List<QueueRecipient>> delivered,
    List<Hooked> hooked,
    Map<OrganizationId, List<QueueRecipient>> all) {
  /// @param organization whose rule calls the function
  /// @param named each as the peer named it
  record Hooked(
      OrganizationId organization,
      EntryHook.Call call,
      List<QueueRecipient> recipients,
      List<EmailAddress> named) {}

  static HookedRecipients of(
      Collection<EnvelopeRecipients.Target> targets, Map<Object, EmailAddress> names) {
    Map<OrganizationId, List<QueueRecipient>> delivered = new LinkedHashMap<>();
    Map<OrganizationId, List<QueueRecipient>> all = new LinkedHashMap<>();
    Map<EntryHook.Call, Hooked> awaited = new LinkedHashMap<>();
    Map<EntryHook.Call, Hooked> told = new LinkedHashMap<>();
    for (EnvelopeRecipients.Target target : targets) {
      QueueRecipient recipient = target.recipient();
      EmailAddress name =
          names.getOrDefault(EnvelopeRecipients.key(recipient), recipient.address());
      all.computeIfAbsent(target.organization(), _ -> new ArrayList<>()).add(recipient);
      if (target.awaited().isPresent()) {
        add(awaited, target.organization(), target.awaited().get(), recipient, name);
      } else {
        delivered.computeIfAbsent(target.organization(), _ -> new ArrayList<>()).add(recipient);
      }
      for (FlowEnforcement.Told each : target.told()) {
        add(told, each.organization(), each.call(), recipient, name);
      }
    }
    List<Hooked> hooked = new ArrayList<>(awaited.values());
    hooked.addAll(told.values());
    return new HookedRecipients(delivered, hooked, all);
  }

  private static void add(
      Map<EntryHook.Call, Hooked> hooks,
      OrganizationId organization,
      EntryHook.Call call,
      QueueRecipient recipient,
      EmailAddress name) {
    hooks.computeIfAbsent(
        call, _ -> new Hooked(organization, call, new ArrayList<>(), new ArrayList<>()));
    Hooked hook = Objects.requireNonNull(hooks.get(call));
    hook.recipients().add(recipient);
    hook.named().add(name);
  }
}
