package org.mailstead.migration.transfer;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import org.mailstead.migration.ledger.LedgerStorage;

/// A disk of which a crash leaves what was forced, and a random beginning of the rest.
final class ForgetfulDisk {
  private byte[] durable = new byte[0];
  private final ByteArrayOutputStream volatilePart = new ByteArrayOutputStream();
  private final Random random;

  ForgetfulDisk(Random random) {
    this.random = random;
  }

  void crash() {
    byte[] rest = volatilePart.toByteArray();
    keep(Arrays.copyOf(rest, random.nextInt(rest.length + 1)));
  }

  private void keep(byte[] more) {
    byte[] longer = Arrays.copyOf(durable, durable.length + more.length);
    System.arraycopy(more, 0, longer, durable.length, more.length);
    durable = longer;
    volatilePart.reset();
  }

  LedgerStorage open(Faults faults) {
    return new LedgerStorage() {
      @Override
      public byte[] readAll() {
        return durable.clone();
      }

      @Override
      public void append(byte[] octets, int offset, int count) {
        faults.local();
        volatilePart.write(octets, offset, count);
        faults.local();
      }

      @Override
      public void force() {
        faults.local();
        keep(volatilePart.toByteArray());
        faults.local();
      }

      @Override
      public void truncate(long length) {
        durable = Arrays.copyOf(durable, (int) length);
      }

      @Override
      public void close() {}
    };
  }
}
