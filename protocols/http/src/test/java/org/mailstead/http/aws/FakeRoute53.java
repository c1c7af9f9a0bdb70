package org.mailstead.http.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.mailstead.http.HttpHeaders;

/// Hosted zones of one process for tests, on the documented wire format of Route 53: XML, every
/// signature verified, batches whole or not at all, errors in both of their shapes, changes that
/// are PENDING before they are INSYNC.
final class FakeRoute53 implements AutoCloseable {
  static final Credentials CREDENTIALS = new Credentials("AKIAFAKER53", "a secret of the fake");
  static final String ZONE_ID = "Z0123456789ABC";

  private static final String XMLNS = " xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"";

  /// By name and type, as on the wire: `shop.example. TXT`.
  final Map<String, List<String>> sets = new TreeMap<>();

  final List<String> log = new CopyOnWriteArrayList<>();
  volatile int pendingPolls;
  volatile int throttled;

  /// The next change is made, but its answer is lost.
  volatile boolean loseAnswer;

  private final HttpServer server;
  private final String zone;

  FakeRoute53(String zone) throws IOException {
    this.zone = zone + ".";
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private record Answer(int status, String body) {}

  private synchronized void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath();
      Answer answer;
      if (!isSigned(exchange, body)) {
        answer = error(403, "SignatureDoesNotMatch", "The signature does not match.");
      } else if (throttled > 0) {
        throttled--;
        answer = error(400, "Throttling", "Rate exceeded");
      } else {
        log.add(exchange.getRequestMethod() + " " + path);
        answer = answer(exchange.getRequestMethod(), path, query(exchange), body);
      }
      if (loseAnswer && path.endsWith("/rrset/")) {
        loseAnswer = false;
        answer = error(500, "InternalFailure", "");
      }
      byte[] octets = ("<?xml version=\"1.0\"?>\n" + answer.body()).getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/xml");
      exchange.sendResponseHeaders(answer.status(), octets.length);
      exchange.getResponseBody().write(octets);
    }
  }

  private Answer answer(String method, String path, Map<String, String> query, byte[] body) {
    if (method.equals("GET") && path.equals("/2013-04-01/hostedzonesbyname")) {
      return new Answer(
          200,
          "<ListHostedZonesByNameResponse"
              + XMLNS
              + "><HostedZones>"
              + hosted("ZPRIVATE", true)
              + hosted(ZONE_ID, false)
              + "</HostedZones><DNSName>"
              + query.get("dnsname")
              + "</DNSName><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems>"
              + "</ListHostedZonesByNameResponse>");
    }
    if (method.equals("GET") && path.equals("/2013-04-01/change/C1")) {
      boolean pending = pendingPolls-- > 0;
      return new Answer(
          200, "<GetChangeResponse" + XMLNS + ">" + change(pending) + "</GetChangeResponse>");
    }
    if (!path.startsWith("/2013-04-01/hostedzone/" + ZONE_ID + "/rrset")) {
      return error(404, "NoSuchHostedZone", "No hosted zone found");
    }
    return method.equals("GET") ? list(query.get("name")) : change(body);
  }

  private String hosted(String id, boolean isPrivate) {
    return "<HostedZone><Id>/hostedzone/"
        + id
        + "</Id><Name>"
        + zone
        + "</Name><CallerReference>x</CallerReference><Config><PrivateZone>"
        + isPrivate
        + "</PrivateZone></Config><ResourceRecordSetCount>2</ResourceRecordSetCount></HostedZone>";
  }

  /// From the name on, whatever comes after it, as Route 53 does.
  private Answer list(String name) {
    var xml = new StringBuilder("<ListResourceRecordSetsResponse" + XMLNS + ">");
    xml.append("<ResourceRecordSets>");
    List<String> keys = new ArrayList<>();
    sets.keySet().stream().filter(k -> k.startsWith(name + " ")).forEach(keys::add);
    sets.keySet().stream().filter(k -> !k.startsWith(name + " ")).forEach(keys::add);
    for (String key : keys) {
      String[] words = key.split(" ");
      xml.append("<ResourceRecordSet><Name>" + words[0].replace("*", "\\052") + "</Name>");
      xml.append("<Type>" + words[1] + "</Type><TTL>300</TTL><ResourceRecords>");
      for (String value : sets.get(key)) {
        xml.append("<ResourceRecord><Value>" + escaped(value) + "</Value></ResourceRecord>");
      }
      xml.append("</ResourceRecords></ResourceRecordSet>");
    }
    return new Answer(
        200,
        xml
            + "</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>300</MaxItems>"
            + "</ListResourceRecordSetsResponse>");
  }

  private Answer change(byte[] body) {
    S3Xml.Element root = S3Xml.parse(body).orElseThrow();
    if (!root.name().equals("ChangeResourceRecordSetsRequest")) {
      return error(400, "InvalidInput", "not a batch");
    }
    Map<String, List<String>> after = new TreeMap<>(sets);
    List<String> messages = new ArrayList<>();
    S3Xml.Element batch = root.all("ChangeBatch").getFirst();
    for (S3Xml.Element each : batch.all("Changes").getFirst().all("Change")) {
      S3Xml.Element set = each.all("ResourceRecordSet").getFirst();
      String key = set.child("Name") + " " + set.child("Type");
      List<String> values =
          set.all("ResourceRecords").getFirst().all("ResourceRecord").stream()
              .map(r -> r.child("Value"))
              .toList();
      String named = "[name='" + set.child("Name") + "', type='" + set.child("Type") + "']";
      switch (each.child("Action")) {
        case "CREATE" -> {
          if (after.containsKey(key)) {
            messages.add("Tried to create resource record set " + named + " but it already exists");
          }
          after.put(key, values);
        }
        case "DELETE" -> {
          List<String> now = after.getOrDefault(key, List.of());
          if (!new HashSet<>(now).equals(new HashSet<>(values))
              || !set.child("TTL").equals("300")) {
            messages.add(
                "Tried to delete resource record set "
                    + named
                    + " but the values provided do not match the current values");
          }
          after.remove(key);
        }
        default -> messages.add("Invalid action");
      }
    }
    if (!messages.isEmpty()) {
      return new Answer(
          400,
          "<InvalidChangeBatch"
              + XMLNS
              + "><Messages><Message>"
              + String.join("</Message><Message>", messages)
              + "</Message></Messages></InvalidChangeBatch>");
    }
    sets.clear();
    sets.putAll(after);
    return new Answer(
        200,
        "<ChangeResourceRecordSetsResponse"
            + XMLNS
            + ">"
            + change(true)
            + "</ChangeResourceRecordSetsResponse>");
  }

  private static String change(boolean pending) {
    return "<ChangeInfo><Id>/change/C1</Id><Status>"
        + (pending ? "PENDING" : "INSYNC")
        + "</Status><SubmittedAt>2027-01-01T00:00:00.000Z</SubmittedAt></ChangeInfo>";
  }

  private static Answer error(int status, String code, String text) {
    return new Answer(
        status,
        "<ErrorResponse"
            + XMLNS
            + "><Error><Type>Sender</Type><Code>"
            + code
            + "</Code><Message>"
            + text
            + "</Message></Error><RequestId>r</RequestId></ErrorResponse>");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> found = new HashMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    if (raw == null) return found;
    for (String member : raw.split("&")) {
      String[] words = member.split("=", 2);
      found.put(words[0], URLDecoder.decode(words[1], UTF_8));
    }
    return found;
  }

  private static boolean isSigned(HttpExchange exchange, byte[] body) {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    if (authorization == null) return false;
    String[] scope = field(authorization, "Credential").split("/");
    if (!scope[0].equals(CREDENTIALS.accessKeyId())
        || !scope[2].equals("us-east-1")
        || !scope[3].equals("route53")) return false;
    HttpHeaders headers = HttpHeaders.EMPTY;
    for (var each : exchange.getRequestHeaders().entrySet()) {
      for (String value : each.getValue()) headers = headers.with(each.getKey(), value);
    }
    String query = exchange.getRequestURI().getRawQuery();
    String canonical =
        CanonicalRequest.of(
            exchange.getRequestMethod(),
            exchange.getRequestURI().getRawPath(),
            query == null ? "" : query,
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
