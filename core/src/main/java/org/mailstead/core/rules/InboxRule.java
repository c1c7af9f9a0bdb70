package org.mailstead.core.rules;

import java.util.List;
import java.util.Optional;
import org.mailstead.base.EmailAddress;

/// A rule of a user about arriving mail, as web mail shows it: where all conditions hold and no
/// exception does, the actions are done.
///
/// @param exceptions any of them keeps the rule from acting
public record InboxRule(
    String name, boolean enabled, Conditions conditions, Conditions exceptions, Actions actions) {
  /// What a message must have; within a list any word or address is enough. Words are parts of what
  /// is compared, in any case. Empty lists and absent values ask nothing.
  ///
  /// @param sentTo To or Cc
  public record Conditions(
      List<String> from,
      List<String> to,
      List<String> cc,
      List<String> sentTo,
      List<String> subject,
      List<String> body,
      List<String> subjectOrBody,
      Optional<Importance> importance,
      boolean hasAttachment,
      boolean sentToMe,
      boolean sentOnlyToMe,
      Optional<Long> largerThanBytes,
      Optional<Long> smallerThanBytes) {
    public static final Conditions NONE =
        new Conditions(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            false,
            false,
            false,
            Optional.empty(),
            Optional.empty());

    public Conditions {
      from = List.copyOf(from);
      to = List.copyOf(to);
      cc = List.copyOf(cc);
      sentTo = List.copyOf(sentTo);
      subject = List.copyOf(subject);
      body = List.copyOf(body);
      subjectOrBody = List.copyOf(subjectOrBody);
    }

    /// Whether it asks nothing: as conditions every message fulfils it, as exceptions none does.
    public boolean isEmpty() {
      return equals(NONE);
    }
  }

  public enum Importance {
    LOW,
    NORMAL,
    HIGH
  }

  /// What is done.
  ///
  /// @param moveTo a folder's path, separated by `/`
  /// @param delete moves it to the deleted items
  /// @param permanentlyDelete it is not kept at all
  /// @param forwardTo get a new message of the user with this one in it
  /// @param redirectTo get the message as it is
  /// @param stop no further rule nor script is looked at
  public record Actions(
      Optional<String> moveTo,
      List<String> copyTo,
      boolean delete,
      boolean permanentlyDelete,
      List<EmailAddress> forwardTo,
      List<EmailAddress> redirectTo,
      boolean markAsRead,
      boolean markAsImportant,
      boolean flag,
      boolean stop) {
    public Actions {
      copyTo = List.copyOf(copyTo);
      forwardTo = List.copyOf(forwardTo);
      redirectTo = List.copyOf(redirectTo);
    }

    /// Whether it does nothing.
    public boolean isEmpty() {
      return moveTo.isEmpty()
          && copyTo.isEmpty()
          && !delete
          && !permanentlyDelete
          && forwardTo.isEmpty()
          && redirectTo.isEmpty()
          && !markAsRead
          && !markAsImportant
          && !flag
          && !stop;
    }
  }
}
