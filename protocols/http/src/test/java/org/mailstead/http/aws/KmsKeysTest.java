package org.mailstead.http.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.keys.CustomerKeys;
import org.mailstead.core.keys.CustomerKeysContract;
import org.mailstead.core.keys.RevokedKeyException;

@DisplayName("ORG-6: customers' keys in a service with the AWS KMS API")
final class KmsKeysTest extends CustomerKeysContract {
  private FakeKms kms;
  private AwsClient client;

  @BeforeEach
  void start() throws Exception {
    kms = new FakeKms();
    client = new AwsClient(InstantSource.system(), new Random(1), _ -> {}, AwsLimits.PROMPT);
  }

  @AfterEach
  void stop() {
    client.close();
    kms.close();
  }

  @Override
  protected CustomerKeys keys() {
    return new KmsKeys(client, kms.settings());
  }

  @Override
  protected String newKey(String name) {
    return kms.key(name);
  }

  @Override
  protected void withdraw(String arn) {
    kms.enable(arn, false);
  }

  @Override
  protected void giveBack(String arn) {
    kms.enable(arn, true);
  }

  @Test
  void aServiceThatIsAwayIsUnavailableAndNothingIsRevoked() {
    var use = new CustomerKeys.Use(kms.key("one"), "arn:o");
    kms.away(true);
    assertThatThrownBy(() -> keys().wrap(use, new byte[32]))
        .isInstanceOf(UnavailableException.class)
        .isNotInstanceOf(RevokedKeyException.class);
    kms.away(false);
    assertThat(keys().unwrap(use, keys().wrap(use, new byte[32]))).hasSize(32);
  }

  @Test
  void wrongCredentialsOfOursAreAnOutage() {
    var use = new CustomerKeys.Use(kms.key("one"), "arn:o");
    var wrong =
        new KmsSettings(
            kms.settings().endpoint(),
            new Credentials(FakeKms.CREDENTIALS.accessKeyId(), "not this secret"));
    assertThatThrownBy(() -> new KmsKeys(client, wrong).wrap(use, new byte[32]))
        .isInstanceOf(UnavailableException.class)
        .isNotInstanceOf(RevokedKeyException.class)
        .hasMessageNotContaining("not this secret");
  }
}
