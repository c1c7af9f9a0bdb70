package org.mailstead.imap.server;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailstead.base.Content;
import org.mailstead.base.EmailId;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.MessageSummary;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.formats.mime.MessageText;
import org.mailstead.formats.mime.SearchText;

/// A compiled search condition in three-valued logic: what cannot be told from the facts at hand is
/// [Verdict#UNKNOWN], and only for such messages more expensive facts are read.
///
/// @param needs the cheapest facts that decide it for certain
record SearchTest(Level needs, Function function) {
  enum Verdict {
    FALSE,
    TRUE,
    UNKNOWN
  }

  /// From cheap to expensive.
  enum Level {
    /// The view's arrays.
    VIEW,
    /// Decoded keys of the envelope.
    KEYS,
    /// The message's header.
    HEADER,
    /// All its text.
    TEXT
  }

  @FunctionalInterface
  interface Function {
    Verdict of(int sequence, Facts facts);
  }

  Verdict of(int sequence, Facts facts) {
    return function.of(sequence, facts);
  }

  static Verdict verdict(boolean value) {
    return value ? Verdict.TRUE : Verdict.FALSE;
  }

  /// What is known of one message up to a level; header and text are read when first asked for.
  static final class Facts {
    private final Mailbox mailbox;
    private Level level = Level.VIEW;
    private @Nullable EmailId email;
    private MessageKeys.@Nullable Keys keys;
    private @Nullable HeaderFields header;
    private @Nullable String headerText;
    private @Nullable String bodyText;

    Facts(Mailbox mailbox) {
      this.mailbox = mailbox;
    }

    Level level() {
      return level;
    }

    boolean reaches(Level wanted) {
      return level.compareTo(wanted) >= 0;
    }

    void view() {
      level = Level.VIEW;
    }

    void message(Level upTo, EmailId of, MessageKeys.Keys known) {
      level = upTo;
      email = of;
      keys = known;
      header = null;
      headerText = null;
      bodyText = null;
    }

    MessageKeys.Keys keys() {
      MessageKeys.Keys known = keys;
      if (known == null) throw new IllegalStateException("keys are not loaded");
      return known;
    }

    private EmailId email() {
      EmailId known = email;
      if (known == null) throw new IllegalStateException("no message");
      return known;
    }

    HeaderFields header() {
      HeaderFields known = header;
      if (known != null) return known;
      MessageSummary summary = mailbox.summary(email());
      int length = (int) Math.min(summary.structure().bodyOffset(), Integer.MAX_VALUE - 8);
      byte[] octets = mailbox.content(email(), 0, length);
      known = HeaderFields.of(ByteBuffer.wrap(octets), 0, octets.length);
      header = known;
      return known;
    }

    /// Folded text of all header fields.
    String headerText() {
      if (headerText == null) readText();
      return Optional.ofNullable(headerText).orElseThrow();
    }

    /// Folded text of the body.
    String bodyText() {
      if (bodyText == null) readText();
      return Optional.ofNullable(bodyText).orElseThrow();
    }

    private void readText() {
      MessageSummary summary = mailbox.summary(email());
      try (Content content = mailbox.content(email())) {
        MessageText text = MessageText.of(content.buffer(), summary.structure());
        headerText = SearchText.fold(text.headers());
        bodyText = SearchText.fold(text.body());
      }
    }
  }
}
