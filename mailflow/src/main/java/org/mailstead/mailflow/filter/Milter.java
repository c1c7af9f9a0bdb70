package org.mailstead.mailflow.filter;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mailstead.base.EmailAddress;
import org.mailstead.formats.mime.HeaderFields;
import org.mailstead.smtp.server.Verdict;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Shows a message to a program that speaks sendmail's milter protocol, version 6, one connection
/// for each message, the whole session at the end of DATA.
///
/// What a milter may do here: accept, reject, tempfail, with a reply of its own or without,
/// discard, quarantine, add, insert, change and remove header fields. It is not offered to change
/// the body, sender or recipients: one that insists says so at negotiation, and counts as down.
/// Recipients that it rejects have been accepted already: it counts only if it rejects all of them.
///
/// Source: https://www.postfix.org/MILTER_README.html Postfix: Milter; the protocol itself is
/// described with libmilter (mfdef.h, mfapi.h)
final class Milter {
  private static final Logger LOG = LoggerFactory.getLogger(Milter.class);

  private static final int VERSION = 6;
  private static final int VERSION_MIN = 2;

  /// SMFIF_ADDHDRS, SMFIF_CHGHDRS, SMFIF_QUARANTINE.
  private static final int ACTIONS = 0x01 | 0x10 | 0x20;

  /// Every step that may be left out or unanswered, SMFIP_SKIP, SMFIP_HDR_LEADSPC; not
  /// SMFIP_RCPT_REJ.
  private static final int STEPS = 0x1f_ffff & ~0x800;

  private static final int LEADING_SPACE = 0x10_0000;

  private static final Pattern REPLY =
      Pattern.compile("([45][0-9]{2}) (?:([45]\\.[0-9]{1,3}\\.[0-9]{1,3}) )?(.*)", Pattern.DOTALL);

  /// Commands, with the steps that leave them out, or their answer.
  private enum Command {
    CONNECT('C', 0x01, 0x1000),
    HELO('H', 0x02, 0x2000),
    MAIL('M', 0x04, 0x4000),
    RCPT('R', 0x08, 0x8000),
    DATA('T', 0x200, 0x1_0000),
    HEADER('L', 0x20, 0x80),
    END_OF_HEADER('N', 0x40, 0x4_0000),
    BODY('B', 0x10, 0x8_0000),
    END_OF_BODY('E', 0, 0);

    private final char code;
    private final int without;
    private final int unanswered;

    Command(char code, int without, int unanswered) {
      this.code = code;
      this.without = without;
      this.unanswered = unanswered;
    }
  }

  /// What a milter makes of a message.
  sealed interface Outcome {
    /// @param quarantine why it is to be put aside
    record Passed(HeaderEdits edits, Optional<String> quarantine) implements Outcome {}

    record Refused(Verdict verdict) implements Outcome {}

    record Discarded() implements Outcome {}
  }

  /// The answer to one command.
  private enum Answer {
    CONTINUE,
    SKIP,
    ACCEPT,
    REJECT,
    TEMPFAIL,
    DISCARD,
    REPLY
  }

  private final FilterAddress address;
  private final String hostname;
  private final Duration timeout;

  Milter(FilterAddress address, String hostname, Duration timeout) {
    this.address = address;
    this.hostname = hostname;
    this.timeout = timeout;
  }

  /// @param header of the message, which ends at this octet
  Outcome check(FilteredMessage message, HeaderFields header, int headerEnd) throws IOException {
    try (FilterConnection connection = FilterConnection.open(address, timeout)) {
      return new Session(connection, message, header, headerEnd).run();
    }
  }

  /// One message.
  private final class Session {
    private final FilterConnection connection;
    private final FilteredMessage message;
    private final HeaderFields header;
    private final int headerEnd;
    private int steps;
    private String reply = "";
    private Optional<String> quarantine = Optional.empty();
    private final StringBuilder added = new StringBuilder();
    private final List<HeaderFields.Field> removed = new ArrayList<>();
    private int changeCount;

    Session(
        FilterConnection connection, FilteredMessage message, HeaderFields header, int headerEnd) {
      this.connection = connection;
      this.message = message;
      this.header = header;
      this.headerEnd = headerEnd;
    }

    Outcome run() throws IOException {
      negotiate();
      Answer answer = talk();
      Outcome outcome =
          switch (answer) {
            case CONTINUE, SKIP, ACCEPT ->
                new Outcome.Passed(new HeaderEdits(added.toString(), removed), quarantine);
            case REJECT ->
                new Outcome.Refused(Verdict.rejected(550, "5.7.1", "The message is refused"));
            case TEMPFAIL ->
                new Outcome.Refused(
                    Verdict.deferred(451, "4.7.1", "The message is refused now, try again later"));
            case DISCARD -> new Outcome.Discarded();
            case REPLY -> new Outcome.Refused(verdict(reply));
          };
      send('Q', new byte[0]);
      return outcome;
    }

    private void negotiate() throws IOException {
      send('O', ByteBuffer.allocate(12).putInt(VERSION).putInt(ACTIONS).putInt(STEPS).array());
      Packet packet = receive();
      if (packet.code != 'O' || packet.data.remaining() < 12) {
        throw new IOException("the milter does not negotiate");
      }
      int version = packet.data.getInt();
      int actions = packet.data.getInt();
      steps = packet.data.getInt();
      if (version < VERSION_MIN || version > VERSION) {
        throw new IOException("the milter speaks version " + version);
      }
      if ((actions & ~ACTIONS) != 0) {
        throw new IOException(
            "the milter insists on actions that it is not offered: "
                + Integer.toHexString(actions));
      }
      if ((steps & ~STEPS) != 0) {
        throw new IOException(
            "the milter insists on steps that it is not offered: " + Integer.toHexString(steps));
      }
    }

    private Answer talk() throws IOException {
      macros(Command.CONNECT, Map.of("j", hostname, "{daemon_name}", hostname, "v", "Mailstead"));
      Answer answer = ask(Command.CONNECT, connectData());
      if (answer != Answer.CONTINUE) return answer;
      answer = ask(Command.HELO, text(message.helo()));
      if (answer != Answer.CONTINUE) return answer;
      macros(Command.MAIL, mailMacros());
      answer = ask(Command.MAIL, text("<" + message.sender() + ">"));
      if (answer != Answer.CONTINUE) return answer;
      answer = recipients();
      if (answer != Answer.CONTINUE) return answer;
      macros(Command.DATA, Map.of("i", message.id()));
      answer = ask(Command.DATA, new byte[0]);
      if (answer != Answer.CONTINUE) return answer;
      answer = header();
      if (answer != Answer.CONTINUE) return answer;
      macros(Command.END_OF_HEADER, Map.of("i", message.id()));
      answer = ask(Command.END_OF_HEADER, new byte[0]);
      if (answer != Answer.CONTINUE) return answer;
      answer = body();
      if (answer != Answer.CONTINUE) return answer;
      macros(Command.END_OF_BODY, Map.of("i", message.id()));
      return ask(Command.END_OF_BODY, new byte[0]);
    }

    private Answer recipients() throws IOException {
      Answer last = Answer.CONTINUE;
      int taken = 0;
      for (EmailAddress recipient : message.recipients()) {
        macros(Command.RCPT, Map.of("{rcpt_addr}", recipient.toString()));
        last = ask(Command.RCPT, text("<" + recipient + ">"));
        switch (last) {
          case CONTINUE, SKIP -> taken++;
          case ACCEPT, DISCARD -> {
            return last;
          }
          case REJECT, TEMPFAIL, REPLY ->
              LOG.info(
                  "message {}: milter {} wants a recipient refused", message.id(), address.text());
        }
      }
      return taken > 0 ? Answer.CONTINUE : last;
    }

    private Answer header() throws IOException {
      if ((steps & Command.HEADER.without) != 0) return Answer.CONTINUE;
      for (HeaderFields.Field field : header) {
        String raw = new String(header.raw(field), StandardCharsets.ISO_8859_1);
        String value = raw.substring(raw.indexOf(':') + 1).replaceAll("\r?\n", "\n");
        if (value.endsWith("\n")) value = value.substring(0, value.length() - 1);
        if ((steps & LEADING_SPACE) == 0 && value.startsWith(" ")) value = value.substring(1);
        Answer answer =
            ask(
                Command.HEADER,
                (field.name() + "\0" + value.replace('\0', '?') + "\0")
                    .getBytes(StandardCharsets.ISO_8859_1));
        if (answer != Answer.CONTINUE) return answer;
      }
      return Answer.CONTINUE;
    }

    private Answer body() throws IOException {
      if ((steps & Command.BODY.without) != 0) return Answer.CONTINUE;
      ByteBuffer rest = message.content().buffer();
      rest.position(bodyStart(rest));
      while (rest.hasRemaining()) {
        byte[] chunk = new byte[Math.min(FilterLimits.MILTER_CHUNK_BYTES, rest.remaining())];
        rest.get(chunk);
        Answer answer = ask(Command.BODY, chunk);
        if (answer == Answer.SKIP) return Answer.CONTINUE;
        if (answer != Answer.CONTINUE) return answer;
      }
      return Answer.CONTINUE;
    }

    private int bodyStart(ByteBuffer content) {
      int at = headerEnd;
      if (at < content.limit() && content.get(at) == '\r') at++;
      if (at < content.limit() && content.get(at) == '\n') at++;
      return at;
    }

    private byte[] connectData() {
      InetAddress peer = message.peer();
      String literal = peer.getHostAddress();
      String host = "[" + literal + "]";
      String where =
          peer instanceof Inet4Address ? literal : "IPv6:" + literal.replaceAll("%.*", "");
      byte[] name = text(host);
      byte[] ip = text(where);
      return ByteBuffer.allocate(name.length + 3 + ip.length)
          .put(name)
          .put((byte) (peer instanceof Inet4Address ? '4' : '6'))
          .putShort((short) message.peerPort())
          .put(ip)
          .array();
    }

    private Map<String, String> mailMacros() {
      Map<String, String> all = new HashMap<>();
      all.put("i", message.id());
      all.put("{mail_addr}", message.sender());
      message.user().ifPresent(user -> all.put("{auth_authen}", user));
      message.user().ifPresent(_ -> all.put("{auth_type}", "PLAIN"));
      return all;
    }

    private void macros(Command command, Map<String, String> macros) throws IOException {
      if ((steps & command.without) != 0) return;
      var data = new StringBuilder().append(command.code);
      macros.forEach((name, value) ->
          data.append(name).append('\0').append(value.replace('\0', '?')).append('\0'));
      send('D', data.toString().getBytes(StandardCharsets.UTF_8));
    }

    private Answer ask(Command command, byte[] data) throws IOException {
      if ((steps & command.without) != 0 && command.without != 0) return Answer.CONTINUE;
      send(command.code, data);
      if ((steps & command.unanswered) != 0) return Answer.CONTINUE;
      for (int i = 0; i < FilterLimits.MILTER_PACKETS_MAX; i++) {
        Packet packet = receive();
        switch (packet.code) {
          case 'c' -> {
            return Answer.CONTINUE;
          }
          case 's' -> {
            return Answer.SKIP;
          }
          case 'a' -> {
            return Answer.ACCEPT;
          }
          case 'r' -> {
            return Answer.REJECT;
          }
          case 't' -> {
            return Answer.TEMPFAIL;
          }
          case 'd' -> {
            return Answer.DISCARD;
          }
          case 'y' -> {
            reply = string(packet.data);
            return Answer.REPLY;
          }
          case 'f', '4' -> throw new IOException("the milter ends the session");
          case 'p' -> {
            // It works on it: the connection's life is bounded all the same.
          }
          default -> modify(command, packet);
        }
      }
      throw new IOException("the milter says too much");
    }

    private void modify(Command command, Packet packet) throws IOException {
      if (command != Command.END_OF_BODY) throw unexpected(packet);
      if (++changeCount > FilterLimits.MILTER_CHANGES_MAX) {
        throw new IOException("the milter changes too much");
      }
      switch (packet.code) {
        case 'h' -> add(string(packet.data), string(packet.data));
        case 'i' -> {
          number(packet);
          add(string(packet.data), string(packet.data));
        }
        case 'm' -> change(number(packet), string(packet.data), string(packet.data));
        case 'q' -> quarantine = Optional.of(SpamScore.clean(string(packet.data)));
        default -> throw unexpected(packet);
      }
    }

    private static int number(Packet packet) throws IOException {
      if (packet.data.remaining() < 4) throw unexpected(packet);
      return packet.data.getInt();
    }

    private static IOException unexpected(Packet packet) {
      return new IOException("the milter sends an unexpected packet: " + (int) packet.code);
    }

    /// Fields are put at the top, in the order in which they come: where exactly a milter wants one
    /// is of no consequence to who reads them.
    private void add(String name, String value) throws IOException {
      if (!name.matches("[!-9;-~]{1,200}")) throw new IOException("not a field name");
      String clean = value.replace("\r", "").replace('\0', '?');
      String folded = clean.stripTrailing().replaceAll("\n(?![ \t])", "\n\t").replace("\n", "\r\n");
      if (folded.length() > FilterLimits.MILTER_FIELD_BYTES_MAX) {
        throw new IOException("the milter adds too long a field");
      }
      boolean spaced = folded.startsWith(" ") || folded.startsWith("\t");
      added.append(name).append(spaced ? ":" : ": ").append(folded).append("\r\n");
    }

    /// @param index of the field among those of its name, from 1
    private void change(int index, String name, String value) throws IOException {
      int count = 0;
      for (HeaderFields.Field field : header) {
        if (!field.name().equalsIgnoreCase(name) || ++count != Math.max(index, 1)) continue;
        if (!removed.contains(field)) removed.add(field);
      }
      if (!value.isEmpty()) add(name, value);
    }

    private void send(char code, byte[] data) throws IOException {
      ByteBuffer packet = ByteBuffer.allocate(5 + data.length);
      connection.write(packet.putInt(data.length + 1).put((byte) code).put(data).flip());
    }

    private Packet receive() throws IOException {
      int length = ByteBuffer.wrap(connection.read(4)).getInt();
      if (length < 1 || length > FilterLimits.MILTER_PACKET_BYTES_MAX) {
        throw new IOException("not a packet of a milter");
      }
      ByteBuffer data = ByteBuffer.wrap(connection.read(length));
      return new Packet((char) (data.get() & 0xff), data);
    }
  }

  private record Packet(char code, ByteBuffer data) {}

  /// Up to the NUL or the end; octets over 127 as UTF-8.
  private static String string(ByteBuffer data) {
    int start = data.position();
    int end = start;
    while (end < data.limit() && data.get(end) != 0) end++;
    byte[] octets = new byte[end - start];
    data.get(octets);
    if (data.hasRemaining()) data.get();
    return new String(octets, StandardCharsets.UTF_8);
  }

  private static byte[] text(String text) {
    return (text.replace('\0', '?') + "\0").getBytes(StandardCharsets.UTF_8);
  }

  private static Verdict verdict(String reply) throws IOException {
    Matcher parts = REPLY.matcher(reply);
    if (!parts.matches()) throw new IOException("not a reply: " + SpamScore.clean(reply));
    int code = Integer.parseInt(parts.group(1));
    String usual = code < 500 ? "4.7.1" : "5.7.1";
    String enhanced = parts.group(2) == null ? usual : parts.group(2);
    if (enhanced.charAt(0) != parts.group(1).charAt(0)) enhanced = usual;
    String text = SpamScore.clean(parts.group(3).lines().findFirst().orElse(""));
    if (text.isEmpty()) text = "The message is refused";
    return code < 500
        ? Verdict.deferred(code, enhanced, text)
        : Verdict.rejected(code, enhanced.toLowerCase(Locale.ROOT), text);
  }
}
