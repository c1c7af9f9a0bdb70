package org.mailstead.http.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.base.MailboxId;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.directory.NewOrganization;
import org.mailstead.core.directory.NewUser;
import org.mailstead.core.directory.OrganizationHealth;
import org.mailstead.core.directory.OrganizationState;
import org.mailstead.core.keys.CustomerKeys;
import org.mailstead.core.keys.OrganizationKeys;
import org.mailstead.core.mailbox.Mailbox;
import org.mailstead.core.mailbox.MailboxCheck;
import org.mailstead.core.mailbox.NewMessage;
import org.mailstead.store.Row;
import org.mailstead.store.StoreCheck;

@DisplayName("ORG-6: an organization whose customer's key comes and goes")
final class CustomerKeyOutageTest {
  private static final String TEXT = "Subject: x\r\n\r\nxylophone " + "word ".repeat(4000);

  private FakeKms kms;
  private AwsClient client;
  private CoreFixture core;
  private String arn;
  private OrganizationId organization;
  private MailboxId mailbox;

  @BeforeEach
  void start() throws Exception {
    kms = new FakeKms();
    arn = kms.key("customer");
    client = new AwsClient(InstantSource.system(), new Random(1), _ -> {}, AwsLimits.PROMPT);
    core =
        new CoreFixture(
            CustomerKeys.first(
                java.util.Map.of("arn:aws:kms:", new KmsKeys(client, kms.settings()))));
    organization =
        core.directory()
            .organizations()
            .create(
                core.change("CreateOrganization"),
                core.account(),
                new NewOrganization(
                    "kms", Optional.empty(), Optional.empty(), List.of(), Optional.of(arn), false))
            .id();
    var users = core.directory().users();
    var user =
        users.create(
            core.change("CreateUser"), organization, NewUser.of("u", "U", "Some-Secret-1"));
    core.directory()
        .registrations()
        .register(core.change("RegisterToWorkMail"), organization, user.value(), "u@kms.mail.test");
    mailbox = users.describe(organization, "u").mailbox().orElseThrow();
  }

  @AfterEach
  void stop() {
    core.close();
    client.close();
    kms.close();
  }

  private Mailbox open() {
    return core.mailboxes().open(mailbox);
  }

  private static void deliver(Mailbox mailbox, String id) {
    mailbox.deliver(
        mailbox.inbox(),
        new NewMessage(Content.of(TEXT.getBytes(UTF_8)), 0, Set.of(), java.time.Instant.EPOCH),
        id);
  }

  private static byte[] read(Mailbox mailbox, int sequence) {
    return mailbox.content(mailbox.view(mailbox.inbox()).email(sequence), 0, TEXT.length());
  }

  private OrganizationState health() {
    core.directory().health().runOnce(List.of(OrganizationHealth.ofKeys(core.keys())));
    return core.directory().organizations().load(organization).state();
  }

  private void forgetLease() {
    core.clock().advance(OrganizationKeys.CUSTOMER_KEY_LIFE.plusSeconds(1));
  }

  private void assertUnavailable(Mailbox held) {
    assertThatThrownBy(() -> deliver(held, "during")).isInstanceOf(UnavailableException.class);
    assertThatThrownBy(() -> read(held, 1)).isInstanceOf(UnavailableException.class);
    assertThatThrownBy(() -> held.content(held.view(held.inbox()).email(1)))
        .isInstanceOf(UnavailableException.class);
    assertThatThrownBy(() -> held.summary(held.view(held.inbox()).email(1)))
        .isInstanceOf(UnavailableException.class);
    assertThatThrownBy(this::open).isInstanceOf(UnavailableException.class);
    assertThatThrownBy(() -> core.keys().seal(organization, new byte[1]))
        .isInstanceOf(UnavailableException.class);
  }

  @Test
  void anOutageIsUnavailableEverywhereAndPassesByItself() {
    Mailbox held = open();
    deliver(held, "before");
    assertThat(new String(read(held, 1), UTF_8)).isEqualTo(TEXT);
    assertThat(health()).isEqualTo(OrganizationState.ACTIVE);

    kms.away(true);
    // Nobody notices a short one.
    assertThat(new String(read(held, 1), UTF_8)).isEqualTo(TEXT);
    deliver(held, "short");
    assertThat(health()).isEqualTo(OrganizationState.IMPAIRED);
    forgetLease();
    assertUnavailable(held);
    // The others go on.
    Mailbox other = core.mailbox(core.anna());
    deliver(other, "other");

    kms.away(false);
    core.clock().advance(Duration.ofSeconds(6));
    deliver(held, "after");
    assertThat(new String(read(open(), 3), UTF_8)).isEqualTo(TEXT);
    assertThat(held.view(held.inbox()).count()).isEqualTo(3);
    assertThat(health()).isEqualTo(OrganizationState.ACTIVE);
    assertThat(new StoreCheck(core.store(), List.of(new MailboxCheck(core.keys()))).run().errors())
        .isEmpty();
  }

  @Test
  void aKeyThatIsRevokedIsForgottenAtTheNextHealthCheck() {
    Mailbox held = open();
    deliver(held, "before");
    kms.enable(arn, false);
    assertThat(health()).isEqualTo(OrganizationState.IMPAIRED);
    assertUnavailable(held);
    core.reopen();
    assertThatThrownBy(this::open).isInstanceOf(UnavailableException.class);
    kms.enable(arn, true);
    core.clock().advance(Duration.ofSeconds(6));
    assertThat(health()).isEqualTo(OrganizationState.ACTIVE);
    assertThat(new String(read(open(), 1), UTF_8)).isEqualTo(TEXT);
  }

  @Test
  void whileTheServiceIsAwayOnlyOneAsks() {
    forgetLease();
    kms.away(true);
    assertThatThrownBy(this::open).isInstanceOf(UnavailableException.class);
    long start = System.nanoTime();
    for (int i = 0; i < 1000; i++) {
      assertThatThrownBy(this::open).isInstanceOf(UnavailableException.class);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void theHealthCheckKeepsTheKeyFresh() {
    int asked = kms.log().size();
    for (int i = 0; i < 10; i++) {
      core.clock().advance(Duration.ofMinutes(1));
      health();
      deliver(open(), "d" + i);
    }
    assertThat(kms.log().size() - asked).isEqualTo(10);
  }

  @Test
  void aKeyThatCannotBeUsedMakesNoOrganization() {
    kms.enable(arn, false);
    for (String bad : List.of(arn, "arn:aws:kms:eu-west-1:111122223333:key/none")) {
      assertThatThrownBy(() ->
              core.directory()
                  .organizations()
                  .create(
                      core.change("CreateOrganization"),
                      core.account(),
                      new NewOrganization(
                          "second",
                          Optional.empty(),
                          Optional.empty(),
                          List.of(),
                          Optional.of(bad),
                          false)))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining(bad);
    }
    core.directory()
        .organizations()
        .create(core.change("CreateOrganization"), core.account(), NewOrganization.of("second"));
  }

  @Test
  void afterRemovalNothingOpensAndTheCustomersKeyIsUntouched() {
    Mailbox held = open();
    deliver(held, "before");
    byte[] sealed = core.keys().seal(organization, "planted".getBytes(UTF_8));
    var partition = new org.mailstead.store.PartitionId("keys/" + organization);
    Row wrapped = rows(partition).getFirst();
    core.directory()
        .organizations()
        .delete(core.change("DeleteOrganization"), organization, true, true);
    core.runJobs();
    assertThat(rows(partition))
        .singleElement()
        .satisfies(row -> assertThat(row.value()).hasSize(1).isNotEqualTo(wrapped.value()));
    core.reopen();
    assertThatThrownBy(() -> core.keys().open(organization, sealed))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("destroyed");
    assertThatThrownBy(() -> core.keys().seal(organization, new byte[1]))
        .isInstanceOf(RefusedException.class);
    assertThatThrownBy(this::open).isInstanceOf(RefusedException.class);
    assertThat(kms.log())
        .allMatch(call -> call.matches("(DescribeKey|Encrypt|Decrypt) .*"), "no other operation");
    new KmsKeys(client, kms.settings()).check(new CustomerKeys.Use(arn, "arn:o"));
  }

  private List<Row> rows(org.mailstead.store.PartitionId partition) {
    return core.store()
        .range(
            partition,
            new org.mailstead.store.Collection(1, "keys"),
            org.mailstead.store.Range.all(),
            10)
        .rows();
  }
}
