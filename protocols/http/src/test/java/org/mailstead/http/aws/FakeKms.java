package org.mailstead.http.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.mailstead.core.keys.SealingKey;
import org.mailstead.http.HttpHeaders;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A key management service of one process for tests, on the wire format of the AWS KMS API: JSON
/// 1.1, every signature verified, encryption contexts bound to what is encrypted. Keys can be
/// disabled, and the whole service can be away.
public final class FakeKms implements AutoCloseable {
  public static final Credentials CREDENTIALS =
      new Credentials("AKIAFAKEKMS", "a secret of the fake");

  private final HttpServer server;
  private final JsonMapper json = JsonMapper.builder().build();
  private final Map<String, SealingKey> keys = new ConcurrentHashMap<>();
  private final Map<String, Boolean> enabled = new ConcurrentHashMap<>();
  private final List<String> log = new CopyOnWriteArrayList<>();
  private volatile boolean away;

  public FakeKms() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  public KmsSettings settings() {
    return new KmsSettings(
        Optional.of(URI.create("http://127.0.0.1:" + server.getAddress().getPort())), CREDENTIALS);
  }

  /// Makes a key.
  public String key(String name) {
    String arn = "arn:aws:kms:eu-west-1:111122223333:key/" + name;
    keys.put(arn, SealingKey.of(SealingKey.randomBytes(new java.security.SecureRandom())));
    enabled.put(arn, true);
    return arn;
  }

  public void enable(String arn, boolean on) {
    enabled.put(arn, on);
  }

  /// Connections are cut.
  public void away(boolean on) {
    away = on;
  }

  /// Operations and keys, in order.
  public List<String> log() {
    return log;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (away) return;
      ObjectNode answer = json.createObjectNode();
      int status = 200;
      try {
        if (!isSigned(exchange, body)) throw new Wrong("InvalidSignatureException");
        String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
        answer(target.substring("TrentService.".length()), json.readTree(body), answer);
      } catch (Wrong e) {
        status = 400;
        answer.put("__type", e.getMessage()).put("message", "planted or found");
      }
      byte[] octets = answer.toString().getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
      exchange.sendResponseHeaders(status, octets.length);
      exchange.getResponseBody().write(octets);
    }
  }

  private static final class Wrong extends Exception {
    private static final long serialVersionUID = 1L;

    Wrong(String code) {
      super(code);
    }
  }

  private void answer(String operation, JsonNode input, ObjectNode answer) throws Wrong {
    String id = input.path("KeyId").asString("");
    log.add(operation + " " + id);
    SealingKey key = keys.get(id);
    if (key == null) throw new Wrong("NotFoundException");
    if (operation.equals("DescribeKey")) {
      answer
          .putObject("KeyMetadata")
          .put("Arn", id)
          .put("Enabled", enabled.get(id))
          .put("KeyUsage", "ENCRYPT_DECRYPT")
          .put("KeySpec", "SYMMETRIC_DEFAULT");
      return;
    }
    if (!enabled.get(id)) throw new Wrong("DisabledException");
    var context = new TreeMap<String, String>();
    input
        .path("EncryptionContext")
        .propertyStream()
        .forEach(e -> context.put(e.getKey(), e.getValue().asString()));
    byte[] bound = (id + context).getBytes(UTF_8);
    answer.put("KeyId", id);
    switch (operation) {
      case "Encrypt" ->
          answer.put("CiphertextBlob", base64(key.seal(octets(input, "Plaintext"), bound)));
      case "Decrypt" -> {
        byte[] plain =
            key.open(octets(input, "CiphertextBlob"), bound)
                .orElseThrow(() -> new Wrong("InvalidCiphertextException"));
        answer.put("Plaintext", base64(plain));
      }
      default -> throw new Wrong("UnknownOperationException");
    }
  }

  private static byte[] octets(JsonNode input, String member) {
    return Base64.getDecoder().decode(input.path(member).asString(""));
  }

  private static String base64(byte[] octets) {
    return Base64.getEncoder().encodeToString(octets);
  }

  private static boolean isSigned(HttpExchange exchange, byte[] body) {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    if (authorization == null) return false;
    String[] scope = field(authorization, "Credential").split("/");
    if (!scope[0].equals(CREDENTIALS.accessKeyId()) || !scope[3].equals("kms")) return false;
    HttpHeaders headers = HttpHeaders.EMPTY;
    for (var each : exchange.getRequestHeaders().entrySet()) {
      for (String value : each.getValue()) headers = headers.with(each.getKey(), value);
    }
    String canonical =
        CanonicalRequest.of(
            "POST",
            exchange.getRequestURI().getRawPath(),
            "",
            headers,
            List.of(field(authorization, "SignedHeaders").split(";")),
            SigV4.hash(body));
    var time =
        LocalDateTime.parse(
                headers.first("X-Amz-Date").orElse(""),
                DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'"))
            .toInstant(ZoneOffset.UTC);
    var named = new SigV4.Scope(scope[1], scope[2], scope[3]);
    return SigV4.signature(
            CREDENTIALS.secretAccessKey(), named, SigV4.stringToSign(time, named, canonical))
        .equals(field(authorization, "Signature"));
  }

  private static String field(String authorization, String name) {
    int start = authorization.indexOf(name + "=") + name.length() + 1;
    int end = authorization.indexOf(',', start);
    return authorization.substring(start, end < 0 ? authorization.length() : end);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
