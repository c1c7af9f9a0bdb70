package org.mailstead.core.mobile;

import java.time.Instant;
import java.util.Optional;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// What mobile devices must enforce (WorkMail guide, Editing Your Organization's Mobile Device
/// Policy). Ranges are those of MS-ASPROV §2.2.2: the API's model checks them. What is said of
/// passwords holds where a password is required.
///
/// @param number raised by each change, so that a device which took an older policy is known
/// @param modified absent for the policy with which every organization begins
/// @param passwordExpirationDays absent: never
/// @param screenLockSeconds absent: never
public record MobilePolicy(
    long number,
    Optional<Instant> modified,
    boolean passwordRequired,
    boolean simplePasswordAllowed,
    Optional<Integer> passwordLengthMin,
    boolean alphanumericPasswordRequired,
    Optional<Integer> characterSetsMin,
    Optional<Integer> failedAttemptsMax,
    Optional<Integer> passwordExpirationDays,
    Optional<Integer> screenLockSeconds,
    int passwordHistory,
    boolean deviceEncryptionRequired,
    boolean storageCardEncryptionRequired) {
  private static final int FORMAT = 1;

  /// Asks for nothing.
  public static final MobilePolicy FIRST =
      new MobilePolicy(
          0,
          Optional.empty(),
          false,
          true,
          Optional.empty(),
          false,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          0,
          false,
          false);

  /// Whether a device that obeys the one obeys the other.
  boolean demandsTheSame(MobilePolicy other) {
    return at(0, Optional.empty()).equals(other.at(0, Optional.empty()));
  }

  MobilePolicy at(long newNumber, Optional<Instant> time) {
    return new MobilePolicy(
        newNumber,
        time,
        passwordRequired,
        simplePasswordAllowed,
        passwordLengthMin,
        alphanumericPasswordRequired,
        characterSetsMin,
        failedAttemptsMax,
        passwordExpirationDays,
        screenLockSeconds,
        passwordHistory,
        deviceEncryptionRequired,
        storageCardEncryptionRequired);
  }

  byte[] value() {
    var out =
        new ValueWriter(FORMAT)
            .number(number)
            .optionalTime(modified)
            .flag(passwordRequired)
            .flag(simplePasswordAllowed)
            .flag(alphanumericPasswordRequired)
            .number(passwordHistory)
            .flag(deviceEncryptionRequired)
            .flag(storageCardEncryptionRequired);
    write(out, passwordLengthMin);
    write(out, characterSetsMin);
    write(out, failedAttemptsMax);
    write(out, passwordExpirationDays);
    write(out, screenLockSeconds);
    return out.value();
  }

  static MobilePolicy read(byte[] value) {
    var in = new ValueReader(value, FORMAT);
    long number = in.number();
    Optional<Instant> modified = in.optionalTime();
    boolean required = in.flag();
    boolean simple = in.flag();
    boolean alphanumeric = in.flag();
    int history = Math.toIntExact(in.number());
    boolean device = in.flag();
    boolean card = in.flag();
    return new MobilePolicy(
        number,
        modified,
        required,
        simple,
        number(in),
        alphanumeric,
        number(in),
        number(in),
        number(in),
        number(in),
        history,
        device,
        card);
  }

  private static void write(ValueWriter out, Optional<Integer> number) {
    out.flag(number.isPresent());
    number.ifPresent(out::number);
  }

  private static Optional<Integer> number(ValueReader in) {
    return in.flag() ? Optional.of(Math.toIntExact(in.number())) : Optional.empty();
  }
}
