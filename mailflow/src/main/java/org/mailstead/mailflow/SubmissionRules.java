package org.mailstead.mailflow;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.core.access.Access;
import org.mailstead.core.access.Principal;
import org.mailstead.core.access.SendRight;
import org.mailstead.formats.mime.AddressParser;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.formats.mime.MimeAddress;
import org.mailstead.smtp.server.Verdict;

/// What a user's message must look like, and what is put right (RFC 6409 §6 and §8, PRM-1).
///
/// Every address in From is the user's own, or one that the user may send as or on behalf of. Who
/// sends on behalf shows in Sender; it is added where it is missing, and nobody may put a stranger
/// there.
final class SubmissionRules {
  /// The answer.
  sealed interface Checked {
    /// @param added header lines to put before the message
    /// @param removed fields to leave out
    record Allowed(String added, List<HeaderFields.Field> removed) implements Checked {}

    record Refused(Verdict verdict) implements Checked {}
  }

  private final Access access;
  private final RandomGenerator random;

  SubmissionRules(Access access, RandomGenerator random) {
    this.access = access;
    this.random = random;
  }

  /// Whether the user may be named in MAIL FROM with this address.
  boolean maySendFrom(Principal principal, EmailAddress reversePath) {
    return access.sendRight(principal, reversePath) != SendRight.NONE;
  }

  Checked check(
      Principal principal, Optional<EmailAddress> reversePath, MessageHeader header, Instant now) {
    if (reversePath.isEmpty() && !mayBeNullPath(header)) {
      return refused(
          "5.7.1",
          "The null sender <> is for delivery reports, read receipts and automatic replies only");
    }
    List<String> fromFields = header.findAll("From");
    List<String> senderFields = header.findAll("Sender");
    // RFC 5322 §3.6: exactly one From, at most one Sender; who reads the first and who reads the
    // last must not be told different things.
    if (fromFields.size() != 1 || senderFields.size() > 1) {
      return refused("5.6.0", "The message needs exactly one From field and at most one Sender");
    }
    Optional<List<EmailAddress>> from = addresses(fromFields.getFirst());
    if (from.isEmpty() || from.get().isEmpty()) {
      return refused("5.6.0", "The From field holds no address, or one that cannot be read");
    }
    if (from.get().size() > MailflowLimits.FROM_COUNT_MAX) {
      return refused("5.6.0", "Too many addresses in the From field");
    }
    boolean onBehalf = false;
    for (EmailAddress address : from.get()) {
      switch (access.sendRight(principal, address)) {
        case OWN, SEND_AS -> {}
        case SEND_ON_BEHALF -> onBehalf = true;
        case NONE -> {
          return refused("5.7.1", "You may not send from the address in the From field");
        }
      }
    }
    StringBuilder added = new StringBuilder();
    if (senderFields.isEmpty()) {
      // RFC 5322 §3.6.2: several authors need a Sender.
      if (onBehalf || from.get().size() > 1) {
        added.append("Sender: ").append(AddressText.of(principal.primaryAddress())).append("\r\n");
      }
    } else {
      Optional<List<EmailAddress>> sender = addresses(senderFields.getFirst());
      if (sender.isEmpty() || sender.get().size() != 1) {
        return refused("5.6.0", "The Sender field must hold one address");
      }
      SendRight right = access.sendRight(principal, sender.get().getFirst());
      boolean allowed =
          switch (right) {
            case OWN -> true;
            // On behalf, Sender shows who it really was.
            case SEND_AS -> !onBehalf;
            case SEND_ON_BEHALF, NONE -> false;
          };
      if (!allowed)
        return refused("5.7.1", "You may not send with the address in the Sender field");
    }
    // RFC 6409 §8.2 and §8.3.
    if (!header.has("Date")) added.append("Date: ").append(DateText.of(now)).append("\r\n");
    if (!header.has("Message-ID")) {
      added.append("Message-ID: ").append(newMessageId(principal.primaryAddress().domain()));
      added.append("\r\n");
    }
    return new Checked.Allowed(added.toString(), header.findFields("Bcc"));
  }

  /// A Message-ID that no other message has.
  String newMessageId(String domain) {
    return "<"
        + Long.toUnsignedString(random.nextLong(), 36)
        + "."
        + Long.toUnsignedString(random.nextLong(), 36)
        + "@"
        + domain
        + ">";
  }

  /// RFC 5321 §4.5.5, RFC 8098 §3, RFC 3834 §3.3: reports, receipts and automatic replies.
  private static boolean mayBeNullPath(MessageHeader header) {
    boolean report =
        header
            .find("Content-Type")
            .filter(type -> type.toLowerCase(Locale.ROOT).strip().startsWith("multipart/report"))
            .isPresent();
    boolean automatic =
        header
            .find("Auto-Submitted")
            .filter(value -> !value.strip().toLowerCase(Locale.ROOT).startsWith("no"))
            .isPresent();
    return report || automatic;
  }

  /// The addresses of a field; empty if one of them cannot be read.
  private static Optional<List<EmailAddress>> addresses(String field) {
    List<EmailAddress> found = new ArrayList<>();
    for (MimeAddress address : AddressParser.parse(field)) {
      boolean groupMark = address.host().isEmpty();
      if (groupMark && address.name().isEmpty()) continue;
      if (groupMark || address.local().isEmpty()) return Optional.empty();
      try {
        found.add(new EmailAddress(unicode(address.local().get()), unicode(address.host().get())));
      } catch (MalformedException e) {
        return Optional.empty();
      }
    }
    return Optional.of(found);
  }

  /// Raw octets, one char each, as UTF-8 (RFC 6532).
  private static String unicode(String octets) {
    return new String(
        octets.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1),
        java.nio.charset.StandardCharsets.UTF_8);
  }

  private static Checked refused(String enhancedCode, String text) {
    int code = enhancedCode.equals("5.7.1") ? 550 : 554;
    return new Checked.Refused(Verdict.rejected(code, enhancedCode, text));
  }
}
