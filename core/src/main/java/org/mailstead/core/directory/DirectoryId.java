package org.mailstead.core.directory;

import java.util.regex.Pattern;

/// A directory of users and groups: `d-` and ten hexadecimal digits (WorkMail API, `DirectoryId`).
public record DirectoryId(String value) {
  private static final Pattern FORM = Pattern.compile("d-[0-9a-f]{10}");

  public DirectoryId {
    if (!isWellFormed(value)) {
      throw new IllegalArgumentException("not a directory id");
    }
  }

  public static boolean isWellFormed(String text) {
    return FORM.matcher(text).matches();
  }

  @Override
  public String toString() {
    return value;
  }
}
