package org.mailstead.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.RequiredTrait;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.workmail.WorkMailClient;
import software.amazon.awssdk.services.workmail.model.EntityState;
import software.amazon.awssdk.services.workmail.model.MailDomainNotFoundException;
import software.amazon.awssdk.services.workmail.model.MemberType;
import software.amazon.awssdk.services.workmail.model.NameAvailabilityException;
import software.amazon.awssdk.services.workmail.model.OrganizationNotFoundException;
import software.amazon.awssdk.services.workmail.model.OrganizationStateException;
import software.amazon.awssdk.services.workmail.model.PermissionType;
import software.amazon.awssdk.services.workmail.model.User;
import software.amazon.awssdk.services.workmail.model.WorkMailException;

/// The WorkMail API as programs use it: AWS's SDK for Java with nothing changed but the endpoint.
@Tag("acceptance")
final class SdkJavaTest {
  private static final String PASSWORD = "Correct-horse-9";

  /// What an operation of the SDK may hear of an empty organization: a declared error.
  private static final Set<String> OUR_FAULTS =
      Set.of("InternalFailure", "SerializationException", "UnknownOperationException");

  @TempDir Path folder;

  @Test
  @DisplayName(
      "API-1 ORG-2 ORG-5: the AWS SDK for Java takes an organization from creation to removal")
  void theLifeOfAnOrganization() throws Exception {
    try (ServiceProcess service =
            ServiceProcess.start(folder.resolve("data"), ServiceProcess.freePorts());
        WorkMailClient workmail = client(service)) {
      String o =
          workmail.createOrganization(r -> r.alias("sdk").clientToken("one")).organizationId();
      assertThat(
              workmail.createOrganization(r -> r.alias("sdk").clientToken("one")).organizationId())
          .isEqualTo(o);
      assertThatThrownBy(() -> workmail.createOrganization(r -> r.alias("sdk")))
          .isInstanceOf(NameAvailabilityException.class);
      var described = workmail.describeOrganization(r -> r.organizationId(o));
      assertThat(described.state()).isEqualTo("Active");
      assertThat(described.completedDate()).isNotNull();
      assertThat(workmail.listOrganizationsPaginator(r -> r.maxResults(1)).stream().count())
          .isEqualTo(2);
      domains(workmail, o);
      List<String> users = users(workmail, o);
      groups(workmail, o, users);
      assertThatThrownBy(
              () -> workmail.deleteOrganization(r -> r.organizationId(o).deleteDirectory(true)))
          .isInstanceOf(OrganizationStateException.class);
      assertThat(
              workmail
                  .deleteOrganization(
                      r -> r.organizationId(o).deleteDirectory(true).forceDelete(true))
                  .state())
          .isIn("Deleting", "Deleted");
      assertThat(workmail.describeOrganization(r -> r.organizationId(o)).state())
          .isIn("Deleting", "Deleted");
    }
  }

  @Test
  @DisplayName("API-1: the AWS SDK for Java reads the answer of every operation that it knows")
  void everyOperation() throws Exception {
    try (ServiceProcess service =
            ServiceProcess.start(folder.resolve("data"), ServiceProcess.freePorts());
        WorkMailClient workmail = client(service)) {
      String o = workmail.createOrganization(r -> r.alias("every")).organizationId();
      Set<String> tried = new TreeSet<>();
      List<String> wrong = new ArrayList<>();
      for (Method method : WorkMailClient.class.getMethods()) {
        if (!isOperation(method) || method.getName().equals("deleteOrganization")) continue;
        tried.add(method.getName());
        try {
          method.invoke(workmail, request(method.getParameterTypes()[0], o));
        } catch (InvocationTargetException e) {
          if (!(e.getCause() instanceof AwsServiceException refused)) {
            wrong.add(method.getName() + ": " + e.getCause());
            continue;
          }
          String code = refused.awsErrorDetails().errorCode();
          // A modelled error arrives as its own class, not as the base class.
          boolean modelled = refused.getClass() != WorkMailException.class;
          boolean frame = Set.of("ValidationException").contains(code);
          if (OUR_FAULTS.contains(code) || !(modelled || frame)) {
            wrong.add(method.getName() + ": " + code + " " + refused.getMessage());
          }
        }
      }
      assertThat(wrong).isEmpty();
      assertThat(tried).hasSize(91);
    }
  }

  private static boolean isOperation(Method method) {
    return method.getParameterCount() == 1
        && SdkPojo.class.isAssignableFrom(method.getParameterTypes()[0])
        && method.getReturnType().getSimpleName().endsWith("Response");
  }

  /// A request with the members that the SDK's own model requires.
  private static Object request(Class<?> type, String organization) throws Exception {
    Object builder = type.getMethod("builder").invoke(null);
    for (SdkField<?> field : ((SdkPojo) builder).sdkFields()) {
      if (field.containsTrait(RequiredTrait.class)) set(field, builder, organization);
    }
    Method build = builder.getClass().getMethod("build");
    build.setAccessible(true);
    return build.invoke(builder);
  }

  private static void set(SdkField<?> field, Object builder, String organization) {
    Object value =
        switch (field.memberName()) {
          case "OrganizationId" -> organization;
          case "DomainName" -> "every.mail.example";
          case "Email" -> "nobody@every.mailstead.test";
          case "Alias" -> "x@every.mailstead.test";
          case "IpAddress" -> "10.0.0.1";
          case "Password" -> PASSWORD;
          case "ResourceARN" -> "arn:aws:workmail:us-east-1:1:organization/" + organization;
          default -> "planted-planted";
        };
    MarshallingType<?> type = field.marshallingType();
    if (type == MarshallingType.STRING) field.set(builder, value);
    if (type == MarshallingType.BOOLEAN) field.set(builder, Boolean.TRUE);
    if (type == MarshallingType.INTEGER) field.set(builder, 100);
    if (type == MarshallingType.LIST) field.set(builder, List.of());
  }

  private static void domains(WorkMailClient workmail, String o) {
    workmail.registerMailDomain(r -> r.organizationId(o).domainName("sdk.example"));
    workmail.updateDefaultMailDomain(r -> r.organizationId(o).domainName("sdk.example"));
    assertThat(workmail.listMailDomains(r -> r.organizationId(o)).mailDomains()).hasSize(2);
    assertThat(
            workmail.getMailDomain(r -> r.organizationId(o).domainName("sdk.example")).isDefault())
        .isTrue();
    assertThatThrownBy(
            () -> workmail.getMailDomain(r -> r.organizationId(o).domainName("no.example")))
        .isInstanceOf(MailDomainNotFoundException.class);
    assertThatThrownBy(() -> workmail.listUsers(r -> r.organizationId("m-" + "0".repeat(32))))
        .isInstanceOfSatisfying(
            OrganizationNotFoundException.class,
            e -> {
              assertThat(e.awsErrorDetails().errorMessage()).contains("not found");
              assertThat(e.requestId()).isNotBlank();
            });
  }

  private static List<String> users(WorkMailClient workmail, String o) {
    List<String> users = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      String name = "user" + i;
      String id =
          workmail
              .createUser(r -> r.organizationId(o).name(name).displayName(name).password(PASSWORD))
              .userId();
      workmail.registerToWorkMail(
          r -> r.organizationId(o).entityId(id).email(name + "@sdk.example"));
      users.add(id);
    }
    workmail.createAlias(
        r -> r.organizationId(o).entityId(users.get(0)).alias("first@sdk.example"));
    assertThat(workmail.listAliases(r -> r.organizationId(o).entityId(users.get(0))).aliases())
        .containsExactly("first@sdk.example");
    var user = workmail.describeUser(r -> r.organizationId(o).userId(users.get(1)));
    assertThat(user.state()).isEqualTo(EntityState.ENABLED);
    assertThat(user.email()).isEqualTo("user1@sdk.example");
    List<String> names =
        workmail
            .listUsersPaginator(
                r -> r.organizationId(o).maxResults(2).filters(f -> f.usernamePrefix("user")))
            .stream()
            .flatMap(page -> page.users().stream())
            .map(User::name)
            .toList();
    assertThat(names).containsExactly("user0", "user1", "user2", "user3", "user4");
    workmail.updateUser(r -> r.organizationId(o).userId(users.get(2)).jobTitle("Cook"));
    assertThat(workmail.describeUser(r -> r.organizationId(o).userId(users.get(2))).jobTitle())
        .isEqualTo("Cook");
    workmail.putMailboxPermissions(r ->
        r.organizationId(o)
            .entityId(users.get(0))
            .granteeId(users.get(1))
            .permissionValues(PermissionType.FULL_ACCESS, PermissionType.SEND_AS));
    assertThat(
            workmail
                .listMailboxPermissions(r -> r.organizationId(o).entityId(users.get(0)))
                .permissions()
                .getFirst()
                .permissionValues())
        .containsExactlyInAnyOrder(PermissionType.FULL_ACCESS, PermissionType.SEND_AS);
    return users;
  }

  private static void groups(WorkMailClient workmail, String o, List<String> users) {
    String group = workmail.createGroup(r -> r.organizationId(o).name("team")).groupId();
    for (String user : users) {
      workmail.associateMemberToGroup(r -> r.organizationId(o).groupId(group).memberId(user));
    }
    var members = workmail.listGroupMembers(r -> r.organizationId(o).groupId(group)).members();
    assertThat(members).hasSize(5).allMatch(m -> m.type() == MemberType.USER);
  }

  private static WorkMailClient client(ServiceProcess service) throws Exception {
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(Trust.store(Path.of(service.text("caCertificate"))));
    return WorkMailClient.builder()
        .endpointOverride(
            URI.create("https://" + service.ready().path("endpoints").path("api").asString("")))
        .region(Region.of(service.text("region")))
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(
                    service.text("accessKeyId"), service.text("secretAccessKey"))))
        .httpClientBuilder(
            UrlConnectionHttpClient.builder().tlsTrustManagersProvider(trust::getTrustManagers))
        .overrideConfiguration(c -> c.retryStrategy(s -> s.maxAttempts(1)))
        .build();
  }

  /// A key store with one certificate.
  private static final class Trust {
    private static java.security.KeyStore store(Path certificate) throws Exception {
      var store = java.security.KeyStore.getInstance(java.security.KeyStore.getDefaultType());
      store.load(null, null);
      try (var in = java.nio.file.Files.newInputStream(certificate)) {
        store.setCertificateEntry(
            "authority",
            java.security.cert.CertificateFactory.getInstance("X.509").generateCertificate(in));
      }
      return store;
    }
  }
}
