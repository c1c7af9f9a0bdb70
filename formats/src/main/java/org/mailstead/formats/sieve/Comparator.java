package org.mailstead.formats.sieve;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Optional;

/// How strings are compared (RFC 4790).
enum Comparator {
  OCTET("i;octet"),
  ASCII_CASEMAP("i;ascii-casemap"),
  ASCII_NUMERIC("i;ascii-numeric"),
  /// RFC 5051.
  UNICODE_CASEMAP("i;unicode-casemap");

  final String name;

  Comparator(String name) {
    this.name = name;
  }

  static Optional<Comparator> find(String name) {
    for (Comparator each : values()) {
      if (each.name.equals(name)) return Optional.of(each);
    }
    return Optional.empty();
  }

  boolean hasSubstrings() {
    return this != ASCII_NUMERIC;
  }

  /// The units that count: octets of UTF-8 as one char each, where the comparator knows octets only
  /// (RFC 5228 §2.7.1: then `?` is one octet).
  String units(String text) {
    return switch (this) {
      case OCTET, ASCII_CASEMAP -> octets(text);
      case ASCII_NUMERIC, UNICODE_CASEMAP -> text;
    };
  }

  /// Units as text again.
  String text(String units) {
    return switch (this) {
      case OCTET, ASCII_CASEMAP ->
          isAscii(units)
              ? units
              : new String(units.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
      case ASCII_NUMERIC, UNICODE_CASEMAP -> units;
    };
  }

  /// What is equal under the comparator is the same string.
  String fold(String units) {
    return switch (this) {
      case OCTET, ASCII_NUMERIC -> units;
      case ASCII_CASEMAP -> lower(units);
      case UNICODE_CASEMAP -> casemap(units);
    };
  }

  /// Order; both as they are.
  int compare(String a, String b) {
    return switch (this) {
      case OCTET, ASCII_CASEMAP -> fold(units(a)).compareTo(fold(units(b)));
      case UNICODE_CASEMAP -> octets(fold(a)).compareTo(octets(fold(b)));
      case ASCII_NUMERIC -> {
        Optional<BigInteger> first = number(a);
        Optional<BigInteger> second = number(b);
        // RFC 4790 §9.1: what is no number is more than any number.
        if (first.isEmpty() || second.isEmpty()) {
          yield Boolean.compare(first.isEmpty(), second.isEmpty());
        }
        yield first.get().compareTo(second.get());
      }
    };
  }

  private static Optional<BigInteger> number(String text) {
    int end = 0;
    while (end < text.length() && end < 1_000 && isDigit(text.charAt(end))) end++;
    return end == 0 ? Optional.empty() : Optional.of(new BigInteger(text.substring(0, end)));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  static String lower(String text) {
    var out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
    }
    return out.toString();
  }

  static String upper(String text) {
    var out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(c >= 'a' && c <= 'z' ? (char) (c - 32) : c);
    }
    return out.toString();
  }

  /// RFC 5051 §2: title case, then full decomposition.
  private static String casemap(String text) {
    if (isAscii(text)) return upper(text);
    var out = new StringBuilder(text.length());
    text.codePoints().map(Character::toTitleCase).forEach(out::appendCodePoint);
    return Normalizer.normalize(out, Normalizer.Form.NFKD);
  }

  private static String octets(String text) {
    return isAscii(text)
        ? text
        : new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0x7f) return false;
    }
    return true;
  }
}
