package org.mailstead.http.aws;

import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.keys.CustomerKeys;
import org.mailstead.core.keys.RevokedKeyException;
import org.mailstead.http.HttpHeaders;
import org.mailstead.http.aws.AwsClient.AwsAnswer;
import org.mailstead.http.aws.AwsClient.AwsRequest;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Customers' keys in a service that speaks the AWS KMS API (JSON 1.1): DescribeKey, Encrypt,
/// Decrypt, with the organization's ARN as encryption context. Plain keys never appear in texts or
/// logs.
///
/// @spec https://docs.aws.amazon.com/kms/latest/APIReference/Welcome.html AWS KMS API
public final class KmsKeys implements CustomerKeys {
  /// The name of the service in signatures.
  public static final String SERVICE = "kms";

  private static final String TARGET = "TrentService.";
  private static final String CONTENT_TYPE = "application/x-amz-json-1.1";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration RETRY = Duration.ofSeconds(30);

  private final AwsClient client;
  private final KmsSettings settings;

  /// An error that the service names.
  private static final class KmsException extends Exception {
    private static final long serialVersionUID = 1L;
    private final String code;

    KmsException(String code, String text) {
      super(text, null, false, false);
      this.code = code;
    }
  }

  public KmsKeys(AwsClient client, KmsSettings settings) {
    this.client = client;
    this.settings = settings;
  }

  @Override
  public void check(Use use) {
    try {
      ObjectNode request = JSON.createObjectNode().put("KeyId", use.keyArn());
      JsonNode key = call(use, "DescribeKey", request).path("KeyMetadata");
      if (!key.path("Enabled").asBoolean(false)) {
        throw refused(use, "it is not enabled");
      }
      if (!key.path("KeyUsage").asString("").equals("ENCRYPT_DECRYPT")
          || !key.path("KeySpec").asString("SYMMETRIC_DEFAULT").equals("SYMMETRIC_DEFAULT")) {
        throw refused(use, "it is not a symmetric key for encryption");
      }
      // What counts is whether it may be used, not whether it may be described.
      byte[] probe = new byte[32];
      if (!java.util.Arrays.equals(decrypt(use, encrypt(use, probe)), probe)) {
        throw refused(use, "it does not decrypt what it encrypts");
      }
    } catch (KmsException e) {
      if (isTemporary(e)) throw unavailable(use, e);
      throw refused(use, e.code + ": " + e.getMessage());
    }
  }

  @Override
  public byte[] wrap(Use use, byte[] dataKey) {
    try {
      return encrypt(use, dataKey);
    } catch (KmsException e) {
      throw failed(use, e);
    }
  }

  @Override
  public byte[] unwrap(Use use, byte[] wrapped) {
    try {
      return decrypt(use, wrapped);
    } catch (KmsException e) {
      throw failed(use, e);
    }
  }

  private byte[] encrypt(Use use, byte[] plain) throws KmsException {
    ObjectNode request = request(use).put("Plaintext", base64(plain));
    return octets(use, call(use, "Encrypt", request), "CiphertextBlob");
  }

  private byte[] decrypt(Use use, byte[] wrapped) throws KmsException {
    ObjectNode request = request(use).put("CiphertextBlob", base64(wrapped));
    return octets(use, call(use, "Decrypt", request), "Plaintext");
  }

  private static ObjectNode request(Use use) {
    ObjectNode request = JSON.createObjectNode().put("KeyId", use.keyArn());
    ObjectNode context = request.putObject("EncryptionContext");
    use.context().forEach(context::put);
    return request;
  }

  private static byte[] octets(Use use, JsonNode answer, String member) {
    try {
      byte[] octets = Base64.getDecoder().decode(answer.path(member).asString(""));
      if (octets.length > 0) return octets;
    } catch (IllegalArgumentException e) {
      // Without its text, which could repeat the answer.
      throw new UnavailableException(
          "the key service of " + use.keyArn() + " answers nonsense", RETRY);
    }
    throw new UnavailableException(
        "the key service of " + use.keyArn() + " answers nothing", RETRY);
  }

  private JsonNode call(Use use, String operation, ObjectNode input) throws KmsException {
    // arn:aws:kms:<region>:<account>:key/<id>
    String[] arn = use.keyArn().split(":", -1);
    if (arn.length < 6 || !arn[3].matches("[a-z0-9-]{1,64}")) {
      throw refused(use, "it is not the ARN of a key");
    }
    String region = arn[3];
    URI endpoint =
        settings.endpoint().orElseGet(() -> URI.create("https://kms." + region + ".amazonaws.com"));
    byte[] body = AwsClient.octets(input.toString());
    HttpHeaders headers =
        HttpHeaders.of("Content-Type", CONTENT_TYPE, "X-Amz-Target", TARGET + operation);
    SigV4Signer signer = new SigV4Signer(settings.credentials(), region, SERVICE);
    AwsAnswer answer =
        client.send(
            new AwsRequest("POST", endpoint, "/", "", headers, body, body.length),
            (time, request, withHost) -> signer.sign(time, "POST", "/", "", withHost, body));
    JsonNode output;
    try {
      output = JSON.readTree(AwsClient.readWhole(answer, client.limits().answerBytesMax()));
    } catch (JacksonException e) {
      throw new UnavailableException(
          "the key service of %s answers %d and no JSON".formatted(use.keyArn(), answer.status()),
          RETRY);
    }
    if (answer.status() == 200) return output;
    String type = output.path("__type").asString("status " + answer.status());
    String text = output.path("message").asString(output.path("Message").asString(""));
    throw new KmsException(type.substring(type.indexOf('#') + 1), text);
  }

  private static RuntimeException failed(Use use, KmsException e) {
    return isTemporary(e)
        ? unavailable(use, e)
        : new RevokedKeyException("the key " + use.keyArn() + " cannot be used: " + e.code);
  }

  private static UnavailableException unavailable(Use use, KmsException e) {
    return new UnavailableException("the key " + use.keyArn() + " is busy: " + e.code, RETRY);
  }

  private static RefusedException refused(Use use, String why) {
    return new RefusedException(
        Refusal.INVALID, "The key " + use.keyArn() + " cannot be used: " + why);
  }

  /// What passes by itself. Wrong credentials of ours are an outage too: the customer has withdrawn
  /// nothing.
  private static boolean isTemporary(KmsException e) {
    return switch (e.code) {
      case "ThrottlingException",
          "LimitExceededException",
          "DependencyTimeoutException",
          "KMSInternalException",
          "KeyUnavailableException",
          "RequestExpired",
          "InvalidSignatureException",
          "IncompleteSignatureException",
          "UnrecognizedClientException" ->
          true;
      default -> false;
    };
  }

  private static String base64(byte[] octets) {
    return Base64.getEncoder().encodeToString(octets);
  }
}
