package org.mailstead.http.aws;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.access.Sleeper;
import org.mailstead.core.domains.ZoneEditor;
import org.mailstead.http.HttpHeaders;
import org.mailstead.http.aws.AwsClient.AwsAnswer;
import org.mailstead.http.aws.AwsClient.AwsRequest;

/// A public hosted zone of Route 53. A change is one batch, which Route 53 makes whole or not at
/// all: CREATE fails where something is, DELETE where it is not exactly what is named.
///
/// @spec https://docs.aws.amazon.com/Route53/latest/APIReference/Welcome.html AWS Route 53 API
public final class Route53Zone implements ZoneEditor {
  private static final String API = "/2013-04-01/";
  private static final String NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/";
  private static final URI AWS = URI.create("https://route53.amazonaws.com");

  /// Route 53 has one endpoint, whose requests are signed for this region.
  private static final String REGION = "us-east-1";

  private static final int TXT_STRING_MAX = 255;
  private static final int PAGES_MAX = 20;
  private static final int BUSY_TRIES_MAX = 5;
  private static final Duration BUSY_PAUSE = Duration.ofSeconds(1);
  private static final Duration POLL_PAUSE = Duration.ofSeconds(2);
  private static final Duration RETRY = Duration.ofSeconds(30);

  private final AwsClient client;
  private final Route53Settings settings;
  private final InstantSource clock;
  private final Sleeper sleeper;

  public Route53Zone(
      AwsClient client, Route53Settings settings, InstantSource clock, Sleeper sleeper) {
    this.client = client;
    this.settings = settings;
    this.clock = clock;
    this.sleeper = sleeper;
  }

  /// An error that the service names.
  private static final class Route53Exception extends Exception {
    private static final long serialVersionUID = 1L;
    private final String code;

    Route53Exception(String code, String text) {
      super(text, null, false, false);
      this.code = code;
    }
  }

  @Override
  public String zone() {
    return settings.zone();
  }

  @Override
  public String provider() {
    return "Route 53";
  }

  @Override
  public List<RecordSet> read(String name) {
    try {
      return read(zoneId(), name);
    } catch (Route53Exception e) {
      throw refused(e);
    }
  }

  @Override
  public void replace(String name, Optional<RecordSet> before, RecordSet after) {
    try {
      String zone = zoneId();
      S3Xml.Element answer;
      try {
        answer = call("POST", "hostedzone/" + zone + "/rrset/", "", batch(name, before, after));
      } catch (Route53Exception e) {
        // A repeated request of ours meets what the first one did.
        if (e.code.equals("InvalidChangeBatch") && isThere(zone, name, after)) return;
        throw e;
      }
      String change = answer.children().isEmpty() ? "" : answer.children().getFirst().child("Id");
      awaitServers(change.substring(change.lastIndexOf('/') + 1));
    } catch (Route53Exception e) {
      throw refused(e);
    }
  }

  private boolean isThere(String zone, String name, RecordSet after) throws Route53Exception {
    return read(zone, name).stream()
        .anyMatch(set ->
            set.type().equals(after.type())
                && new HashSet<>(set.values()).equals(new HashSet<>(after.values())));
  }

  /// The id of the public zone of this name; private ones answer inside a VPC only.
  private String zoneId() throws Route53Exception {
    S3Xml.Element answer =
        call("GET", "hostedzonesbyname", "dnsname=" + encoded(zone() + ".") + "&maxitems=100", "");
    for (S3Xml.Element list : answer.all("HostedZones")) {
      for (S3Xml.Element each : list.all("HostedZone")) {
        boolean isPrivate =
            each.all("Config").stream().anyMatch(c -> c.child("PrivateZone").equals("true"));
        if (!isPrivate && plain(each.child("Name")).equals(zone())) {
          String id = each.child("Id");
          id = id.substring(id.lastIndexOf('/') + 1);
          if (id.matches("[A-Za-z0-9]{1,32}")) return id;
        }
      }
    }
    throw new RefusedException(
        Refusal.NOT_FOUND, "Route 53 has no public hosted zone " + zone() + " for this key.");
  }

  private List<RecordSet> read(String zone, String name) throws Route53Exception {
    List<RecordSet> found = new ArrayList<>();
    String query = "name=" + encoded(name + ".");
    for (int page = 0; page < PAGES_MAX; page++) {
      S3Xml.Element answer = call("GET", "hostedzone/" + zone + "/rrset", query, "");
      for (S3Xml.Element list : answer.all("ResourceRecordSets")) {
        for (S3Xml.Element each : list.all("ResourceRecordSet")) {
          // The list begins at the name and goes on with what comes after it.
          if (!plain(each.child("Name")).equals(name.toLowerCase(Locale.ROOT))) return found;
          found.add(set(each));
        }
      }
      if (!answer.child("IsTruncated").equals("true")
          || !plain(answer.child("NextRecordName")).equals(name.toLowerCase(Locale.ROOT))) {
        return found;
      }
      query = "name=" + encoded(name + ".") + "&type=" + encoded(answer.child("NextRecordType"));
      String identifier = answer.child("NextRecordIdentifier");
      if (!identifier.isEmpty()) query += "&identifier=" + encoded(identifier);
    }
    throw new RefusedException(Refusal.LIMIT_REACHED, "Too many records at " + name + ".");
  }

  private static RecordSet set(S3Xml.Element element) {
    String type = element.child("Type");
    List<String> values = new ArrayList<>();
    for (S3Xml.Element list : element.all("ResourceRecords")) {
      for (S3Xml.Element each : list.all("ResourceRecord")) {
        String value = each.child("Value").strip();
        values.add(
            switch (type) {
              case "TXT" -> unquoted(value);
              case "MX" -> {
                String[] words = value.split("\\s+", 2);
                yield words.length == 2 ? words[0] + " " + plain(words[1]) : value;
              }
              case "CNAME" -> plain(value);
              default -> value;
            });
      }
    }
    // An alias of Route 53's own has no values. It is in the way of its own type only; a batch that
    // names it by values is refused whole.
    if (values.isEmpty()) values.add("(alias of Route 53)");
    String ttl = element.child("TTL");
    return new RecordSet(type, ttl.matches("[0-9]{1,9}") ? Integer.parseInt(ttl) : 0, values);
  }

  private static String batch(String name, Optional<RecordSet> before, RecordSet after) {
    var xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.append("<ChangeResourceRecordSetsRequest xmlns=\"")
        .append(NAMESPACE)
        .append("\"><ChangeBatch><Comment>Mailstead</Comment><Changes>");
    before.ifPresent(set -> change(xml, "DELETE", name, set));
    change(xml, "CREATE", name, after);
    return xml.append("</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>").toString();
  }

  private static void change(StringBuilder xml, String action, String name, RecordSet set) {
    xml.append("<Change><Action>")
        .append(action)
        .append("</Action><ResourceRecordSet><Name>")
        .append(escaped(name + "."))
        .append("</Name><Type>")
        .append(set.type())
        .append("</Type><TTL>")
        .append(set.ttlSeconds())
        .append("</TTL><ResourceRecords>");
    for (String value : set.values()) {
      String text =
          switch (set.type()) {
            case "TXT" -> quoted(value);
            case "MX", "CNAME" -> value + ".";
            default -> throw new IllegalArgumentException("not a type that we write");
          };
      xml.append("<ResourceRecord><Value>").append(escaped(text)).append("</Value>");
      xml.append("</ResourceRecord>");
    }
    xml.append("</ResourceRecords></ResourceRecordSet></Change>");
  }

  /// GetChange until it says INSYNC, so that who looks next finds it.
  private void awaitServers(String change) throws Route53Exception {
    if (!change.matches("[A-Za-z0-9]{1,32}")) return;
    Instant end = clock.instant().plus(settings.insyncMax());
    while (true) {
      S3Xml.Element answer = call("GET", "change/" + change, "", "");
      boolean done =
          answer.all("ChangeInfo").stream().anyMatch(i -> i.child("Status").equals("INSYNC"));
      if (done || !clock.instant().isBefore(end)) return;
      pause(POLL_PAUSE);
    }
  }

  private S3Xml.Element call(String method, String path, String query, String body)
      throws Route53Exception {
    for (int tries = 1; ; tries++) {
      try {
        return once(method, API + path, query, body);
      } catch (Route53Exception e) {
        // Route 53 says "slower" with status 400.
        boolean busy =
            e.code.equals("Throttling")
                || e.code.equals("ThrottlingException")
                || e.code.equals("PriorRequestNotComplete");
        if (!busy) throw e;
        if (tries == BUSY_TRIES_MAX) {
          throw new UnavailableException("Route 53 is busy: " + e.code, RETRY);
        }
        pause(BUSY_PAUSE.multipliedBy(tries));
      }
    }
  }

  private S3Xml.Element once(String method, String path, String query, String body)
      throws Route53Exception {
    byte[] octets = body.getBytes(StandardCharsets.UTF_8);
    HttpHeaders headers =
        octets.length == 0 ? HttpHeaders.of() : HttpHeaders.of("Content-Type", "application/xml");
    SigV4Signer signer = new SigV4Signer(settings.credentials(), REGION, "route53");
    AwsAnswer answer =
        client.send(
            new AwsRequest(
                method,
                settings.endpoint().orElse(AWS),
                path,
                query,
                headers,
                octets,
                octets.length),
            (time, request, withHost) -> signer.sign(time, method, path, query, withHost, octets));
    byte[] whole = AwsClient.readWhole(answer, client.limits().answerBytesMax());
    Optional<S3Xml.Element> xml = S3Xml.parse(whole);
    if (answer.status() == 200 && xml.isPresent()) return xml.get();
    if (xml.isEmpty()) {
      throw new UnavailableException(
          "Route 53 answers " + answer.status() + " without a document", RETRY);
    }
    throw error(answer.status(), xml.get());
  }

  /// `ErrorResponse` with an `Error`, or, for what is wrong in a batch, `InvalidChangeBatch` with
  /// `Messages`, by itself or inside.
  private static Route53Exception error(int status, S3Xml.Element root) {
    List<String> messages = new ArrayList<>();
    for (S3Xml.Element list : root.all("Messages")) {
      list.all("Message").forEach(each -> messages.add(each.text()));
    }
    if (root.name().equals("InvalidChangeBatch")) {
      return new Route53Exception("InvalidChangeBatch", String.join(" ", messages));
    }
    for (S3Xml.Element each : root.all("Error")) {
      return new Route53Exception(each.child("Code"), each.child("Message"));
    }
    return new Route53Exception("status " + status, "");
  }

  private RefusedException refused(Route53Exception e) {
    Refusal refusal =
        switch (e.code) {
          case "InvalidChangeBatch" -> Refusal.WRONG_STATE;
          case "NoSuchHostedZone" -> Refusal.NOT_FOUND;
          case "AccessDenied",
              "AccessDeniedException",
              "InvalidClientTokenId",
              "SignatureDoesNotMatch",
              "IncompleteSignature",
              "MissingAuthenticationToken" ->
              Refusal.FORBIDDEN;
          default -> Refusal.INVALID;
        };
    String text = e.getMessage() == null ? "" : e.getMessage();
    return new RefusedException(
        refusal,
        "Route 53 refuses (" + e.code + "): " + text.substring(0, Math.min(500, text.length())));
  }

  private void pause(Duration time) {
    try {
      sleeper.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted", RETRY, e);
    }
  }

  private static String encoded(String text) {
    return CanonicalRequest.encoded(text.getBytes(StandardCharsets.UTF_8));
  }

  /// `\052.example.com.` → `*.example.com`.
  private static String plain(String name) {
    String text = unescaped(name).toLowerCase(Locale.ROOT);
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }

  /// `"one" "two"` → `onetwo`.
  private static String unquoted(String value) {
    var out = new StringBuilder();
    boolean inside = false;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"') {
        inside = !inside;
      } else if (inside && c == '\\' && i + 1 < value.length()) {
        int end = isOctal(value, i + 1) ? i + 4 : i + 2;
        out.append(unescaped(value.substring(i, end)));
        i = end - 1;
      } else if (inside) {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static String quoted(String text) {
    List<String> parts = new ArrayList<>();
    for (int at = 0; at < text.length() || at == 0; at += TXT_STRING_MAX) {
      var out = new StringBuilder("\"");
      for (char c :
          text.substring(at, Math.min(text.length(), at + TXT_STRING_MAX)).toCharArray()) {
        if (c == '"' || c == '\\') out.append('\\').append(c);
        else if (c < 32 || c > 126) out.append("\\%03o".formatted((int) c & 0xFF));
        else out.append(c);
      }
      parts.add(out.append('"').toString());
    }
    return String.join(" ", parts);
  }

  private static String unescaped(String text) {
    var out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\' || i + 1 == text.length()) {
        out.append(c);
      } else if (isOctal(text, i + 1)) {
        out.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        out.append(text.charAt(++i));
      }
    }
    return out.toString();
  }

  private static boolean isOctal(String text, int at) {
    return at + 3 <= text.length() && text.substring(at, at + 3).matches("[0-3][0-7]{2}");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
