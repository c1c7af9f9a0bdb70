package org.mailstead.core.flow;

import java.time.Instant;
import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// A message that the message-flow API knows by its id.
///
/// @param original names the content's row
/// @param replacement names the row of what took its place
public record FlowMessage(
    String id,
    OrganizationId organization,
    Direction direction,
    State state,
    Instant registered,
    ContentName original,
    Optional<ContentName> replacement) {
  private static final int FORMAT = 1;

  public enum Direction {
    INCOMING("incoming"),
    OUTGOING("outgoing");

    private final String text;

    Direction(String text) {
      this.text = text;
    }
  }

  public enum State {
    /// It may be replaced.
    OPEN,
    /// Mail flow has gone on with it, or it was redirected.
    FROZEN
  }

  /// The key of a content's row.
  public record ContentName(String hex) {}

  /// As access policies name it (WorkMail guide, Message flow API).
  public String arn(String region, String account) {
    return "arn:aws:workmailmessageflow:%s:%s:message/%s/%s/%s"
        .formatted(region, account, organization, direction.text, id);
  }

  FlowMessage replacedBy(ContentName content) {
    return new FlowMessage(
        id, organization, direction, state, registered, original, Optional.of(content));
  }

  FlowMessage frozen() {
    return new FlowMessage(
        id, organization, direction, State.FROZEN, registered, original, replacement);
  }

  FlowMessage opened() {
    return new FlowMessage(
        id, organization, direction, State.OPEN, registered, original, replacement);
  }

  ContentName current() {
    return replacement.orElse(original);
  }

  byte[] value() {
    return new ValueWriter(FORMAT)
        .text(organization.value())
        .text(direction.name())
        .text(state.name())
        .time(registered)
        .text(original.hex())
        .optionalText(replacement.map(ContentName::hex))
        .value();
  }

  static FlowMessage read(String id, byte[] value) {
    var in = new ValueReader(value, FORMAT);
    return new FlowMessage(
        id,
        new OrganizationId(in.text()),
        Direction.valueOf(in.text()),
        State.valueOf(in.text()),
        in.time(),
        new ContentName(in.text()),
        in.optionalText().map(ContentName::new));
  }
}
