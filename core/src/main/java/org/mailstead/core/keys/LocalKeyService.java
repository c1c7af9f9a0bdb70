package org.mailstead.core.keys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;
import org.mailstead.store.Collection;
import org.mailstead.store.CommitId;
import org.mailstead.store.ConflictException;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Store;
import org.mailstead.store.WriteBatch;

/// Master keys in a local file outside the store, readable by the service only. Each organization's
/// master key is derived from the file's current key by HKDF. The store remembers which key file it
/// belongs to, so that a missing or foreign file stops the start instead of making garbage.
///
/// The file is text: `mailstead-keys 1`, `ring <id>`, then `key <number> <hexadecimal>` lines, the
/// last one current; older ones open what was wrapped before [#rotate].
public final class LocalKeyService implements KeyService {
  /// Where the store remembers its key ring.
  private static final PartitionId PARTITION = new PartitionId("keys");

  private static final Collection RINGS = new Collection(1, "key ring");
  private static final byte[] RING = {0};
  private static final byte FORMAT = 1;
  private static final int HEADER_BYTES = 3;
  private static final OrganizationId RING_OWNER = new OrganizationId("-");

  private final Path file;
  private final String ring;
  private final RandomGenerator random;
  private final TreeMap<Integer, byte[]> masters;
  private final ConcurrentHashMap<String, SealingKey> derived = new ConcurrentHashMap<>();
  private volatile int current;

  private LocalKeyService(
      Path file, String ring, TreeMap<Integer, byte[]> masters, RandomGenerator random) {
    this.file = file;
    this.ring = ring;
    this.masters = masters;
    this.random = random;
    this.current = masters.lastKey();
  }

  /// Opens the key file of this store, making it (mode 0600) at the first start. `random` must be
  /// fit for secrets.
  ///
  /// @throws RefusedException WRONG_STATE: the file is missing though the store has encrypted data,
  ///   or belongs to another store, or is not a key file
  public static LocalKeyService open(Path file, Store store, RandomGenerator random) {
    long version = store.version(PARTITION); // First: what is read after it is no older.
    Optional<byte[]> marker = store.get(PARTITION, RINGS, RING);
    boolean present = Files.exists(file);
    if (!present && marker.isPresent()) {
      throw new RefusedException(
          Refusal.WRONG_STATE,
          "the key file "
              + file
              + " is missing; without it the data of this store cannot be read. Put it back (a"
              + " backup of the key file, or `restore` of a sealed key)");
    }
    LocalKeyService service = present ? read(file, random) : create(file, random);
    if (marker.isPresent()) {
      service.checkMarker(marker.get());
    } else {
      try {
        store.commit(
            PARTITION,
            version,
            CommitId.random(random),
            new WriteBatch().put(RINGS, RING, service.marker()));
      } catch (ConflictException e) {
        return open(file, store, random);
      }
    }
    return service;
  }

  @Override
  public byte[] wrap(OrganizationId organization, byte[] dataKey) {
    int number = current;
    byte[] sealed = key(number, organization).seal(dataKey, associated(organization));
    return ByteBuffer.allocate(HEADER_BYTES + sealed.length)
        .put(FORMAT)
        .putShort((short) number)
        .put(sealed)
        .array();
  }

  @Override
  public byte[] unwrap(OrganizationId organization, byte[] wrapped) {
    if (wrapped.length < HEADER_BYTES || wrapped[0] != FORMAT) {
      throw new RefusedException(Refusal.WRONG_STATE, "a wrapped key has an unknown format");
    }
    int number = number(wrapped);
    if (!hasKey(number)) {
      throw new RefusedException(
          Refusal.WRONG_STATE, "the key file " + file + " has no master key " + number);
    }
    return key(number, organization)
        .open(Arrays.copyOfRange(wrapped, HEADER_BYTES, wrapped.length), associated(organization))
        .orElseThrow(() ->
            new RefusedException(
                Refusal.WRONG_STATE,
                "a wrapped key does not open with master key " + number + " of " + file));
  }

  @Override
  public boolean isCurrent(byte[] wrapped) {
    return wrapped.length >= HEADER_BYTES && number(wrapped) == current;
  }

  /// Makes a new master key, which wraps from now on. What is wrapped under older ones still opens;
  /// [OrganizationKeys#rewrap] moves it.
  public synchronized void rotate() {
    byte[] fresh = SealingKey.randomBytes(random);
    TreeMap<Integer, byte[]> all = new TreeMap<>(masters);
    int number = all.lastKey() + 1;
    all.put(number, fresh);
    write(file, ring, all);
    masters.put(number, fresh);
    current = number;
  }

  private synchronized boolean hasKey(int number) {
    return masters.containsKey(number);
  }

  private static int number(byte[] wrapped) {
    return ByteBuffer.wrap(wrapped).getShort(1) & 0xFFFF;
  }

  private SealingKey key(int number, OrganizationId organization) {
    return derived.computeIfAbsent(
        number + "/" + organization.value(), name -> derive(number, organization));
  }

  private synchronized SealingKey derive(int number, OrganizationId organization) {
    byte[] master = masters.get(number);
    if (master == null) throw new IllegalStateException("no master key " + number);
    try {
      byte[] octets =
          KDF.getInstance("HKDF-SHA256")
              .deriveData(
                  HKDFParameterSpec.ofExtract()
                      .addIKM(master)
                      .thenExpand(
                          ("mailstead organization key\n" + organization.value())
                              .getBytes(StandardCharsets.UTF_8),
                          SealingKey.KEY_BYTES));
      return SealingKey.of(octets);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no HKDF-SHA256", e);
    }
  }

  private byte[] marker() {
    byte[] name = ring.getBytes(StandardCharsets.US_ASCII);
    byte[] proof = wrap(RING_OWNER, name);
    return ByteBuffer.allocate(2 + name.length + proof.length)
        .put(FORMAT)
        .put((byte) name.length)
        .put(name)
        .put(proof)
        .array();
  }

  private void checkMarker(byte[] marker) {
    ByteBuffer in = ByteBuffer.wrap(marker, 1, marker.length - 1);
    byte[] name = new byte[in.get()];
    in.get(name);
    byte[] proof = new byte[in.remaining()];
    in.get(proof);
    if (!ring.equals(new String(name, StandardCharsets.US_ASCII))) {
      throw new RefusedException(
          Refusal.WRONG_STATE,
          "the key file " + file + " belongs to another store (its ring is " + ring + ")");
    }
    if (!Arrays.equals(unwrap(RING_OWNER, proof), name)) {
      throw new RefusedException(
          Refusal.WRONG_STATE,
          "the key file " + file + " is not the one that this store was made with");
    }
  }

  private static byte[] associated(OrganizationId organization) {
    return organization.value().getBytes(StandardCharsets.UTF_8);
  }

  private static LocalKeyService create(Path file, RandomGenerator random) {
    byte[] id = new byte[8];
    random.nextBytes(id);
    String ring = HexFormat.of().formatHex(id);
    TreeMap<Integer, byte[]> masters = new TreeMap<>();
    masters.put(1, SealingKey.randomBytes(random));
    write(file, ring, masters);
    return new LocalKeyService(file, ring, masters, random);
  }

  private static LocalKeyService read(Path file, RandomGenerator random) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UnavailableException("cannot read the key file " + file, Duration.ofMinutes(1), e);
    }
    TreeMap<Integer, byte[]> masters = new TreeMap<>();
    String ring = "";
    try {
      if (lines.isEmpty() || !lines.getFirst().equals("mailstead-keys 1")) throw notOurs(file);
      for (String line : lines.subList(1, lines.size())) {
        String[] words = line.split(" ", -1);
        if (words[0].equals("ring") && words.length == 2) ring = words[1];
        else if (words[0].equals("key") && words.length == 3) {
          byte[] key = HexFormat.of().parseHex(words[2]);
          if (key.length != SealingKey.KEY_BYTES) throw notOurs(file);
          masters.put(Integer.parseInt(words[1]), key);
        } else if (!line.isEmpty()) throw notOurs(file);
      }
    } catch (IllegalArgumentException e) {
      throw notOurs(file);
    }
    if (ring.isEmpty() || masters.isEmpty()) throw notOurs(file);
    return new LocalKeyService(file, ring, masters, random);
  }

  private static RefusedException notOurs(Path file) {
    return new RefusedException(Refusal.WRONG_STATE, file + " is not a key file, or is damaged");
  }

  /// Durable when it returns: the file is written beside, synced and renamed, the folder synced.
  private static void write(Path file, String ring, TreeMap<Integer, byte[]> masters) {
    StringBuilder text = new StringBuilder("mailstead-keys 1\nring " + ring + "\n");
    masters.forEach((number, key) ->
        text.append("key ")
            .append(number)
            .append(' ')
            .append(HexFormat.of().formatHex(key))
            .append('\n'));
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file in no folder");
    Path fresh = folder.resolve(file.getFileName() + ".new");
    try {
      Files.createDirectories(folder);
      Files.deleteIfExists(fresh);
      try (FileChannel out =
          FileChannel.open(
              fresh,
              Set.copyOf(EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
        ByteBuffer octets = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.US_ASCII));
        while (octets.hasRemaining()) out.write(octets);
        out.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
        directory.force(true);
      }
    } catch (IOException e) {
      throw new UnavailableException("cannot write the key file " + file, Duration.ofMinutes(1), e);
    }
  }
}
