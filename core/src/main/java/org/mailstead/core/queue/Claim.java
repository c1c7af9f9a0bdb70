package org.mailstead.core.queue;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.mailstead.base.EmailAddress;
import org.mailstead.core.content.StagedContent;

/// The right to work on an entry, until it is recorded as finished, given back, or not renewed in
/// time. Thread-safe: several destinations of one entry may record their results at once.
public final class Claim {
  /// Serialises what is recorded about one entry; held during commits, never while talking to a
  /// peer.
  final ReentrantLock lock = new ReentrantLock();

  final QueueRows.ClaimMark mark;

  private final QueueId id;
  private final QueueEnvelope envelope;
  private final List<QueueRecipient> recipients;
  private final StagedContent content;
  private final AtomicReferenceArray<RecipientState> states;
  private final Optional<EntryHook> hook;
  private final List<EmailAddress> named;
  private final Lane lane;
  private volatile Instant until;
  private volatile boolean ended;

  Claim(
      QueueId id,
      QueueEnvelope envelope,
      List<QueueRecipient> recipients,
      List<RecipientState> states,
      StagedContent content,
      Optional<EntryHook> hook,
      List<EmailAddress> named,
      Lane lane,
      QueueRows.ClaimMark mark,
      Instant until) {
    this.id = id;
    this.envelope = envelope;
    this.recipients = List.copyOf(recipients);
    this.states = new AtomicReferenceArray<>(states.toArray(RecipientState[]::new));
    this.content = content;
    this.hook = hook;
    this.named = List.copyOf(named);
    this.lane = lane;
    this.mark = mark;
    this.until = until;
  }

  public QueueId id() {
    return id;
  }

  public QueueEnvelope envelope() {
    return envelope;
  }

  public List<QueueRecipient> recipients() {
    return recipients;
  }

  public StagedContent content() {
    return content;
  }

  /// What a Run Lambda rule has to do with it.
  public Optional<EntryHook> hook() {
    return hook;
  }

  /// For an [EntryHook.Call], each recipient as the peer named it: the group where it is a member.
  public List<EmailAddress> named() {
    return named;
  }

  /// Whose it was and what was left to do when it was claimed.
  public Lane lane() {
    return lane;
  }

  /// Without the lock: whoever commits for others reads it while they hold theirs.
  public RecipientState state(int recipientIndex) {
    return states.get(recipientIndex);
  }

  /// Names one delivery for ever, so that its repetition is harmless.
  public String deliveryId(int recipientIndex) {
    return id + "." + recipientIndex;
  }

  /// When it lapses unless renewed.
  public Instant until() {
    return until;
  }

  /// Whether it was given back or finished.
  public boolean isEnded() {
    return ended;
  }

  void set(int recipientIndex, RecipientState state) {
    states.set(recipientIndex, state);
  }

  void extend(Instant newUntil) {
    until = newUntil;
  }

  void end() {
    ended = true;
  }
}
