package org.mailstead.formats.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.address.Address;
import org.apache.james.mime4j.dom.address.AddressList;
import org.apache.james.mime4j.dom.address.Group;
import org.apache.james.mime4j.dom.address.Mailbox;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.apache.james.mime4j.stream.MimeConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Structures and envelopes beside those of Apache mime4j, over all corpora. Where the two differ,
/// mime4j-differences.txt names the message, what differs and who has reason for it.
class Mime4jComparisonTest {
  private static final Path DIFFERENCES =
      Corpus.repository().resolve("formats/src/test/resources/corpus/mime4j-differences.txt");

  @Test
  void differencesAreTheListedOnes() throws IOException {
    var listed = new TreeMap<String, String>();
    for (String line : Files.readAllLines(DIFFERENCES)) {
      if (line.isBlank() || line.startsWith("#")) continue;
      String[] columns = line.split("\t");
      assertThat(columns).as("message, what, reason: %s", line).hasSize(3);
      listed.put(columns[0] + "\t" + columns[1], columns[2]);
    }
    List<Corpus.Sample> samples = Corpus.all();
    var found = new ArrayList<String>();
    for (Corpus.Sample sample : samples) {
      for (String what : differences(sample)) found.add(sample.name() + "\t" + what);
    }
    var unlisted = new ArrayList<>(found);
    unlisted.removeAll(listed.keySet());
    for (String difference : unlisted) System.out.println("unlisted: " + difference);
    assertThat(unlisted).isEmpty();
    // A difference that is gone is taken from the list; the external corpus may be absent.
    List<String> names = samples.stream().map(Corpus.Sample::name).toList();
    var gone = new ArrayList<>(listed.keySet());
    gone.removeAll(found);
    gone.removeIf(key -> !names.contains(key.substring(0, key.indexOf('\t'))));
    assertThat(gone).isEmpty();
  }

  private static List<String> differences(Corpus.Sample sample) throws IOException {
    Message theirs = parse(sample.octets());
    MimePart ours = sample.structure();
    var different = new ArrayList<String>();
    compareTexts(different, "structure", shape(ours), shape(theirs));
    Envelope envelope = ours.envelope().orElseThrow();
    compare(different, "from", addresses(envelope.from()), theirs.getFrom());
    compare(different, "to", addresses(envelope.to()), list(theirs.getTo()));
    compare(different, "cc", addresses(envelope.cc()), list(theirs.getCc()));
    compare(different, "bcc", addresses(envelope.bcc()), list(theirs.getBcc()));
    compare(different, "reply-to", addresses(envelope.replyTo()), list(theirs.getReplyTo()));
    String subject = theirs.getSubject() == null ? "" : theirs.getSubject();
    compareTexts(different, "subject", HeaderText.decode(envelope.subject().orElse("")), subject);
    String id = theirs.getMessageId() == null ? "" : theirs.getMessageId();
    compareTexts(different, "message-id", envelope.messageId().orElse(""), id);
    var date = envelope.date().flatMap(Dates::parse).map(parsed -> parsed.toInstant());
    var theirDate = java.util.Optional.ofNullable(theirs.getDate()).map(d -> d.toInstant());
    compareTexts(different, "date", date.toString(), theirDate.toString());
    return different;
  }

  private static void compare(
      List<String> different, String what, String ours, @Nullable List<? extends Address> theirs) {
    String shown = theirs == null ? "" : addresses(theirs, Mime4jComparisonTest::shown);
    compareTexts(different, what, ours, shown);
  }

  private static void compareTexts(
      List<String> different, String what, String ours, String theirs) {
    if (squeezed(ours).equals(squeezed(theirs))) return;
    different.add(what);
    System.out.println("  " + what + "\n    ours   " + ours + "\n    theirs " + theirs);
  }

  private static @Nullable List<Address> list(@Nullable AddressList addresses) {
    return addresses;
  }

  private static String addresses(List<MimeAddress> addresses) {
    return addresses(addresses, Mime4jComparisonTest::shown);
  }

  private static <T> String addresses(
      List<? extends T> addresses, java.util.function.Function<T, String> shown) {
    return addresses.stream().map(shown).collect(Collectors.joining(", "));
  }

  private static String shown(MimeAddress address) {
    if (address.host().isEmpty()) return address.local().map(name -> name + ":").orElse(";");
    String name = address.name().map(HeaderText::decode).orElse("");
    String local = HeaderText.decode(address.local().orElse(""));
    return name + "<" + local + "@" + HeaderText.decode(address.host().get()) + ">";
  }

  private static String shown(Address address) {
    return switch (address) {
      case Group group -> {
        String members = addresses(group.getMailboxes(), Mime4jComparisonTest::shown);
        yield group.getName() + ":, " + (members.isEmpty() ? "" : members + ", ") + ";";
      }
      case Mailbox mailbox -> {
        String name = mailbox.getName() == null ? "" : mailbox.getName();
        String domain = mailbox.getDomain() == null ? "" : mailbox.getDomain();
        yield name + "<" + mailbox.getLocalPart() + "@" + domain + ">";
      }
      default -> address.toString();
    };
  }

  private static String squeezed(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }

  private static String shape(MimePart part) {
    String children =
        part.children().stream()
            .map(Mime4jComparisonTest::shape)
            .collect(Collectors.joining(" ", "(", ")"));
    return part.type() + "/" + part.subtype() + " " + part.encoding() + children;
  }

  private static String shape(Entity part) {
    String type = part.getMimeType().toLowerCase(java.util.Locale.ROOT);
    String children =
        switch (part.getBody()) {
          case Multipart multipart ->
              multipart.getBodyParts().stream()
                  .map(Mime4jComparisonTest::shape)
                  .collect(Collectors.joining(" ", "(", ")"));
          case Message message -> "(" + shape((Entity) message) + ")";
          default -> "()";
        };
    return type + " " + part.getContentTransferEncoding() + children;
  }

  private static Message parse(byte[] octets) throws IOException {
    DefaultMessageBuilder builder = new DefaultMessageBuilder();
    builder.setMimeEntityConfig(
        MimeConfig.custom()
            .setMaxLineLen(-1)
            .setMaxHeaderLen(-1)
            .setMaxHeaderCount(-1)
            .setMaxContentLen(-1)
            .setHeadlessParsing(null)
            .build());
    return builder.parseMessage(new ByteArrayInputStream(octets));
  }

  /// The list is in order, so that it can be read.
  @Test
  void listIsSorted() throws IOException {
    List<String> lines =
        Files.readAllLines(DIFFERENCES, StandardCharsets.UTF_8).stream()
            .filter(line -> !line.startsWith("#"))
            .toList();
    assertThat(lines).isSortedAccordingTo(Comparator.naturalOrder());
  }
}
