package org.mailstead.core.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.keys.CustomerKeys.Use;

/// What every implementation of [CustomerKeys] does.
public abstract class CustomerKeysContract {
  private static final byte[] DATA_KEY = "0123456789abcdef0123456789abcdef".getBytes(UTF_8);

  protected abstract CustomerKeys keys();

  /// Makes a key and answers its ARN.
  protected abstract String newKey(String name);

  protected abstract void withdraw(String arn);

  protected abstract void giveBack(String arn);

  private static Use use(String arn, String organization) {
    return new Use(arn, "arn:aws:workmail:eu-west-1:111122223333:organization/" + organization);
  }

  @Test
  public void whatIsWrappedOpensForTheSameOrganizationAndKeyOnly() {
    String one = newKey("one");
    String two = newKey("two");
    byte[] wrapped = keys().wrap(use(one, "m-1"), DATA_KEY);
    assertThat(new String(wrapped, UTF_8)).doesNotContain("0123456789abcdef");
    assertThat(keys().unwrap(use(one, "m-1"), wrapped)).isEqualTo(DATA_KEY);
    assertThatThrownBy(() -> keys().unwrap(use(one, "m-2"), wrapped))
        .isInstanceOf(RevokedKeyException.class);
    assertThatThrownBy(() -> keys().unwrap(use(two, "m-1"), wrapped))
        .isInstanceOf(RevokedKeyException.class);
    wrapped[wrapped.length - 1] ^= 1;
    assertThatThrownBy(() -> keys().unwrap(use(one, "m-1"), wrapped))
        .isInstanceOf(RevokedKeyException.class);
  }

  @Test
  public void aKeyThatIsWithdrawnOpensNothingUntilItIsBack() {
    String arn = newKey("one");
    Use use = use(arn, "m-1");
    assertThatCode(() -> keys().check(use)).doesNotThrowAnyException();
    byte[] wrapped = keys().wrap(use, DATA_KEY);
    withdraw(arn);
    assertThatThrownBy(() -> keys().unwrap(use, wrapped)).isInstanceOf(RevokedKeyException.class);
    assertThatThrownBy(() -> keys().wrap(use, DATA_KEY)).isInstanceOf(RevokedKeyException.class);
    assertThatThrownBy(() -> keys().check(use))
        .isInstanceOf(RefusedException.class)
        .extracting(e -> ((RefusedException) e).refusal())
        .isEqualTo(Refusal.INVALID);
    giveBack(arn);
    assertThat(keys().unwrap(use, wrapped)).isEqualTo(DATA_KEY);
  }

  @Test
  public void anUnknownKeyIsRefusedByName() {
    String unknown = "arn:aws:kms:eu-west-1:111122223333:key/unknown";
    assertThatThrownBy(() -> keys().check(use(unknown, "m-1")))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(unknown);
  }
}
