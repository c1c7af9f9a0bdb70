package org.mailstead.server.command.migrate;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.mailstead.http.aws.Credentials;
import org.mailstead.server.tls.TrustedAuthority;
import org.mailstead.workmail.client.Endpoint;
import org.mailstead.workmail.client.WorkMailClient;
import picocli.CommandLine.Option;

/// Which WorkMail API: Amazon's by default, ours by its address. The key comes from
/// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
final class ApiOptions {
  @Option(names = "--organization-id", paramLabel = "<m-…>", description = "The organization.")
  private String organizationId = "";

  @Option(
      names = "--endpoint-url",
      paramLabel = "<url>",
      description = "The API (default: https://workmail.<region>.amazonaws.com).")
  private Optional<String> endpointUrl = Optional.empty();

  @Option(
      names = "--region",
      paramLabel = "<region>",
      description = "(default: AWS_DEFAULT_REGION, AWS_REGION, us-east-1)")
  private Optional<String> region = Optional.empty();

  @Option(names = "--ca-bundle", paramLabel = "<file>", description = "PEM file to trust.")
  private Optional<Path> caBundle = Optional.empty();

  String organizationId() {
    return organizationId;
  }

  WorkMailClient open() throws IOException {
    if (organizationId.isEmpty()) throw new IOException("say which: --organization-id m-…");
    Map<String, String> environment = System.getenv();
    String where =
        region
            .or(() -> Optional.ofNullable(environment.get("AWS_DEFAULT_REGION")))
            .or(() -> Optional.ofNullable(environment.get("AWS_REGION")))
            .orElse("us-east-1");
    String key = environment.getOrDefault("AWS_ACCESS_KEY_ID", "");
    String secret = environment.getOrDefault("AWS_SECRET_ACCESS_KEY", "");
    if (key.isEmpty() || secret.isEmpty()) {
      throw new IOException("no access key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    }
    String url = endpointUrl.orElse("https://workmail." + where + ".amazonaws.com");
    return new WorkMailClient(
        new Endpoint(
            URI.create(url),
            where,
            caBundle.isPresent()
                ? Optional.of(TrustedAuthority.of(caBundle.get()))
                : Optional.empty()),
        new Credentials(key, secret),
        InstantSource.system());
  }
}
