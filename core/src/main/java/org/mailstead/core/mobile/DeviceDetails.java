package org.mailstead.core.mobile;

import java.util.Optional;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;

/// What a device tells of itself (MS-ASCMD §2.2.3.45). All of it may be missing, none of it is
/// believed for anything but showing it and for access rules.
public record DeviceDetails(
    Optional<String> type,
    Optional<String> model,
    Optional<String> operatingSystem,
    Optional<String> userAgent,
    Optional<String> friendlyName,
    Optional<String> language,
    Optional<String> imei,
    Optional<String> phoneNumber,
    Optional<String> mobileOperator,
    Optional<String> protocolVersion) {
  /// The longest detail that is kept; a device's own text is cut to it.
  public static final int LENGTH_MAX = 256;

  /// Nothing told.
  public static final DeviceDetails NONE =
      new DeviceDetails(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  public DeviceDetails {
    type = kept(type);
    model = kept(model);
    operatingSystem = kept(operatingSystem);
    userAgent = kept(userAgent);
    friendlyName = kept(friendlyName);
    language = kept(language);
    imei = kept(imei);
    phoneNumber = kept(phoneNumber);
    mobileOperator = kept(mobileOperator);
    protocolVersion = kept(protocolVersion);
  }

  /// What is told now, and what was told before of the rest: not every request tells all.
  DeviceDetails over(DeviceDetails earlier) {
    return new DeviceDetails(
        type.or(earlier::type),
        model.or(earlier::model),
        operatingSystem.or(earlier::operatingSystem),
        userAgent.or(earlier::userAgent),
        friendlyName.or(earlier::friendlyName),
        language.or(earlier::language),
        imei.or(earlier::imei),
        phoneNumber.or(earlier::phoneNumber),
        mobileOperator.or(earlier::mobileOperator),
        protocolVersion.or(earlier::protocolVersion));
  }

  /// Control characters go, blank means not told, a long text is cut.
  private static Optional<String> kept(Optional<String> detail) {
    return detail
        .map(text -> {
          var kept = new StringBuilder();
          text.codePoints()
              .filter(c -> !Character.isISOControl(c) && (c < 0xD800 || c > 0xDFFF))
              .limit(LENGTH_MAX)
              .forEach(kept::appendCodePoint);
          return kept.toString().strip();
        })
        .filter(text -> !text.isEmpty());
  }

  /// A device's id, as MS-ASHTTP §2.2.1.1.1.2.3 and the API's model have it.
  static String id(String text) {
    if (!text.matches("[A-Za-z0-9]{1,32}")) {
      throw new RefusedException(Refusal.INVALID, "The device id is not valid.");
    }
    return text;
  }

  void write(ValueWriter out) {
    out.optionalText(type)
        .optionalText(model)
        .optionalText(operatingSystem)
        .optionalText(userAgent)
        .optionalText(friendlyName)
        .optionalText(language)
        .optionalText(imei)
        .optionalText(phoneNumber)
        .optionalText(mobileOperator)
        .optionalText(protocolVersion);
  }

  static DeviceDetails read(ValueReader in) {
    return new DeviceDetails(
        in.optionalText(),
        in.optionalText(),
        in.optionalText(),
        in.optionalText(),
        in.optionalText(),
        in.optionalText(),
        in.optionalText(),
        in.optionalText(),
        in.optionalText(),
        in.optionalText());
  }
}
