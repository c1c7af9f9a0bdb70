package org.mailstead.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// Asserts that a call is refused for a reason.
final class Refused {
  private Refused() {}

  static void refused(DirectoryRefusal reason, ThrowingCallable call) {
    var refusal = catchThrowableOfType(DirectoryRefusedException.class, call);
    assertThat(refusal).as("refusal " + reason).isNotNull();
    assertThat(refusal.reason()).isEqualTo(reason);
    assertThat(refusal.refusal()).isEqualTo(reason.kind());
    assertThat(refusal.publicText()).isNotBlank();
  }
}
