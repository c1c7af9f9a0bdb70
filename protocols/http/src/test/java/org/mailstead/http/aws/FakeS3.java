package org.mailstead.http.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.mailstead.http.HttpHeaders;

/// An S3 service of one process for tests, on the real wire format: path-style addresses, signature
/// and payload hash of every request verified, single and multipart uploads, listings of version 2.
/// Faults can be planted. What it does not know it answers with 501.
public final class FakeS3 implements AutoCloseable {
  public static final Credentials CREDENTIALS =
      new Credentials("AKIAFAKES3", "a secret of the fake");
  public static final String REGION = "eu-test-1";

  /// An answer in place of the real one.
  ///
  /// @param carriedOut whether the request has its effect all the same
  /// @param status 0: the connection is cut
  public record Fault(int status, String code, boolean carriedOut) {}

  private final HttpServer server;
  private final Map<String, ConcurrentSkipListMap<String, Stored>> buckets =
      new ConcurrentHashMap<>();
  private final Map<String, TreeMap<Integer, byte[]>> uploads = new ConcurrentHashMap<>();
  private final Deque<Fault> faults = new ConcurrentLinkedDeque<>();
  private final List<String> log = new CopyOnWriteArrayList<>();
  private volatile boolean corrupting;
  private volatile boolean stalling;
  private final CountDownLatch closed = new CountDownLatch(1);

  private record Stored(byte[] octets, Optional<String> checksum, Optional<String> kmsKey) {}

  private record Answer(int status, String type, byte[] body, Map<String, String> headers) {}

  public FakeS3() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  public S3Settings settings() {
    return new S3Settings(Optional.of(endpoint()), REGION, true, CREDENTIALS);
  }

  public FakeS3 bucket(String name) {
    buckets.put(name, new ConcurrentSkipListMap<>(ObjectKey::compare));
    return this;
  }

  public Optional<byte[]> object(String bucket, String key) {
    return Optional.ofNullable(buckets.get(bucket).get(key)).map(Stored::octets);
  }

  public void put(String bucket, String key, byte[] octets) {
    buckets.get(bucket).put(key, new Stored(octets, Optional.empty(), Optional.empty()));
  }

  public List<String> keys(String bucket) {
    return List.copyOf(buckets.get(bucket).keySet());
  }

  public Optional<String> kmsKey(String bucket, String key) {
    return buckets.get(bucket).get(key).kmsKey();
  }

  /// Method, path and query of each request.
  public List<String> log() {
    return log;
  }

  public int uploadsUnderWay() {
    return uploads.size();
  }

  public void plant(Fault... planted) {
    faults.addAll(List.of(planted));
  }

  public void corrupt(boolean on) {
    corrupting = on;
  }

  /// Bodies of answers stop half-way.
  public void stall(boolean on) {
    stalling = on;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      log.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
      Fault fault = faults.poll();
      if (fault != null && !fault.carriedOut()) {
        if (fault.status() > 0) write(exchange, error(fault.status(), fault.code()));
        return;
      }
      Answer answer = answer(exchange, body);
      if (fault == null) write(exchange, answer);
      else if (fault.status() > 0) write(exchange, error(fault.status(), fault.code()));
    }
  }

  private void write(HttpExchange exchange, Answer answer) throws IOException {
    answer.headers().forEach(exchange.getResponseHeaders()::set);
    exchange.getResponseHeaders().set("Content-Type", answer.type());
    boolean head = exchange.getRequestMethod().equals("HEAD");
    byte[] body = answer.body();
    if (head) exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
    exchange.sendResponseHeaders(answer.status(), head || body.length == 0 ? -1 : body.length);
    if (head || body.length == 0) return;
    if (stalling && body.length > 1) {
      exchange.getResponseBody().write(body, 0, body.length / 2);
      exchange.getResponseBody().flush();
      try {
        closed.await(); // Silent for as long as the test lasts.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return;
    }
    exchange.getResponseBody().write(body);
  }

  private Answer answer(HttpExchange exchange, byte[] body) {
    Optional<String> wrong = signatureFault(exchange, body);
    if (wrong.isPresent()) return error(403, wrong.get());
    String path = exchange.getRequestURI().getRawPath();
    String[] parts = path.substring(1).split("/", 2);
    var objects = buckets.get(parts[0]);
    if (objects == null) return error(404, "NoSuchBucket");
    Map<String, String> query = new TreeMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    CanonicalRequest.members(raw == null ? "" : raw).forEach(m -> query.put(m.name(), m.value()));
    if (parts.length == 1 || parts[1].isEmpty()) return list(objects, query);
    String key = CanonicalRequest.members("k=" + parts[1]).getFirst().value();
    return switch (exchange.getRequestMethod()) {
      case "PUT" ->
          query.containsKey("partNumber")
              ? putPart(query, body)
              : put(objects, key, exchange, body);
      case "POST" ->
          query.containsKey("uploads") ? create(exchange) : complete(objects, key, query, body);
      case "GET", "HEAD" -> get(objects, key, exchange.getRequestHeaders().getFirst("Range"));
      case "DELETE" -> {
        if (query.containsKey("uploadId")) uploads.remove(query.get("uploadId"));
        else objects.remove(key);
        yield new Answer(204, "text/plain", new byte[0], Map.of());
      }
      default -> error(501, "NotImplemented");
    };
  }

  private Answer put(Map<String, Stored> objects, String key, HttpExchange exchange, byte[] body) {
    Optional<String> sum =
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("x-amz-checksum-sha256"));
    if (sum.isPresent()
        && !sum.get().equals(Base64.getEncoder().encodeToString(digest("SHA-256", body)))) {
      return error(400, "BadDigest");
    }
    objects.put(key, new Stored(body, sum, kmsKey(exchange)));
    return new Answer(200, "text/plain", new byte[0], Map.of("ETag", tag(body)));
  }

  private static Optional<String> kmsKey(HttpExchange exchange) {
    String mode = exchange.getRequestHeaders().getFirst("x-amz-server-side-encryption");
    if (!"aws:kms".equals(mode)) return Optional.empty();
    return Optional.ofNullable(
        exchange.getRequestHeaders().getFirst("x-amz-server-side-encryption-aws-kms-key-id"));
  }

  private Answer create(HttpExchange exchange) {
    String id = "upload+" + uploads.size() + "/" + kmsKey(exchange).orElse("");
    uploads.put(id, new TreeMap<>());
    return xml(
        "<InitiateMultipartUploadResult><UploadId>"
            + id
            + "</UploadId></InitiateMultipartUploadResult>");
  }

  private Answer putPart(Map<String, String> query, byte[] body) {
    var parts = uploads.get(query.get("uploadId"));
    if (parts == null) return error(404, "NoSuchUpload");
    synchronized (parts) {
      parts.put(Integer.parseInt(query.get("partNumber")), body);
    }
    return new Answer(200, "text/plain", new byte[0], Map.of("ETag", tag(body)));
  }

  private Answer complete(
      Map<String, Stored> objects, String key, Map<String, String> query, byte[] body) {
    String id = query.getOrDefault("uploadId", "");
    var parts = uploads.remove(id);
    if (parts == null) return error(404, "NoSuchUpload");
    List<S3Xml.Element> named = S3Xml.parse(body).orElseThrow().all("Part");
    var all = new java.io.ByteArrayOutputStream();
    for (int i = 0; i < named.size(); i++) {
      byte[] part = parts.get(Integer.parseInt(named.get(i).child("PartNumber")));
      if (part == null || !named.get(i).child("ETag").equals(tag(part)))
        return error(400, "InvalidPart");
      if (i < named.size() - 1 && part.length < 5 << 20) return error(400, "EntityTooSmall");
      all.writeBytes(part);
    }
    String kms = id.substring(id.indexOf('/') + 1);
    objects.put(
        key,
        new Stored(
            all.toByteArray(),
            Optional.empty(),
            kms.isEmpty() ? Optional.empty() : Optional.of(kms)));
    return xml("<CompleteMultipartUploadResult><Key>x</Key></CompleteMultipartUploadResult>");
  }

  private Answer get(
      Map<String, Stored> objects, String key, @org.jspecify.annotations.Nullable String range) {
    Stored found = objects.get(key);
    if (found == null) return error(404, "NoSuchKey");
    Map<String, String> headers = new TreeMap<>();
    found.checksum().ifPresent(sum -> headers.put("x-amz-checksum-sha256", sum));
    byte[] octets = found.octets().clone();
    if (corrupting && octets.length > 0) octets[octets.length / 2] ^= 1;
    if (range == null) return new Answer(200, "application/octet-stream", octets, headers);
    String[] ends = range.replace("bytes=", "").split("-", 2);
    long first = Long.parseLong(ends[0]);
    if (first >= octets.length) return error(416, "InvalidRange");
    int end = (int) Math.min(octets.length, Long.parseLong(ends[1]) + 1);
    byte[] piece = java.util.Arrays.copyOfRange(octets, (int) first, end);
    String told = "bytes %d-%d/%d".formatted(first, end - 1, octets.length);
    return new Answer(206, "application/octet-stream", piece, Map.of("Content-Range", told));
  }

  private static Answer list(
      ConcurrentSkipListMap<String, Stored> objects, Map<String, String> query) {
    if (!"2".equals(query.get("list-type"))) return error(501, "NotImplemented");
    int max = Integer.parseInt(query.getOrDefault("max-keys", "1000"));
    String after = query.getOrDefault("continuation-token", query.getOrDefault("start-after", ""));
    List<String> keys = new ArrayList<>();
    for (String key : (after.isEmpty() ? objects : objects.tailMap(after, false)).keySet()) {
      if (key.startsWith(query.getOrDefault("prefix", ""))) keys.add(key);
    }
    boolean more = keys.size() > max;
    StringBuilder text =
        new StringBuilder("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    boolean url = "url".equals(query.get("encoding-type"));
    if (url) text.append("<EncodingType>url</EncodingType>");
    text.append("<IsTruncated>").append(more).append("</IsTruncated>");
    if (more)
      text.append("<NextContinuationToken>")
          .append(keys.get(max - 1))
          .append("</NextContinuationToken>");
    for (String key : keys.subList(0, Math.min(max, keys.size()))) {
      String shown =
          url
              ? java.net.URLEncoder.encode(key, UTF_8)
              : key.replace("&", "&amp;").replace("<", "&lt;");
      text.append("<Contents><Key>")
          .append(shown)
          .append("</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><Size>");
      text.append(objects.get(key).octets().length).append("</Size></Contents>");
    }
    return xml(text.append("</ListBucketResult>").toString());
  }

  /// As S3 verifies: the path as it came, the payload by X-Amz-Content-Sha256.
  private static Optional<String> signatureFault(HttpExchange exchange, byte[] body) {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    if (authorization == null) return Optional.of("AccessDenied");
    String credential = field(authorization, "Credential");
    List<String> signed = List.of(field(authorization, "SignedHeaders").split(";"));
    String[] scope = credential.split("/");
    if (!scope[0].equals(CREDENTIALS.accessKeyId())) return Optional.of("InvalidAccessKeyId");
    if (!scope[2].equals(REGION) || !scope[3].equals("s3"))
      return Optional.of("AuthorizationHeaderMalformed");
    HttpHeaders headers = HttpHeaders.EMPTY;
    for (var each : exchange.getRequestHeaders().entrySet()) {
      for (String value : each.getValue()) headers = headers.with(each.getKey(), value);
      String name = each.getKey().toLowerCase(Locale.ROOT);
      if (name.startsWith("x-amz-") && !signed.contains(name)) return Optional.of("AccessDenied");
    }
    String hash = headers.first("X-Amz-Content-Sha256").orElse("");
    if (!hash.equals(SigV4.hash(body))) return Optional.of("XAmzContentSHA256Mismatch");
    String raw = exchange.getRequestURI().getRawQuery();
    String canonical =
        CanonicalRequest.ofCanonicalPath(
            exchange.getRequestMethod(),
            exchange.getRequestURI().getRawPath(),
            raw == null ? "" : raw,
            headers,
            signed,
            hash);
    Instant time =
        java.time.LocalDateTime.parse(
                headers.first("X-Amz-Date").orElse(""),
                java.time.format.DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'"))
            .toInstant(java.time.ZoneOffset.UTC);
    var named = new SigV4.Scope(scope[1], scope[2], scope[3]);
    String signature =
        SigV4.signature(
            CREDENTIALS.secretAccessKey(), named, SigV4.stringToSign(time, named, canonical));
    return signature.equals(field(authorization, "Signature"))
        ? Optional.empty()
        : Optional.of("SignatureDoesNotMatch");
  }

  private static String field(String authorization, String name) {
    int start = authorization.indexOf(name + "=") + name.length() + 1;
    int end = authorization.indexOf(',', start);
    return authorization.substring(start, end < 0 ? authorization.length() : end);
  }

  private static Answer xml(String text) {
    return new Answer(
        200, "application/xml", ("<?xml version=\"1.0\"?>" + text).getBytes(UTF_8), Map.of());
  }

  private static Answer error(int status, String code) {
    String text =
        "<?xml version=\"1.0\"?><Error><Code>"
            + code
            + "</Code><Message>planted or found</Message></Error>";
    return new Answer(status, "application/xml", text.getBytes(UTF_8), Map.of());
  }

  private static String tag(byte[] octets) {
    return '"' + HexFormat.of().formatHex(digest("MD5", octets)) + '"';
  }

  private static byte[] digest(String algorithm, byte[] octets) {
    try {
      return MessageDigest.getInstance(algorithm).digest(octets);
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
  }
}
