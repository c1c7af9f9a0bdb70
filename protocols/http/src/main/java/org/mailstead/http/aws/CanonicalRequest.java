package org.mailstead.http.aws;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.mailstead.http.HttpHeaders;

/// The form of a request over which Signature Version 4 is computed.
///
/// @spec https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
///   AWS SigV4: Create a canonical request
public final class CanonicalRequest {
  private static final String HEX = "0123456789ABCDEF";

  private CanonicalRequest() {}

  /// @param path as on the wire; it is encoded once more, as for every service but S3
  /// @param query as on the wire; a member named X-Amz-Signature is left out
  /// @param signedHeaders small letters, sorted
  public static String of(
      String method,
      String path,
      String query,
      HttpHeaders headers,
      List<String> signedHeaders,
      String payloadHash) {
    return ofCanonicalPath(method, path(path), query, headers, signedHeaders, payloadHash);
  }

  /// @param path as it is signed: for S3 as on the wire, encoded once and never normalized
  public static String ofCanonicalPath(
      String method,
      String path,
      String query,
      HttpHeaders headers,
      List<String> signedHeaders,
      String payloadHash) {
    StringBuilder text = new StringBuilder(512);
    text.append(method).append('\n');
    text.append(path).append('\n');
    text.append(query(query)).append('\n');
    for (String name : signedHeaders) {
      List<String> values = headers.all(name).stream().map(CanonicalRequest::trimmed).toList();
      text.append(name).append(':').append(String.join(",", values)).append('\n');
    }
    text.append('\n').append(String.join(";", signedHeaders)).append('\n').append(payloadHash);
    return text.toString();
  }

  /// RFC 3986 §5.2.4 (dot segments removed, double slashes joined), then each segment encoded.
  static String path(String path) {
    Deque<String> segments = new ArrayDeque<>();
    for (String segment : path.split("/", -1)) {
      if (segment.equals("..")) {
        segments.pollLast();
      } else if (!segment.isEmpty() && !segment.equals(".")) {
        segments.addLast(segment);
      }
    }
    if (segments.isEmpty()) return "/";
    StringBuilder text = new StringBuilder();
    for (String segment : segments) {
      text.append('/').append(encoded(segment.getBytes(StandardCharsets.UTF_8)));
    }
    if (path.endsWith("/") || path.endsWith("/.") || path.endsWith("/..")) text.append('/');
    return text.toString();
  }

  static String query(String query) {
    List<String> members = new ArrayList<>();
    for (Member member : members(query)) {
      if (member.name().equals("X-Amz-Signature")) continue;
      // The separator is below every encoded character, so that names sort before values.
      members.add(
          encoded(member.name().getBytes(StandardCharsets.UTF_8))
              + "\u0001"
              + encoded(member.value().getBytes(StandardCharsets.UTF_8)));
    }
    Collections.sort(members);
    return String.join("&", members).replace('\u0001', '=');
  }

  /// A decoded name and value of a query.
  public record Member(String name, String value) {}

  public static List<Member> members(String query) {
    List<Member> members = new ArrayList<>();
    for (String part : query.split("&", -1)) {
      if (part.isEmpty()) continue;
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      String value = equals < 0 ? "" : part.substring(equals + 1);
      members.add(new Member(decoded(name), decoded(value)));
    }
    return members;
  }

  /// Everything but RFC 3986's unreserved characters becomes %XX.
  public static String encoded(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length + 16);
    for (byte b : bytes) {
      char c = (char) (b & 0xff);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '-'
              || c == '.'
              || c == '_'
              || c == '~';
      if (plain) {
        text.append(c);
      } else {
        text.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
      }
    }
    return text.toString();
  }

  /// Turns %XX into octets; a plus sign stays one (SigV4 knows no form encoding).
  private static String decoded(String text) {
    if (text.indexOf('%') < 0) return text;
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
      int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
      if (bytes[i] == '%' && high >= 0 && low >= 0) {
        out.write(high * 16 + low);
        i += 2;
      } else {
        out.write(bytes[i]);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /// Leading and trailing blanks removed, runs of blanks joined.
  private static String trimmed(String value) {
    return value.strip().replaceAll("[ \t]+", " ");
  }

  /// Small letters, sorted, once each.
  public static List<String> sorted(List<String> names) {
    return names.stream().map(n -> n.toLowerCase(Locale.ROOT)).distinct().sorted().toList();
  }
}
