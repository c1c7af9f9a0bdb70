package org.mailstead.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EmailAddressTest {
  @Test
  void addressesAreEqualWhateverTheirCase() {
    assertThat(EmailAddress.parse("Anna@Example.ORG"))
        .isEqualTo(EmailAddress.parse("anna@example.org"));
    assertThat(EmailAddress.parse("Anna@Example.ORG")).hasToString("Anna@example.org");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "@b", "a@", "a\r\n@b", "a@b\0", "a@b c", "a@<b>"})
  void whatIsNoAddressIsMalformed(String text) {
    assertThatThrownBy(() -> EmailAddress.parse(text)).isInstanceOf(MalformedException.class);
  }

  @Test
  void aLocalPartHasAtMost64Octets() {
    assertThat(EmailAddress.parse("x".repeat(64) + "@b.c").local()).hasSize(64);
    assertThatThrownBy(() -> EmailAddress.parse("x".repeat(65) + "@b.c"))
        .isInstanceOf(MalformedException.class);
  }
}
