package org.mailstead.migration.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mailstead.base.Content;
import org.mailstead.migration.item.CanonicalText;
import org.mailstead.migration.item.FolderRole;
import org.mailstead.migration.ledger.Ledger;
import org.mailstead.migration.ledger.LedgerEntry;
import org.mailstead.migration.ledger.LedgerRecord;

final class RepairTest {
  private static Content content(String text) {
    return Content.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String apply(Repair step, String text) throws IOException {
    return new String(MemoryMailbox.octets(step.apply(content(text))), StandardCharsets.UTF_8);
  }

  @Test
  void theLadderChangesAsLittleAsPossible() throws IOException {
    assertThat(apply(Repair.LINE_ENDINGS, "A: b\n\nx\r\ny\rz"))
        .isEqualTo("A: b\r\n\r\nx\r\ny\r\nz");
    Content good = content("A: b\r\n\r\nx\r\n");
    assertThat(Repair.LINE_ENDINGS.apply(good)).isSameAs(good);
    assertThat(apply(Repair.HEADER, "Subject: Grüße\r\n\r\nGrüße\u0000\r\n"))
        .isEqualTo("Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n\r\nGrüße\r\n");
  }

  @Test
  void aRepairedMessageSaysTheSame() throws IOException {
    String text = "From: a@b\nSubject: Grüße an alle\nTo: Jürgen <j@x>\n\nGrüße\n";
    assertThat(CanonicalText.of(Repair.HEADER.apply(content(text))))
        .isEqualTo(CanonicalText.of(content(text)));
    assertThat(CanonicalText.of(content(text.replace("alle", "Alle"))))
        .isNotEqualTo(CanonicalText.of(content(text)));
  }

  @Test
  void encodedWordsAndCharsetsDoNotMatterForTheText() throws IOException {
    String utf8 =
        "Subject: =?utf-8?Q?It=E2=80=99s?=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\u2019\r\n";
    String windows =
        "subject: =?windows-1252?B?SXSScw==?=\r\nX-Other: 1\r\nMessage-ID: <2@x>\r\nContent-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=92\r\n";
    assertThat(CanonicalText.of(content(utf8))).isEqualTo(CanonicalText.of(content(windows)));
  }

  @Test
  void whatNoRepairHelpsIsSetAsideAndTheRestGoesOn() throws IOException {
    Random random = new Random(1);
    MemoryMailbox source = new MemoryMailbox("s", random);
    MemoryMailbox target = new MemoryMailbox("t", random);
    target.refused = "poison";
    for (int i = 0; i < 25; i++) {
      String text = "Subject: " + i + "\r\n\r\n" + (i == 7 ? "poison" : "good") + "\r\n";
      source
          .box("INBOX")
          .add(text.getBytes(StandardCharsets.UTF_8), Set.of(), Instant.ofEpochSecond(i + 1));
    }
    List<String> kept = new ArrayList<>();
    ForgetfulDisk disk = new ForgetfulDisk(random);
    try (Ledger ledger =
        Ledger.open(
            disk.open(Faults.never()),
            new LedgerRecord.Opened("s", "t", Instant.EPOCH),
            System::nanoTime)) {
      MailboxResult result =
          new MailboxTransfer(
                  source.open(Faults.never()),
                  target.open(Faults.never()),
                  ledger,
                  folders ->
                      folders.stream()
                          .map(f -> new FolderPair(f, f.path(), FolderRole.INBOX, Optional.empty()))
                          .toList(),
                  TransferSettings.standard().inline(),
                  ItemFilter.none(),
                  (_, item, _, reason) -> kept.add(item.id() + " " + reason),
                  TransferListener.none(),
                  new StopSignal(),
                  random)
              .run();
      assertThat(result.isWhole()).isFalse();
      assertThat(result.isComplete()).isTrue();
      assertThat(result.setAsideCount()).isEqualTo(1);
      assertThat(kept).containsExactly("8 refused by the target: not this");
      assertThat(target.picture()).hasSize(24);
      assertThat(ledger.find(0, "8").orElseThrow().state())
          .isEqualTo(LedgerEntry.State.QUARANTINED);
    }
  }

  @Test
  void aSourceThatIsBeingEmptiedEmptiesNothing() throws IOException {
    Random random = new Random(1);
    MemoryMailbox source = new MemoryMailbox("s", random);
    MemoryMailbox target = new MemoryMailbox("t", random);
    for (int i = 0; i < 60; i++) {
      source
          .box("INBOX")
          .add(CrashPointsTest.Scene.message(i), Set.of(), Instant.ofEpochSecond(i + 1));
    }
    ForgetfulDisk disk = new ForgetfulDisk(random);
    assertThat(run(source, target, disk, random, false).isWhole()).isTrue();
    for (int i = 1; i <= 40; i++) source.box("INBOX").items.remove(i);
    MailboxResult withheld = run(source, target, disk, random, false);
    assertThat(withheld.problems().toString()).contains("40 of 60 items of INBOX are gone");
    assertThat(target.picture()).hasSize(60);
    assertThat(run(source, target, disk, random, true).isWhole()).isTrue();
    assertThat(target.picture()).hasSize(20);
  }

  private static MailboxResult run(
      MemoryMailbox source,
      MemoryMailbox target,
      ForgetfulDisk disk,
      Random random,
      boolean allowed)
      throws IOException {
    try (Ledger ledger =
        Ledger.open(
            disk.open(Faults.never()),
            new LedgerRecord.Opened("s", "t", Instant.EPOCH),
            System::nanoTime)) {
      MailboxTransfer transfer =
          new MailboxTransfer(
              source.open(Faults.never()),
              target.open(Faults.never()),
              ledger,
              folders ->
                  folders.stream()
                      .map(f -> new FolderPair(f, f.path(), FolderRole.INBOX, Optional.empty()))
                      .toList(),
              TransferSettings.standard().inline(),
              ItemFilter.none(),
              (_, _, _, _) -> {},
              TransferListener.none(),
              new StopSignal(),
              random);
      return (allowed ? transfer.allowMassRemoval() : transfer).run();
    }
  }
}
