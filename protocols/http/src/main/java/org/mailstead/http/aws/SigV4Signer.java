package org.mailstead.http.aws;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.mailstead.http.HttpHeaders;

/// Signs requests with Signature Version 4, in the header or in the query.
public final class SigV4Signer {
  private final Credentials credentials;
  private final String region;
  private final String service;

  public SigV4Signer(Credentials credentials, String region, String service) {
    this.credentials = credentials;
    this.region = region;
    this.service = service;
  }

  /// The headers, all of them signed, with X-Amz-Date and Authorization. `Host` must be among them.
  public HttpHeaders sign(
      Instant time, String method, String path, String query, HttpHeaders headers, byte[] body) {
    return signed(time, method, CanonicalRequest.path(path), query, headers, SigV4.hash(body));
  }

  /// The same for S3, whose paths are signed as they are on the wire.
  ///
  /// @param path encoded, as on the wire
  /// @param payloadHash what X-Amz-Content-Sha256 says
  public HttpHeaders signForS3(
      Instant time,
      String method,
      String path,
      String query,
      HttpHeaders headers,
      String payloadHash) {
    return signed(
        time, method, path, query, headers.with("X-Amz-Content-Sha256", payloadHash), payloadHash);
  }

  private HttpHeaders signed(
      Instant time,
      String method,
      String canonicalPath,
      String query,
      HttpHeaders headers,
      String payloadHash) {
    HttpHeaders dated = headers;
    if (headers.first("X-Amz-Date").isEmpty()) {
      dated = headers.with("X-Amz-Date", SigV4.TIME.format(time));
    }
    List<String> signed =
        CanonicalRequest.sorted(dated.fields().stream().map(HttpHeaders.Field::name).toList());
    SigV4.Scope scope = scope(time);
    String canonical =
        CanonicalRequest.ofCanonicalPath(method, canonicalPath, query, dated, signed, payloadHash);
    String signature = signature(time, scope, canonical);
    return dated.with(
        "Authorization",
        "%s Credential=%s/%s, SignedHeaders=%s, Signature=%s"
            .formatted(
                SigV4.ALGORITHM,
                credentials.accessKeyId(),
                scope,
                String.join(";", signed),
                signature));
  }

  /// The query with the members that sign the request and all the headers given.
  public String presign(
      Instant time,
      Duration valid,
      String method,
      String path,
      String query,
      HttpHeaders headers,
      byte[] body) {
    List<String> signed =
        CanonicalRequest.sorted(headers.fields().stream().map(HttpHeaders.Field::name).toList());
    SigV4.Scope scope = scope(time);
    List<String> members = new ArrayList<>();
    if (!query.isEmpty()) members.add(query);
    members.add("X-Amz-Algorithm=" + SigV4.ALGORITHM);
    members.add("X-Amz-Credential=" + encoded(credentials.accessKeyId() + "/" + scope));
    members.add("X-Amz-Date=" + SigV4.TIME.format(time));
    members.add("X-Amz-Expires=" + valid.toSeconds());
    members.add("X-Amz-SignedHeaders=" + encoded(String.join(";", signed)));
    String unsigned = String.join("&", members);
    String canonical =
        CanonicalRequest.of(method, path, unsigned, headers, signed, SigV4.hash(body));
    return unsigned + "&X-Amz-Signature=" + signature(time, scope, canonical);
  }

  private SigV4.Scope scope(Instant time) {
    return new SigV4.Scope(SigV4.DATE.format(time), region, service);
  }

  private String signature(Instant time, SigV4.Scope scope, String canonical) {
    return SigV4.signature(
        credentials.secretAccessKey(), scope, SigV4.stringToSign(time, scope, canonical));
  }

  private static String encoded(String text) {
    return CanonicalRequest.encoded(text.getBytes(StandardCharsets.UTF_8));
  }
}
