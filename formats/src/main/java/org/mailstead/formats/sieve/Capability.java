package org.mailstead.formats.sieve;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// An extension, by the name that `require` has for it.
enum Capability {
  FILEINTO("fileinto"),
  REJECT("reject"),
  EREJECT("ereject"),
  ENVELOPE("envelope"),
  ENCODED_CHARACTER("encoded-character"),
  BODY("body"),
  COPY("copy"),
  IMAP4FLAGS("imap4flags"),
  SUBADDRESS("subaddress"),
  RELATIONAL("relational"),
  VARIABLES("variables"),
  DATE("date"),
  INDEX("index"),
  VACATION("vacation"),
  VACATION_SECONDS("vacation-seconds"),
  MAILBOX("mailbox"),
  SPECIAL_USE("special-use"),
  DUPLICATE("duplicate"),
  COMPARATOR_OCTET("comparator-i;octet"),
  COMPARATOR_ASCII_CASEMAP("comparator-i;ascii-casemap"),
  COMPARATOR_ASCII_NUMERIC("comparator-i;ascii-numeric"),
  COMPARATOR_UNICODE_CASEMAP("comparator-i;unicode-casemap"),
  /// Ours: `forward`, `hasattachment`, `addressedtome`, `internalsender`: what inbox rules need
  /// beyond the standards.
  RULES("vnd.mailstead.rules");

  private final String word;

  Capability(String word) {
    this.word = word;
  }

  String word() {
    return word;
  }

  static Optional<Capability> find(String word) {
    return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
  }

  static List<String> words() {
    return Arrays.stream(values()).map(Capability::word).toList();
  }
}
