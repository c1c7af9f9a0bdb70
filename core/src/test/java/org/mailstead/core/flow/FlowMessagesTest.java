package org.mailstead.core.flow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailstead.base.Content;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.CoreFixture;
import org.mailstead.core.content.Contents;
import org.mailstead.core.content.StagedContent;
import org.mailstead.core.flow.FlowMessage.Direction;
import org.mailstead.core.flow.FlowMessage.State;
import org.mailstead.store.PartitionId;
import org.mailstead.store.StoreCheck;

@DisplayName("FLW-6: messages that the message-flow API reads and replaces")
final class FlowMessagesTest {
  private static final String HEADER =
      "From: a@example.test\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@x>\r\n";

  private final CoreFixture core = new CoreFixture();
  private final Contents contents = new Contents(core.store(), new SecureRandom());
  private final FlowMessages messages =
      new FlowMessages(core.store(), contents, core.keys(), core.clock(), new SecureRandom());

  @AfterEach
  void close() {
    assertThat(new StoreCheck(core.store(), List.of(new FlowCheck())).run().errors()).isEmpty();
    messages.close();
    core.close();
  }

  private static Content message(String subject, int size) {
    String text = HEADER + "Subject: " + subject + "\r\n\r\n" + "some words\r\n".repeat(size / 12);
    return Content.of(text.getBytes(UTF_8));
  }

  private String register(State state, int size) {
    return messages.register(
        core.organization(), Direction.INCOMING, state, message("first", size));
  }

  private String subject(String id) throws Exception {
    try (Content content = messages.open(messages.find(id).orElseThrow())) {
      String text = new String(content.open().readAllBytes(), UTF_8);
      return text.replaceAll("(?s).*Subject: (\\w+)\r\n.*", "$1");
    }
  }

  @ParameterizedTest
  @CsvSource({"100", "60000"})
  void theLastReplacementCountsAndFreezingHandsItOver(int size) throws Exception {
    String id = register(State.OPEN, size);
    assertThat(id).matches("[a-z0-9-]{36}");
    assertThat(subject(id)).isEqualTo("first");
    messages.replace(id, message("second", 60_000));
    messages.replace(id, message("third", size));
    assertThat(subject(id)).isEqualTo("third");
    try (Content replaced = messages.freeze(id).orElseThrow()) {
      assertThat(new String(replaced.open().readAllBytes(), UTF_8)).contains("Subject: third");
    }
    assertThatThrownBy(() -> messages.replace(id, message("fourth", size)))
        .isInstanceOf(RefusedException.class)
        .extracting(e -> ((RefusedException) e).refusal())
        .isEqualTo(Refusal.WRONG_STATE);
    assertThat(messages.freeze(id)).isPresent();
    assertThat(messages.freeze(register(State.OPEN, size))).isEmpty();
  }

  @Test
  void afterADayNothingIsLeft() {
    String small = register(State.OPEN, 10);
    String large = register(State.FROZEN, 60_000);
    messages.replace(small, message("second", 60_000));
    core.clock().advance(Duration.ofHours(23));
    assertThat(messages.sweep()).isZero();
    String late = register(State.OPEN, 10);
    core.clock().advance(Duration.ofHours(1));
    assertThat(messages.find(small)).isEmpty();
    assertThatThrownBy(() -> messages.freeze(large)).isInstanceOf(RefusedException.class);
    assertThat(messages.sweep()).isEqualTo(2);
    assertThat(messages.find(late)).isPresent();
    assertThat(core.store().blobs().listHolders(Optional.empty(), 10).values())
        .allSatisfy(holders -> assertThat(holders).isEmpty());
  }

  @Test
  void aBlobIsSharedWithTheQueueAndOutlivesIt() throws Exception {
    PartitionId queue = new PartitionId("queue/7");
    StagedContent staged =
        contents.stage(core.organization(), queue, List.of(message("first", 60_000))).getFirst();
    String id =
        messages.registerStaged(core.organization(), Direction.OUTGOING, State.FROZEN, staged);
    contents.release(queue, staged);
    core.clock().advance(Duration.ofHours(23));
    assertThat(subject(id)).isEqualTo("first");
    assertThat(messages.find(id).orElseThrow().arn("eu-west-1", "111122223333"))
        .isEqualTo(
            "arn:aws:workmailmessageflow:eu-west-1:111122223333:message/%s/outgoing/%s"
                .formatted(core.organization(), id));
  }

  @Test
  void strayHoldersAreReleasedAndOthersKept() throws Exception {
    String id = register(State.OPEN, 60_000);
    var crashed = new Contents(core.store(), new SecureRandom());
    crashed.stage(core.organization(), FlowRows.partition("x"), List.of(message("lost", 60_000)));
    assertThat(messages.releaseStrayHolders()).isEqualTo(1);
    assertThat(messages.releaseStrayHolders()).isZero();
    assertThat(subject(id)).isEqualTo("first");
  }

  @Test
  void withoutTheOrganizationsKeyNothingIsRead() {
    String id = register(State.OPEN, 10);
    core.keys().destroy(core.organization());
    assertThatThrownBy(() -> messages.open(messages.find(id).orElseThrow()))
        .isInstanceOf(RefusedException.class);
    core.clock().advance(Duration.ofHours(25));
    assertThat(messages.sweep()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Subject: x\\r\\n\\r\\ntext | The header From is missing.
          From: a@example.test\\r\\n\\r\\ntext | The header Date is missing.
          {h}Subject: x\\r\\nSubject: y\\r\\n\\r\\ntext | The header Subject may appear only once.
          {h}From: b@example.test\\r\\n\\r\\ntext | The header From may appear only once.
          From: b@example.test\\r\\nDate: Mon, 2 Nov 2026 10:00:00 +0000\\r\\nMessage-ID: <1@x>\\r\\n\\r\\nt | The header From must not be changed.
          From: a@example.test\\r\\nDate: Mon, 2 Nov 2026 10:00:00 +0000\\r\\n\\r\\nt | The header Message-ID must not be changed.
          {h}Received: from x\\r\\n\\r\\nt | The header Received must not be changed.
          {h}no field\\r\\n\\r\\ntext | The header has a line that is no header field.
          {h}Subject: x | The message has no empty line after its header.
          {h}\\r\\ntext\\n | The message has a line feed without a carriage return.
          {h}\\r\\na\\rb | The message has a carriage return that ends no line.
          {h}\\r\\n{long}\\r\\n | A line is longer than 1,000 octets, line end included.
          {h}Content-Type: multipart/mixed\\r\\n\\r\\ntext | A multipart has no boundary.
          {h}Content-Type: multipart/mixed; boundary=b\\r\\n\\r\\n--b\\r\\n\\r\\none\\r\\n | A multipart is not closed by its boundary.
          """)
  void whatMayNotTakeItsPlaceIsNamed(String text, String problem) {
    String id = register(State.OPEN, 10);
    String message =
        text.replace("\\r", "\r")
            .replace("\\n", "\n")
            .replace("{h}", HEADER)
            .replace("{long}", "x".repeat(999));
    assertThatThrownBy(() -> messages.replace(id, Content.of(message.getBytes(UTF_8))))
        .isInstanceOf(RefusedException.class)
        .hasMessage(problem);
  }

  @Test
  void whatMayChangeMay() throws Exception {
    String id = register(State.OPEN, 10);
    String text =
        HEADER.replace("Date: Mon,", "Date:\r\n Mon,")
            + "Subject: other\r\nTo: c@example.test\r\nX-Checked: yes\r\n"
            + "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"
            + "--b\r\n\r\n"
            + "x".repeat(998)
            + "\r\n--b--\r\n";
    byte[] unix = text.replace("\r\n", "\n").getBytes(UTF_8);
    messages.replace(id, Content.of(ReplacementRules.normalized(unix)));
    assertThat(subject(id)).isEqualTo("other");
  }
}
