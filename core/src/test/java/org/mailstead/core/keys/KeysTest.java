package org.mailstead.core.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.store.MemoryStore;

class KeysTest {
  private static final OrganizationId ONE = new OrganizationId("m-1");
  private static final OrganizationId TWO = new OrganizationId("m-2");
  private static final byte[] TEXT = "a key".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private final MemoryStore store = new MemoryStore();
  private final SecureRandom random = new SecureRandom();

  private Path file() {
    return folder.resolve("keys");
  }

  private LocalKeyService open() {
    return LocalKeyService.open(file(), store, random);
  }

  private static void assertWrongState(Runnable action, String part) {
    assertThatThrownBy(action::run)
        .hasMessageContaining(part)
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.WRONG_STATE));
  }

  @Test
  void keyFileIsMadeForTheOwnerOnlyAndOpensAgain() throws IOException {
    byte[] wrapped = open().wrap(ONE, TEXT);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    assertThat(open().unwrap(ONE, wrapped)).isEqualTo(TEXT);
  }

  @Test
  void missingKeyFileOfAStoreWithDataStopsTheStart() throws IOException {
    open();
    Files.delete(file());
    assertWrongState(this::open, "is missing");
    assertThat(file()).doesNotExist();
  }

  @Test
  void foreignOrDamagedKeyFileStopsTheStart() throws IOException {
    open();
    Path other = folder.resolve("other");
    LocalKeyService.open(other, new MemoryStore(), random);
    assertWrongState(() -> LocalKeyService.open(other, store, random), "another store");
    String own = Files.readString(file());
    String ring = own.lines().skip(1).findFirst().orElseThrow();
    String key = Files.readString(other).lines().skip(2).findFirst().orElseThrow();
    Files.writeString(other, "mailstead-keys 1\n" + ring + "\n" + key + "\n");
    assertWrongState(() -> LocalKeyService.open(other, store, random), "does not open");
    Files.writeString(file(), "mailstead-keys 1\nring x\nkey 1 zz\n");
    assertWrongState(this::open, "not a key file");
    Files.writeString(file(), "");
    assertWrongState(this::open, "not a key file");
  }

  @Test
  void keysOfOneOrganizationDoNotOpenThoseOfAnother() {
    LocalKeyService service = open();
    byte[] wrapped = service.wrap(ONE, TEXT);
    assertWrongState(() -> service.unwrap(TWO, wrapped), "does not open");
    OrganizationKeys keys = new OrganizationKeys(store, service, random);
    byte[] sealed = keys.seal(ONE, TEXT);
    assertWrongState(() -> keys.open(TWO, sealed), "does not open");
    sealed[sealed.length - 1] ^= 1;
    assertWrongState(() -> keys.open(ONE, sealed), "does not open");
  }

  @Test
  void rotatedMasterKeyWrapsAnewAndOldDataStaysReadable() {
    LocalKeyService service = open();
    OrganizationKeys keys = new OrganizationKeys(store, service, random);
    byte[] sealed = keys.seal(ONE, TEXT);
    assertThat(keys.rewrap(ONE)).isFalse();
    service.rotate();
    assertThat(keys.rewrap(ONE)).isTrue();
    assertThat(keys.rewrap(ONE)).isFalse();
    OrganizationKeys later = new OrganizationKeys(store, open(), random);
    assertThat(later.open(ONE, sealed)).isEqualTo(TEXT);
    assertThat(later.rewrap(ONE)).isFalse();
    assertThat(later.rewrap(TWO)).isFalse();
  }

  @Test
  void destroyedOrganizationKeyOpensNothingEver() {
    OrganizationKeys keys = new OrganizationKeys(store, open(), random);
    byte[] sealed = keys.seal(ONE, TEXT);
    keys.destroy(ONE);
    assertWrongState(() -> keys.open(ONE, sealed), "destroyed");
    assertWrongState(() -> keys.seal(ONE, TEXT), "destroyed");
    assertThat(keys.rewrap(ONE)).isFalse();
    OrganizationKeys later = new OrganizationKeys(store, open(), random);
    assertWrongState(() -> later.open(ONE, sealed), "destroyed");
    assertThat(later.open(TWO, later.seal(TWO, TEXT))).isEqualTo(TEXT);
  }

  @Test
  void firstSealsOfManyThreadsAllOpenWithTheOneKey() throws Exception {
    LocalKeyService service = open();
    for (int round = 0; round < 50; round++) {
      OrganizationId organization = new OrganizationId("m-round-" + round);
      List<Callable<byte[]>> tasks = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        OrganizationKeys keys = new OrganizationKeys(store, service, random);
        tasks.add(() -> keys.seal(organization, TEXT));
      }
      OrganizationKeys reader = new OrganizationKeys(store, service, random);
      try (var executor = Executors.newFixedThreadPool(8)) {
        for (Future<byte[]> sealed : executor.invokeAll(tasks)) {
          assertThat(reader.open(organization, sealed.get())).isEqualTo(TEXT);
        }
      }
    }
  }

  @Test
  void sealedValuesAreNeverTheSame() {
    SealingKey key = SealingKey.of(SealingKey.randomBytes(random));
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      byte[] sealed = key.seal(TEXT, new byte[0]);
      assertThat(seen.add(HexFormat.of().formatHex(sealed, 1, 13))).isTrue();
      assertThat(key.open(sealed, new byte[0])).contains(TEXT);
      assertThat(key.open(sealed, new byte[1])).isEmpty();
    }
    assertThat(key.open(new byte[5], new byte[0])).isEmpty();
  }
}
