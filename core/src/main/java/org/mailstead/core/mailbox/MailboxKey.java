package org.mailstead.core.mailbox;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.mailstead.base.MailboxId;
import org.mailstead.core.keys.SealingKey;

/// The data key of one mailbox: seals names and summaries, and hashes what must be looked up
/// without being readable.
final class MailboxKey {
  static final int HASH_BYTES = 16;

  /// What a sealed value is; one cannot pass for another.
  enum Purpose {
    FOLDER_NAME(0),
    KEYWORD(1),
    SUBSCRIPTION(2),
    MESSAGE(3),
    DELIVERY(4),
    THREAD(5),
    SEARCH(6),
    RECORD(7),
    REMEMBERED(8);

    /// Part of what is stored: never changes.
    private final byte code;

    Purpose(int code) {
      this.code = (byte) code;
    }
  }

  private final Runnable lease;
  private final SealingKey key;
  private final byte[] secret;
  private final byte[] mailbox;

  MailboxKey(MailboxId mailbox, byte[] octets) {
    this(mailbox, octets, () -> {});
  }

  /// @param lease throws when the organization's key may not be used any more: see
  ///   [org.mailstead.core.keys.OrganizationKeys#checkUsable]
  MailboxKey(MailboxId mailbox, byte[] octets, Runnable lease) {
    this.lease = lease;
    this.key = SealingKey.of(octets);
    this.mailbox = mailbox.value().getBytes(StandardCharsets.UTF_8);
    MessageDigest digest = sha256();
    digest.update("mailstead lookup hashes\n".getBytes(StandardCharsets.UTF_8));
    this.secret = digest.digest(octets);
  }

  /// Before something is used that was opened with this key earlier.
  ///
  /// @throws org.mailstead.base.UnavailableException the organization's key is out of reach
  void checkUsable() {
    lease.run();
  }

  byte[] seal(Purpose purpose, byte[] plain) {
    lease.run();
    return key.seal(plain, associated(purpose));
  }

  byte[] seal(Purpose purpose, String plain) {
    return seal(purpose, plain.getBytes(StandardCharsets.UTF_8));
  }

  /// The key of the mailbox's text index: made from the mailbox key, so that it goes with it.
  SealingKey searchKey() {
    MessageDigest digest = sha256();
    digest.update(secret);
    digest.update(Purpose.SEARCH.code);
    return SealingKey.of(digest.digest("mailstead search index".getBytes(StandardCharsets.UTF_8)));
  }

  /// Damaged data surfaces as [IllegalStateException].
  byte[] open(Purpose purpose, byte[] sealed) {
    lease.run();
    return key.open(sealed, associated(purpose))
        .orElseThrow(() ->
            new IllegalStateException("a " + purpose + " does not open with its mailbox key"));
  }

  String openText(Purpose purpose, byte[] sealed) {
    return new String(open(purpose, sealed), StandardCharsets.UTF_8);
  }

  /// A keyed hash: equal texts have equal hashes, which say nothing about the text.
  byte[] hash(Purpose purpose, String text) {
    MessageDigest digest = sha256();
    digest.update(secret);
    digest.update(purpose.code);
    return Arrays.copyOf(digest.digest(text.getBytes(StandardCharsets.UTF_8)), HASH_BYTES);
  }

  private byte[] associated(Purpose purpose) {
    return ByteBuffer.allocate(mailbox.length + 1).put(mailbox).put(purpose.code).array();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }
}
