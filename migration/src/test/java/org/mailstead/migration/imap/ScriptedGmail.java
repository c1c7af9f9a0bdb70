package org.mailstead.migration.imap;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An IMAP server with one mailbox that says what Gmail's says, as far as a source is asked:
/// SPECIAL-USE in LIST, X-GM-EXT-1 with X-GM-LABELS. A message is in All Mail and in the folder of
/// each label; the label of the folder that is looked at is not named.
final class ScriptedGmail implements AutoCloseable {
  /// @param labels as X-GM-LABELS names them
  record Message(int number, List<String> labels) {
    String text() {
      return "Subject: " + number + "\r\n\r\nbody\r\n";
    }
  }

  private static final List<String> FOLDERS =
      List.of(
          "(\\HasNoChildren) \"/\" \"INBOX\"",
          "(\\HasNoChildren) \"/\" \"Work\"",
          "(\\HasChildren \\Noselect) \"/\" \"[Gmail]\"",
          "(\\All \\HasNoChildren) \"/\" \"[Gmail]/All Mail\"",
          "(\\HasNoChildren \\Important) \"/\" \"[Gmail]/Important\"",
          "(\\HasNoChildren \\Sent) \"/\" \"[Gmail]/Sent Mail\"",
          "(\\Flagged \\HasNoChildren) \"/\" \"[Gmail]/Starred\"");
  private static final Pattern FETCH = Pattern.compile("UID FETCH (\\S+) \\((.*)\\)");

  private final ServerSocket socket;
  private final List<Message> messages;

  ScriptedGmail(List<Message> messages) throws IOException {
    this.messages = messages;
    this.socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return socket.getLocalPort();
  }

  private void accept() {
    while (true) {
      try {
        Socket peer = socket.accept();
        Thread.ofVirtual().start(() -> serve(peer));
      } catch (IOException e) {
        return; // Closed.
      }
    }
  }

  private List<Message> in(String folder) {
    String label =
        switch (folder) {
          case "INBOX" -> "\\Inbox";
          case "[Gmail]/Sent Mail" -> "\\Sent";
          case "[Gmail]/Important" -> "\\Important";
          case "[Gmail]/Starred" -> "\\Starred";
          default -> folder;
        };
    if (folder.equals("[Gmail]/All Mail")) return messages;
    return messages.stream().filter(m -> m.labels().contains(label)).toList();
  }

  private void serve(Socket peer) {
    try (peer;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(peer.getInputStream(), StandardCharsets.ISO_8859_1));
        OutputStream out = peer.getOutputStream()) {
      say(out, "* OK Gimap ready");
      List<Message> selected = List.of();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String tag = line.substring(0, line.indexOf(' '));
        String command = line.substring(line.indexOf(' ') + 1);
        String upper = command.toUpperCase(java.util.Locale.ROOT);
        if (upper.startsWith("CAPABILITY")) {
          say(out, "* CAPABILITY IMAP4rev1 UNSELECT NAMESPACE X-GM-EXT-1 UIDPLUS MOVE CONDSTORE");
        } else if (upper.startsWith("NAMESPACE")) {
          say(out, "* NAMESPACE ((\"\" \"/\")) NIL NIL");
        } else if (upper.startsWith("LIST") || upper.startsWith("LSUB")) {
          for (String folder : FOLDERS) say(out, "* " + upper.substring(0, 4) + " " + folder);
        } else if (upper.startsWith("STATUS")) {
          String name = name(command, 7);
          int count = in(name).size();
          say(
              out,
              "* STATUS \"%s\" (UIDVALIDITY 7 UIDNEXT 100 MESSAGES %d HIGHESTMODSEQ 5)"
                  .formatted(name, count));
        } else if (upper.startsWith("EXAMINE") || upper.startsWith("SELECT")) {
          selected = in(name(command, command.indexOf(' ') + 1));
          say(out, "* " + selected.size() + " EXISTS");
          say(out, "* OK [UIDVALIDITY 7] UIDs valid.");
          say(out, "* OK [UIDNEXT 100] Predicted next UID.");
          say(out, "* OK [HIGHESTMODSEQ 5]");
        } else if (upper.startsWith("UID FETCH")) {
          fetch(out, command, selected);
        }
        say(out, tag + " OK done");
      }
    } catch (IOException e) {
      // The client went away.
      return;
    }
  }

  private static String name(String command, int from) {
    String rest = command.substring(from);
    return rest.startsWith("\"") ? rest.substring(1, rest.indexOf('"', 1)) : rest.split(" ", 2)[0];
  }

  private static void fetch(OutputStream out, String command, List<Message> selected)
      throws IOException {
    Matcher matcher = FETCH.matcher(command);
    if (!matcher.lookingAt()) throw new IOException(command);
    for (int i = 0; i < selected.size(); i++) {
      Message message = selected.get(i);
      if (!matcher.group(1).contains("*") && !isIn(matcher.group(1), message.number())) continue;
      String start = "* " + (i + 1) + " FETCH (UID " + message.number();
      if (matcher.group(2).contains("BODY.PEEK[]")) {
        say(out, start + " BODY[] {" + message.text().length() + "}");
        out.write(message.text().getBytes(StandardCharsets.US_ASCII));
        say(out, ")");
        continue;
      }
      String labels =
          matcher.group(2).contains("X-GM-LABELS")
              ? " X-GM-LABELS (" + String.join(" ", message.labels()) + ")"
              : "";
      say(
          out,
          start
              + " FLAGS (\\Seen) INTERNALDATE \"01-Jan-2024 10:00:00 +0000\" RFC822.SIZE "
              + message.text().length()
              + labels
              + ")");
    }
  }

  private static boolean isIn(String set, int uid) {
    for (String range : set.split(",")) {
      String[] ends = range.split(":");
      if (uid >= Integer.parseInt(ends[0]) && uid <= Integer.parseInt(ends[ends.length - 1])) {
        return true;
      }
    }
    return false;
  }

  private static void say(OutputStream out, String line) throws IOException {
    out.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
