package org.mailstead.formats.mime;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/// Changes a message a little, with a liking for the octets that mean something in MIME.
final class Mutation {
  private static final String[] PIECES = {
    "\r\n",
    "\n",
    "\r",
    "--",
    "\r\n\r\n",
    "\r\n--",
    "boundary=",
    "Content-Type: multipart/mixed;",
    "Content-Type: message/rfc822\r\n\r\n",
    "=?utf-8?Q?",
    "?=",
    "\"",
    "\\",
    "(",
    "<",
    ";",
    ":",
    ",",
    "\0",
    "\u00ff",
    "\u00c3",
    "=",
    "*0*=",
    " ",
    "\t",
    "&#",
    "<!--",
    "From: "
  };

  private Mutation() {}

  static byte[] of(byte[] original, Random random) {
    byte[] octets = original;
    int changes = 1 + random.nextInt(6);
    for (int i = 0; i < changes; i++) octets = once(octets, random);
    return octets;
  }

  private static byte[] once(byte[] octets, Random random) {
    int from = random.nextInt(octets.length + 1);
    int length = Math.min(octets.length - from, random.nextInt(random.nextBoolean() ? 3 : 60));
    var out = new ByteArrayOutputStream(octets.length + 64);
    out.write(octets, 0, from);
    switch (random.nextInt(5)) {
      case 0 -> {
        // Something is left out.
      }
      case 1 -> {
        out.write(octets, from, length);
        out.write(octets, from, length);
      }
      case 2 -> {
        for (int i = 0; i < length; i++) out.write(random.nextInt(256));
      }
      case 3 -> {
        int other = random.nextInt(octets.length + 1);
        out.write(octets, from, length);
        out.write(octets, other, Math.min(octets.length - other, random.nextInt(200)));
      }
      default -> {
        out.writeBytes(Corpus.octets(PIECES[random.nextInt(PIECES.length)]));
        out.write(octets, from, length);
      }
    }
    out.write(octets, from + length, octets.length - from - length);
    return out.toByteArray();
  }
}
