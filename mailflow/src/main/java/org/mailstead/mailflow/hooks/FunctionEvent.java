package org.mailstead.mailflow.hooks;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.core.queue.EntryHook;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What a function is told of a message (WorkMail guide, Lambda event data).
///
/// @param mailFrom the author; where one sends as or on behalf of another, that other
/// @param sender who sent it on behalf of the author
/// @param subject decoded
/// @param recipients as the peer named them
public record FunctionEvent(
    EntryHook.Call call,
    Optional<EmailAddress> mailFrom,
    Optional<EmailAddress> sender,
    String subject,
    List<EmailAddress> recipients) {
  /// The version that names messageId, invocationId and flowDirection.
  private static final String VERSION = "2019-07-28";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  public FunctionEvent {
    recipients = List.copyOf(new LinkedHashSet<>(recipients));
  }

  /// As UTF-8, at most [HookLimits#EVENT_BYTES_MAX]: recipients are left out if need be.
  public byte[] json() {
    int count = recipients.size();
    byte[] event = json(count);
    while (event.length > HookLimits.EVENT_BYTES_MAX && count > 0) {
      // Each is 16 octets and an address: this ends after a few rounds.
      int excess = event.length - HookLimits.EVENT_BYTES_MAX;
      int left = count;
      while (left > 0 && excess > 0) {
        excess -= 16 + recipients.get(--left).toString().getBytes(StandardCharsets.UTF_8).length;
      }
      count = left;
      event = json(count);
    }
    return event;
  }

  private byte[] json(int count) {
    ObjectNode event = JSON.createObjectNode();
    event.put("summaryVersion", VERSION);
    ObjectNode envelope = event.putObject("envelope");
    envelope.putObject("mailFrom").put("address", mailFrom.map(EmailAddress::toString).orElse(""));
    var all = envelope.putArray("recipients");
    for (EmailAddress each : recipients.subList(0, count)) {
      all.addObject().put("address", each.toString());
    }
    sender.ifPresent(address -> event.putObject("sender").put("address", address.toString()));
    event.put("subject", cut(subject));
    event.put("messageId", call.messageId());
    event.put("invocationId", call.invocationId());
    event.put("flowDirection", call.direction().name());
    event.put("truncated", count < recipients.size());
    return JSON.writeValueAsBytes(event);
  }

  private static String cut(String text) {
    if (text.length() <= HookLimits.SUBJECT_CHARS_MAX) return text;
    int end = HookLimits.SUBJECT_CHARS_MAX;
    if (Character.isHighSurrogate(text.charAt(end - 1))) end--;
    return text.substring(0, end);
  }
}
