package org.mailstead.acceptance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Users of the first organization of a service, made as an operator makes them.
final class Users {
  static final String PASSWORD = "Correct-horse-9";

  private Users() {}

  /// Makes `count` users `u0@…`, `u1@…` in the test domain.
  ///
  /// @return their addresses
  static List<String> create(ServiceProcess service, int count) throws Exception {
    List<String> addresses = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String address = "u" + i + "@" + service.text("testDomain");
      String made =
          workmail(
              service,
              "create-user",
              "--name",
              "u" + i,
              "--display-name",
              "User " + i,
              "--password",
              PASSWORD);
      String id = made.replaceAll("(?s).*\"UserId\"\\s*:\\s*\"([^\"]+)\".*", "$1");
      workmail(service, "register-to-work-mail", "--entity-id", id, "--email", address);
      addresses.add(address);
    }
    return addresses;
  }

  static String workmail(ServiceProcess service, String operation, String... members)
      throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(ServiceProcess.HOME.resolve("mailstead").toString(), "workmail", operation));
    command.addAll(
        List.of(
            "--endpoint-url",
            "https://" + service.ready().path("endpoints").path("api").asString(""),
            "--ca-bundle",
            service.text("caCertificate"),
            "--organization-id",
            service.text("organizationId")));
    command.addAll(List.of(members));
    return Tool.run(
            Map.of(
                "AWS_ACCESS_KEY_ID", service.text("accessKeyId"),
                "AWS_SECRET_ACCESS_KEY", service.text("secretAccessKey"),
                "AWS_DEFAULT_REGION", service.text("region")),
            "",
            command)
        .succeeds()
        .output();
  }
}
