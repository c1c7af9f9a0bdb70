package org.mailstead.http.aws;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.http.HttpHeaders;
import org.mailstead.http.aws.AwsClient.AwsAnswer;
import org.mailstead.http.aws.AwsClient.AwsRequest;

/// A bucket of an S3-compatible service. Every body that is sent is covered by its signature, so
/// that the service verifies what arrives; objects up to 16 MiB are stored with a SHA-256 that is
/// verified when they are read.
///
/// @spec
///   https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
///   AWS S3 API
public final class S3Bucket implements Bucket {
  /// The name of the service in signatures.
  public static final String SERVICE = "s3";

  /// Octets of a part: with 10,000 parts an object has up to 156 GiB.
  static final int PART_BYTES = 16 << 20;

  static final int PART_COUNT_MAX = 10_000;

  private static final byte[] NOTHING = new byte[0];

  private final AwsClient client;
  private final String name;
  private final URI endpoint;
  private final String root;
  private final SigV4Signer signer;

  /// @throws RefusedException INVALID: this is no name of a bucket
  public S3Bucket(AwsClient client, S3Settings settings, String name) {
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    if (!name.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]") || name.contains("..")) {
      throw new RefusedException(Refusal.INVALID, "not the name of a bucket: " + name);
    }
    this.client = client;
    this.name = name;
    this.signer = new SigV4Signer(settings.credentials(), settings.region(), SERVICE);
    URI service =
        settings
            .endpoint()
            .orElseGet(() -> URI.create("https://s3." + settings.region() + ".amazonaws.com"));
    // A certificate for *.s3.… does not cover a name with dots.
    boolean inPath = settings.pathStyle() || name.contains(".");
    this.root = inPath ? "/" + name + "/" : "/";
    this.endpoint =
        inPath
            ? service
            : URI.create(
                service.getScheme()
                    + "://"
                    + name
                    + "."
                    + service.getHost()
                    + (service.getPort() < 0 ? "" : ":" + service.getPort()));
  }

  @Override
  public ObjectUpload upload(ObjectKey key, Encryption encryption) {
    return new S3Upload(this, key, encryption);
  }

  @Override
  public Optional<InputStream> find(ObjectKey key) {
    return get(key, "");
  }

  @Override
  public Optional<InputStream> findVersion(ObjectKey key, String version) {
    return get(key, "versionId=" + encoded(version));
  }

  /// RFC 9110 §14: what a range has no checksum for, the caller verifies.
  @Override
  public Optional<byte[]> findRange(ObjectKey key, long offset, int count) {
    HttpHeaders range = HttpHeaders.of("Range", "bytes=" + offset + "-" + (offset + count - 1));
    AwsAnswer answer = send("GET", key, "", range, NOTHING, 0);
    if (answer.status() == 416) {
      answer.close();
      return Optional.of(NOTHING);
    }
    if (answer.status() != 206) {
      if (answer.status() != 200) return missing(answer, key);
      answer.close();
      throw notUnderstood("a request for a range");
    }
    long promised = answer.headers().firstValueAsLong("Content-Length").orElse(-1);
    byte[] octets = AwsClient.readWhole(answer, count);
    if (promised >= 0 && promised != octets.length) {
      throw new UnavailableException("object " + key + " broke off", Duration.ofSeconds(10));
    }
    return Optional.of(octets);
  }

  private Optional<InputStream> get(ObjectKey key, String query) {
    AwsAnswer answer =
        send("GET", key, query, HttpHeaders.of("x-amz-checksum-mode", "ENABLED"), NOTHING, 0);
    if (answer.status() == 200) return Optional.of(verified(answer, key));
    return missing(answer, key);
  }

  @Override
  public Optional<Long> findLength(ObjectKey key) {
    AwsAnswer answer = send("HEAD", key, "", HttpHeaders.EMPTY, NOTHING, 0);
    try (answer) {
      if (answer.status() == 200) {
        return Optional.of(answer.headers().firstValueAsLong("Content-Length").orElse(0));
      }
      // The answer to HEAD has no body: a bucket that is not there looks the same as no object.
      if (answer.status() == 404) return Optional.empty();
      throw refused(answer, key.value());
    }
  }

  @Override
  public ObjectPage list(String prefix, Optional<String> after) {
    String query =
        "encoding-type=url&list-type=2&max-keys="
            + PAGE_COUNT_MAX
            + "&prefix="
            + encoded(prefix)
            + after.map(key -> "&start-after=" + encoded(key)).orElse("");
    AwsAnswer answer = send("GET", root, query, HttpHeaders.EMPTY, NOTHING, 0);
    if (answer.status() != 200) throw refused(answer, "");
    S3Xml.Element result =
        S3Xml.parse(AwsClient.readWhole(answer, client.limits().answerBytesMax()))
            .filter(e -> e.name().equals("ListBucketResult"))
            .orElseThrow(() -> notUnderstood("a listing"));
    List<ObjectSummary> objects = new ArrayList<>();
    boolean isEncoded = result.child("EncodingType").equals("url");
    Optional<String> last = Optional.empty();
    for (S3Xml.Element each : result.all("Contents")) {
      String key = each.child("Key");
      try {
        // "+" is a space in this encoding only; a plus sign itself comes as %2B.
        key = isEncoded ? java.net.URLDecoder.decode(key, StandardCharsets.UTF_8) : key;
        last = Optional.of(key);
        if (ObjectKey.isOne(key)) {
          objects.add(new ObjectSummary(new ObjectKey(key), Long.parseLong(each.child("Size"))));
        }
      } catch (IllegalArgumentException e) {
        throw notUnderstood("a listing");
      }
    }
    return new ObjectPage(
        objects, result.child("IsTruncated").equals("true") ? last : Optional.empty());
  }

  @Override
  public void delete(ObjectKey key) {
    try (AwsAnswer answer = send("DELETE", key, "", HttpHeaders.EMPTY, NOTHING, 0)) {
      if (answer.status() == 404) this.<Void>missing(answer, key);
      else if (answer.status() >= 300) throw refused(answer, key.value());
    }
  }

  /// Where requests go: scheme, host and the path before the key.
  String address() {
    return endpoint + root;
  }

  // What uploads are made of.

  void put(ObjectKey key, Encryption encryption, byte[] octets, int count) {
    HttpHeaders headers =
        encrypted(
            HttpHeaders.of("x-amz-checksum-sha256", base64(SigV4.sha256(octets, count))),
            encryption);
    try (AwsAnswer answer = send("PUT", key, "", headers, octets, count)) {
      if (answer.status() != 200) throw refused(answer, key.value());
    }
  }

  String createUpload(ObjectKey key, Encryption encryption) {
    AwsAnswer answer =
        send("POST", key, "uploads=", encrypted(HttpHeaders.EMPTY, encryption), NOTHING, 0);
    if (answer.status() != 200) throw refused(answer, key.value());
    String id =
        S3Xml.parse(AwsClient.readWhole(answer, client.limits().answerBytesMax()))
            .map(e -> e.child("UploadId"))
            .orElse("");
    if (id.isEmpty()) throw notUnderstood("the answer to CreateMultipartUpload");
    return id;
  }

  /// @return the part's ETag
  String putPart(ObjectKey key, String upload, int number, byte[] octets, int count) {
    String query = "partNumber=" + number + "&uploadId=" + encoded(upload);
    try (AwsAnswer answer = send("PUT", key, query, HttpHeaders.EMPTY, octets, count)) {
      if (answer.status() != 200) throw refused(answer, key.value());
      return answer
          .headers()
          .firstValue("ETag")
          .orElseThrow(() -> notUnderstood("the answer to UploadPart"));
    }
  }

  void completeUpload(ObjectKey key, String upload, List<String> tags, long bytes) {
    StringBuilder body = new StringBuilder("<CompleteMultipartUpload>");
    for (int i = 0; i < tags.size(); i++) {
      body.append("<Part><PartNumber>").append(i + 1).append("</PartNumber><ETag>");
      body.append(tags.get(i).replace("&", "&amp;").replace("<", "&lt;"));
      body.append("</ETag></Part>");
    }
    byte[] octets = AwsClient.octets(body.append("</CompleteMultipartUpload>").toString());
    String query = "uploadId=" + encoded(upload);
    AwsAnswer answer =
        send(
            "POST",
            key,
            query,
            HttpHeaders.of("Content-Type", "application/xml"),
            octets,
            octets.length);
    if (answer.status() == 404 && answer.tries() > 1) {
      // An earlier try did it and its answer was lost.
      answer.close();
      if (findLength(key).equals(Optional.of(bytes))) return;
      throw new UnavailableException("an upload of " + key + " is gone", Duration.ofMinutes(1));
    }
    if (answer.status() != 200) throw refused(answer, key.value());
    // The service answers 200 before it is done; what went wrong after that is in the body.
    byte[] result = AwsClient.readWhole(answer, client.limits().answerBytesMax());
    Optional<ServiceError> error = ServiceError.parse(result);
    if (error.isPresent()) {
      throw new UnavailableException(
          "S3 did not complete " + key + ": " + error.get().code(), Duration.ofMinutes(1));
    }
  }

  void abortUpload(ObjectKey key, String upload) {
    String query = "uploadId=" + encoded(upload);
    try (AwsAnswer answer = send("DELETE", key, query, HttpHeaders.EMPTY, NOTHING, 0)) {
      if (answer.status() >= 300 && answer.status() != 404) throw refused(answer, key.value());
    }
  }

  private AwsAnswer send(
      String method, ObjectKey key, String query, HttpHeaders headers, byte[] body, int count) {
    StringBuilder path = new StringBuilder(root);
    for (String segment : key.value().split("/", -1)) {
      if (path.charAt(path.length() - 1) != '/') path.append('/');
      path.append(encoded(segment));
    }
    return send(method, path.toString(), query, headers, body, count);
  }

  private AwsAnswer send(
      String method, String path, String query, HttpHeaders headers, byte[] body, int count) {
    String hash = java.util.HexFormat.of().formatHex(SigV4.sha256(body, count));
    return client.send(
        new AwsRequest(method, endpoint, path, query, headers, body, count),
        (time, request, withHost) ->
            signer.signForS3(time, request.method(), path, query, withHost, hash));
  }

  private static HttpHeaders encrypted(HttpHeaders headers, Encryption encryption) {
    return encryption
        .kmsKeyArn()
        .map(arn ->
            headers
                .with("x-amz-server-side-encryption", "aws:kms")
                .with("x-amz-server-side-encryption-aws-kms-key-id", arn))
        .orElse(headers);
  }

  /// Length always; the checksum if the service has one of the whole object.
  private static InputStream verified(AwsAnswer answer, ObjectKey key) {
    return new VerifiedStream(
        answer.body(),
        key,
        answer.headers().firstValueAsLong("Content-Length"),
        // "…-7" is a checksum of the checksums of seven parts.
        answer.headers().firstValue("x-amz-checksum-sha256").filter(sum -> !sum.contains("-")));
  }

  /// Empty if the object is not there; what else a 404 says is refused.
  private <T> Optional<T> missing(AwsAnswer answer, ObjectKey key) {
    if (answer.status() != 404) throw refused(answer, key.value());
    ServiceError error = ServiceError.read(answer, client.limits());
    if (error.code().equals("NoSuchBucket")) throw refusal(404, error, key.value());
    return Optional.empty();
  }

  private RuntimeException refused(AwsAnswer answer, String key) {
    return refusal(answer.status(), ServiceError.read(answer, client.limits()), key);
  }

  private RuntimeException refusal(int status, ServiceError error, String key) {
    String what = "bucket " + name + (key.isEmpty() ? "" : ", object " + key);
    String code = error.code().isEmpty() ? "status " + status : error.code();
    String text =
        what + ": S3 answers " + code + (error.text().isEmpty() ? "" : ": " + error.text());
    return switch (error.code()) {
      case "SlowDown", "RequestTimeout", "OperationAborted", "InternalError" ->
          new UnavailableException(text, Duration.ofMinutes(1));
      case "NoSuchBucket", "NoSuchUpload" -> new RefusedException(Refusal.NOT_FOUND, text);
      default ->
          new RefusedException(
              status == 401 || status == 403 ? Refusal.FORBIDDEN : Refusal.INVALID, text);
    };
  }

  private static UnavailableException notUnderstood(String what) {
    return new UnavailableException(
        "S3 answers " + what + " that we do not understand", Duration.ofMinutes(5));
  }

  private static String encoded(String text) {
    return CanonicalRequest.encoded(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(byte[] octets) {
    return Base64.getEncoder().encodeToString(octets);
  }

  /// Compares length and checksum when the end is reached.
  private static final class VerifiedStream extends FilterInputStream {
    private final ObjectKey key;
    private final OptionalLong expected;
    private final Optional<String> checksum;
    private final MessageDigest digest;
    private long count;
    private boolean ended;

    VerifiedStream(
        InputStream source, ObjectKey key, OptionalLong expected, Optional<String> checksum) {
      super(source);
      this.key = key;
      this.expected = expected;
      this.checksum = checksum;
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("no SHA-256", e);
      }
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int got;
      try {
        got = super.read(bytes, offset, length);
      } catch (IOException e) {
        throw new UnavailableException("object " + key + " broke off", Duration.ofMinutes(1), e);
      }
      if (got > 0) {
        count += got;
        digest.update(bytes, offset, got);
      } else if (got < 0 && !ended) {
        ended = true;
        verify();
      }
      return got;
    }

    /// Skipping would leave octets out of the checksum.
    @Override
    public long skip(long octets) throws IOException {
      return readNBytes((int) Math.min(octets, 65_536)).length;
    }

    @Override
    public boolean markSupported() {
      return false;
    }

    private void verify() {
      if (expected.isPresent() && expected.getAsLong() != count) {
        throw new UnavailableException("object " + key + " broke off", Duration.ofMinutes(1));
      }
      if (checksum.isPresent() && !checksum.get().equals(base64(digest.digest()))) {
        throw new UnavailableException(
            "object " + key + " does not have its checksum", Duration.ofMinutes(1));
      }
    }
  }
}
