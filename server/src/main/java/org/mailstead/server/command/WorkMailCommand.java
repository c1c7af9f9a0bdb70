package org.mailstead.server.command;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLContext;
import org.mailstead.http.aws.Credentials;
import org.mailstead.server.tls.TrustedAuthority;
import org.mailstead.workmail.client.Endpoint;
import org.mailstead.workmail.client.WorkMailCli;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `workmail`: any operation of the WorkMail API, in the words of the AWS CLI.
@Command(
    name = "workmail",
    description = {
      "Calls an operation of the WorkMail API: mailstead workmail describe-user --organization-id m-… --user-id …",
      "The key comes from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or from the ready file of a first start.",
      "`mailstead workmail help` lists the operations, `mailstead workmail <operation> help` its members."
    })
public final class WorkMailCommand implements Callable<Integer> {
  @Option(
      names = "--endpoint-url",
      paramLabel = "<url>",
      description =
          "The API (default: AWS_ENDPOINT_URL_WORKMAIL, AWS_ENDPOINT_URL, the ready file, https://127.0.0.1:2443).")
  private Optional<String> endpointUrl = Optional.empty();

  @Option(
      names = "--ca-bundle",
      paramLabel = "<file>",
      description =
          "PEM file to trust (default: AWS_CA_BUNDLE, the ready file, data/tls/ca.pem if it is there).")
  private Optional<Path> caBundle = Optional.empty();

  @Option(
      names = "--ready-file",
      paramLabel = "<file>",
      description = "Endpoint, trust and, after a first start, the key.")
  private Optional<Path> readyFile = Optional.empty();

  @Option(
      names = "--region",
      paramLabel = "<region>",
      description = "(default: AWS_DEFAULT_REGION, AWS_REGION, us-east-1)")
  private Optional<String> region = Optional.empty();

  @Unmatched private List<String> words = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    if (WorkMailCli.isHelp(words)) {
      return WorkMailCli.help(words, System.out, System.err);
    }
    Map<String, String> environment = System.getenv();
    JsonNode ready =
        readyFile.isPresent()
            ? JsonMapper.builder().build().readTree(Files.readString(readyFile.get()))
            : JsonMapper.builder().build().createObjectNode();
    String key = first(environment, "AWS_ACCESS_KEY_ID", ready.path("accessKeyId"), "");
    String secret = first(environment, "AWS_SECRET_ACCESS_KEY", ready.path("secretAccessKey"), "");
    if (key.isEmpty() || secret.isEmpty()) {
      throw new IOException(
          "no access key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name the ready file of the first start");
    }
    String fromReady = ready.path("endpoints").path("api").asString("");
    String url =
        endpointUrl
            .or(() -> Optional.ofNullable(environment.get("AWS_ENDPOINT_URL_WORKMAIL")))
            .or(() -> Optional.ofNullable(environment.get("AWS_ENDPOINT_URL")))
            .orElse(fromReady.isEmpty() ? "https://127.0.0.1:2443" : "https://" + fromReady);
    String where =
        region
            .or(() -> Optional.ofNullable(environment.get("AWS_DEFAULT_REGION")))
            .or(() -> Optional.ofNullable(environment.get("AWS_REGION")))
            .orElse(ready.path("region").asString("us-east-1"));
    return WorkMailCli.run(
        words,
        System.out,
        System.err,
        new Endpoint(URI.create(url), where, trust(environment, ready)),
        new Credentials(key, secret));
  }

  private Optional<SSLContext> trust(Map<String, String> environment, JsonNode ready)
      throws IOException {
    Path usual = Path.of("data", "tls", "ca.pem");
    Optional<Path> file =
        caBundle
            .or(() -> Optional.ofNullable(environment.get("AWS_CA_BUNDLE")).map(Path::of))
            .or(() ->
                Optional.of(ready.path("caCertificate").asString(""))
                    .filter(t -> !t.isEmpty())
                    .map(Path::of))
            .or(() -> Files.exists(usual) ? Optional.of(usual) : Optional.empty());
    return file.isEmpty() ? Optional.empty() : Optional.of(TrustedAuthority.of(file.get()));
  }

  private static String first(
      Map<String, String> environment, String variable, JsonNode ready, String otherwise) {
    String value = environment.get(variable);
    return value == null || value.isEmpty() ? ready.asString(otherwise) : value;
  }
}
