package org.mailstead.workmail.wire;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.mailstead.http.HttpHeaders;
import org.mailstead.http.HttpRequest;
import org.mailstead.http.aws.CanonicalRequest;
import org.mailstead.http.aws.SigV4;

/// Verifies Signature Version 4, in the Authorization header or in the query, and answers failures
/// with the codes and texts of AWS's JSON services, which SDKs act upon: they correct their clock
/// after "Signature expired".
///
/// The signature always covers the body as it came, `Host` and every `X-Amz-…` field that is there:
/// a request whose target or date were not signed is refused. The region is the caller's to choose,
/// since this server answers for every region.
///
/// @spec https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html AWS Signature Version
///   4
public final class SigV4Verifier {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT);

  private final String service;
  private final InstantSource clock;
  private final Keys keys;

  /// Where secrets are found.
  @FunctionalInterface
  public interface Keys {
    /// The secret of an active key.
    Optional<String> findSecret(String accessKeyId);
  }

  /// What a signature shows.
  ///
  /// @param region the one that the caller named
  public record Verified(String accessKeyId, String region) {}

  /// The parts of a signature as sent.
  private record Parts(
      String accessKeyId,
      SigV4.Scope scope,
      Instant time,
      Optional<Duration> valid,
      List<String> signedHeaders,
      String signature) {}

  public SigV4Verifier(String service, InstantSource clock, Keys keys) {
    this.service = service;
    this.clock = clock;
    this.keys = keys;
  }

  /// @throws ApiException MissingAuthenticationTokenException, IncompleteSignatureException,
  ///   UnrecognizedClientException, InvalidSignatureException
  public Verified verify(HttpRequest request) {
    Parts parts = parts(request);
    checkTime(parts);
    checkHeaders(request.headers(), parts.signedHeaders());
    // Long-term keys have no session token; one that comes with it is another service's.
    if (request.headers().first("X-Amz-Security-Token").isPresent()) throw unrecognized();
    Optional<String> secret = keys.findSecret(parts.accessKeyId());
    if (secret.isEmpty()) throw unrecognized();
    String payloadHash = SigV4.hash(request.body());
    Optional<String> announced = request.headers().first("X-Amz-Content-Sha256");
    if (announced.isPresent() && !same(announced.get(), payloadHash)) throw wrongSignature();
    String canonical =
        CanonicalRequest.of(
            request.method(),
            request.path(),
            request.query(),
            request.headers(),
            parts.signedHeaders(),
            payloadHash);
    String signature =
        SigV4.signature(
            secret.get(),
            parts.scope(),
            SigV4.stringToSign(parts.time(), parts.scope(), canonical));
    if (!same(signature, parts.signature())) throw wrongSignature();
    return new Verified(parts.accessKeyId(), parts.scope().region());
  }

  private Parts parts(HttpRequest request) {
    List<String> authorizations = request.headers().all("Authorization");
    if (authorizations.size() > 1) throw incomplete("more than one Authorization header.");
    if (!authorizations.isEmpty()) return headerParts(request, authorizations.get(0));
    Map<String, String> members = new HashMap<>();
    for (CanonicalRequest.Member member : CanonicalRequest.members(request.query())) {
      if (member.name().startsWith("X-Amz-")
          && members.put(member.name(), member.value()) != null) {
        throw incomplete("query member '" + member.name() + "' is there twice.");
      }
    }
    if (!members.containsKey("X-Amz-Algorithm") && !members.containsKey("X-Amz-Signature")) {
      throw new ApiException(
          "MissingAuthenticationTokenException", 400, "Request is missing Authentication Token");
    }
    return queryParts(members);
  }

  private Parts headerParts(HttpRequest request, String authorization) {
    int space = authorization.indexOf(' ');
    String algorithm = space < 0 ? authorization : authorization.substring(0, space);
    if (!algorithm.equals(SigV4.ALGORITHM)) {
      throw incomplete("unsupported algorithm: only " + SigV4.ALGORITHM + " is known.");
    }
    Map<String, String> fields = new HashMap<>();
    for (String field : authorization.substring(Math.max(space, 0)).split(",", -1)) {
      int equals = field.indexOf('=');
      if (equals > 0)
        fields.put(field.substring(0, equals).strip(), field.substring(equals + 1).strip());
    }
    List<String> missing = new ArrayList<>();
    for (String name : List.of("Credential", "Signature", "SignedHeaders")) {
      if (!fields.containsKey(name)) {
        missing.add("Authorization header requires '" + name + "' parameter.");
      }
    }
    String time = request.headers().first("X-Amz-Date").orElse("");
    if (time.isEmpty()) {
      missing.add(
          "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
    }
    if (!missing.isEmpty()) throw incomplete(String.join(" ", missing));
    return parts(
        fields.getOrDefault("Credential", ""),
        time,
        Optional.empty(),
        fields.getOrDefault("SignedHeaders", ""),
        fields.getOrDefault("Signature", ""));
  }

  private Parts queryParts(Map<String, String> members) {
    for (String name :
        List.of(
            "X-Amz-Algorithm",
            "X-Amz-Credential",
            "X-Amz-Date",
            "X-Amz-Expires",
            "X-Amz-SignedHeaders",
            "X-Amz-Signature")) {
      if (!members.containsKey(name)) {
        throw incomplete("AWS query-string parameters must include '" + name + "'.");
      }
    }
    if (!SigV4.ALGORITHM.equals(members.get("X-Amz-Algorithm"))) {
      throw incomplete("unsupported algorithm: only " + SigV4.ALGORITHM + " is known.");
    }
    if (members.containsKey("X-Amz-Security-Token")) throw unrecognized();
    String expires = members.getOrDefault("X-Amz-Expires", "");
    if (!expires.matches("[0-9]{1,6}")
        || Long.parseLong(expires) > SigV4Limits.PRESIGNED_MAX.toSeconds()) {
      throw incomplete("X-Amz-Expires must be a number of seconds of at most a week.");
    }
    return parts(
        members.getOrDefault("X-Amz-Credential", ""),
        members.getOrDefault("X-Amz-Date", ""),
        Optional.of(Duration.ofSeconds(Long.parseLong(expires))),
        members.getOrDefault("X-Amz-SignedHeaders", ""),
        members.getOrDefault("X-Amz-Signature", ""));
  }

  private Parts parts(
      String credential,
      String timeText,
      Optional<Duration> valid,
      String signedHeaders,
      String signature) {
    List<String> pieces = Arrays.asList(credential.split("/", -1));
    if (pieces.size() != 5) {
      throw incomplete(
          "Credential must have exactly 5 slash-delimited elements, e.g."
              + " keyid/date/region/service/term.");
    }
    Instant time;
    try {
      time = LocalDateTime.parse(timeText, TIME).toInstant(ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      throw incomplete("Date must be in ISO-8601 'basic format', YYYYMMDD'T'HHMMSS'Z'.");
    }
    SigV4.Scope scope = new SigV4.Scope(pieces.get(1), pieces.get(2), pieces.get(3));
    if (!pieces.get(4).equals(SigV4.TERMINATOR)) {
      throw invalid("Credential should be scoped with a valid terminator: 'aws4_request'.");
    }
    if (!scope.service().equals(service)) {
      throw invalid("Credential should be scoped to correct service: '" + service + "'.");
    }
    if (!scope.region().matches("[a-z0-9-]{1,64}")) {
      throw invalid("Credential should be scoped to a valid region.");
    }
    if (!scope.date().equals(SigV4.DATE.format(time))) {
      throw invalid(
          "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from"
              + " HTTP.");
    }
    List<String> names = Arrays.asList(signedHeaders.split(";", -1));
    if (names.size() > SigV4Limits.SIGNED_HEADER_COUNT_MAX) {
      throw incomplete("too many signed headers.");
    }
    return new Parts(pieces.get(0), scope, time, valid, names, signature);
  }

  private void checkTime(Parts parts) {
    Instant now = clock.instant();
    Duration skew = SigV4Limits.CLOCK_SKEW_MAX;
    if (parts.time().isAfter(now.plus(skew))) {
      throw invalid(
          "Signature not yet current: %s is still later than %s (%s + 15 min.)"
              .formatted(text(parts.time()), text(now.plus(skew)), text(now)));
    }
    Duration valid = parts.valid().orElse(skew);
    if (parts.time().isBefore(now.minus(valid))) {
      throw invalid(
          "Signature expired: %s is now earlier than %s (%s - %s)"
              .formatted(
                  text(parts.time()),
                  text(now.minus(valid)),
                  text(now),
                  parts.valid().isPresent() ? valid.toSeconds() + " s." : "15 min."));
    }
  }

  private static void checkHeaders(HttpHeaders headers, List<String> signed) {
    if (!signed.contains("host")) {
      throw invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    }
    for (HttpHeaders.Field field : headers.fields()) {
      String name = field.name().toLowerCase(Locale.ROOT);
      if (name.startsWith("x-amz-") && !signed.contains(name)) {
        throw invalid("'" + name + "' must be a 'SignedHeader' in the AWS Authorization.");
      }
    }
    for (String name : signed) {
      if (headers.first(name).isEmpty()) throw wrongSignature();
    }
  }

  private static String text(Instant time) {
    return SigV4.TIME.format(time);
  }

  private static boolean same(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  private static ApiException incomplete(String text) {
    return new ApiException("IncompleteSignatureException", 400, text);
  }

  private static ApiException invalid(String text) {
    return new ApiException("InvalidSignatureException", 400, text);
  }

  private static ApiException unrecognized() {
    return new ApiException(
        "UnrecognizedClientException",
        400,
        "The security token included in the request is invalid.");
  }

  private static ApiException wrongSignature() {
    return invalid(
        "The request signature we calculated does not match the signature you provided. Check your"
            + " AWS Secret Access Key and signing method. Consult the service documentation for"
            + " details.");
  }
}
