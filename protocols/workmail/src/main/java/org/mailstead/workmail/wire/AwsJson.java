package org.mailstead.workmail.wire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.mailstead.http.HttpHeaders;
import org.mailstead.http.HttpResponse;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// AWS JSON 1.1: bodies of requests, answers and errors.
///
/// @spec https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html AWS JSON 1.1 protocol
public final class AwsJson {
  public static final String CONTENT_TYPE = "application/x-amz-json-1.1";

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(ApiLimits.NESTING_MAX)
                          .maxNumberLength(ApiLimits.NUMBER_LENGTH_MAX)
                          .maxStringLength(ApiLimits.BODY_BYTES_MAX)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /// Timestamps stay as they were written: 1798761600.000, not 1.7987616E9.
  private static final JsonMapper ANSWERS =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private AwsJson() {}

  /// The object in a request body; an empty body is an empty object.
  ///
  /// @throws ApiException SerializationException; its text repeats nothing of the body, which may
  ///   hold a secret
  public static ObjectNode parse(byte[] body) {
    if (body.length == 0) return JsonNodeFactory.instance.objectNode();
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(body))
              .toString();
      JsonNode node = MAPPER.readTree(text);
      if (node instanceof ObjectNode object) return object;
      throw ApiException.serialization("Expected a JSON object");
    } catch (CharacterCodingException e) {
      throw ApiException.serialization("The body is not UTF-8");
    } catch (JacksonException e) {
      throw ApiException.serialization("The body is not one well-formed JSON object");
    }
  }

  /// The object in an answer, which may be larger than any request.
  ///
  /// @throws ApiException it is not a JSON object
  public static ObjectNode parseAnswer(byte[] body) {
    try {
      if (ANSWERS.readTree(body) instanceof ObjectNode object) return object;
      throw ApiException.serialization("Expected a JSON object");
    } catch (JacksonException e) {
      throw ApiException.serialization("The answer is not JSON");
    }
  }

  public static HttpResponse answer(String requestId, Shape shape) {
    return respond(200, requestId, bytes(out -> ShapeWriter.wire(out, shape)));
  }

  /// SDKs read the code from `__type`, the text from `Message` or `message`.
  public static HttpResponse error(String requestId, ApiException error) {
    byte[] body =
        bytes(out -> {
          out.writeStartObject();
          out.writeStringProperty("__type", error.code());
          out.writeStringProperty("Message", error.text());
          out.writeStringProperty("message", error.text());
          out.writeEndObject();
        });
    return respond(error.status(), requestId, body).with("x-amzn-ErrorType", error.code());
  }

  /// The members of a shape as they stand in audit records: secrets hidden.
  public static String auditText(Shape shape) {
    return new String(bytes(out -> ShapeWriter.audit(out, shape)), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(Consumer<JsonGenerator> writing) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator out = MAPPER.createGenerator(bytes)) {
      writing.accept(out);
    }
    return bytes.toByteArray();
  }

  private static HttpResponse respond(int status, String requestId, byte[] body) {
    return new HttpResponse(
        status,
        HttpHeaders.of(
            "Content-Type",
            CONTENT_TYPE,
            "x-amzn-RequestId",
            requestId,
            "Cache-Control",
            "no-store"),
        body);
  }
}
