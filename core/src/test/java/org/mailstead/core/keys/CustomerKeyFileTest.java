package org.mailstead.core.keys;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.UnavailableException;

@DisplayName("ORG-6: customers' keys in a file")
final class CustomerKeyFileTest extends CustomerKeysContract {
  @TempDir Path folder;

  private final Map<String, String> lines = new HashMap<>();
  private final Set<String> withdrawn = new HashSet<>();

  private Path file() {
    return folder.resolve("customer.keys");
  }

  @Override
  protected CustomerKeys keys() {
    return new CustomerKeyFile(file());
  }

  @Override
  protected String newKey(String name) {
    String arn = "arn:aws:kms:eu-west-1:111122223333:key/" + name;
    String hex = HexFormat.of().formatHex(SealingKey.randomBytes(new SecureRandom()));
    lines.put(arn, "key " + arn + " " + hex + "\n");
    write();
    return arn;
  }

  @Override
  protected void withdraw(String arn) {
    withdrawn.add(arn);
    write();
  }

  @Override
  protected void giveBack(String arn) {
    withdrawn.remove(arn);
    write();
  }

  private void write() {
    StringBuilder text = new StringBuilder("mailstead-customer-keys 1\n# comment\n");
    lines.forEach((arn, line) -> {
      if (!withdrawn.contains(arn)) text.append(line);
    });
    try {
      Files.writeString(file(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aDamagedFileIsUnavailableAndItsTextIsNotRepeated() throws Exception {
    String arn = newKey("one");
    for (String text :
        new String[] {
          "something else\n",
          "mailstead-customer-keys 1\nkey " + arn + " secretsecret\n",
          "mailstead-customer-keys 1\nwhat is this\n"
        }) {
      Files.writeString(file(), text);
      assertThatThrownBy(() -> keys().check(new CustomerKeys.Use(arn, "arn:o")))
          .isInstanceOf(UnavailableException.class)
          .hasMessageNotContaining("secretsecret");
    }
  }
}
