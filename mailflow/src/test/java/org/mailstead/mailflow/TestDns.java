package org.mailstead.mailflow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/// A DNS server on a free port of this machine that knows what it is told. Names that it was not
/// told of do not exist.
public final class TestDns implements AutoCloseable {
  private static final long SECONDS_TO_LIVE = 0;

  private final DatagramSocket socket;
  private final Map<Name, List<Record>> records = new ConcurrentHashMap<>();
  private final Map<Name, Integer> failures = new ConcurrentHashMap<>();
  private final AtomicInteger questions = new AtomicInteger();

  public TestDns() {
    try {
      socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::serve);
  }

  public InetSocketAddress address() {
    return new InetSocketAddress(socket.getLocalAddress(), socket.getLocalPort());
  }

  public int questionCount() {
    return questions.get();
  }

  /// `host` may be `.` for a null MX.
  public TestDns mx(String domain, int preference, String host) {
    Name target = host.equals(".") ? Name.root : name(host);
    return add(new MXRecord(name(domain), DClass.IN, SECONDS_TO_LIVE, preference, target));
  }

  public TestDns address(String host, String address) {
    InetAddress parsed = InetAddress.ofLiteral(address);
    return add(
        parsed instanceof java.net.Inet6Address
            ? new AAAARecord(name(host), DClass.IN, SECONDS_TO_LIVE, parsed)
            : new ARecord(name(host), DClass.IN, SECONDS_TO_LIVE, parsed));
  }

  /// Questions about the name are answered with this code.
  public TestDns fail(String name, int rcode) {
    failures.put(name(name), rcode);
    return this;
  }

  /// The text in strings of at most 255 octets.
  public TestDns txt(String name, String text) {
    List<String> parts = new ArrayList<>();
    for (int at = 0; at < text.length() || parts.isEmpty(); at += 255) {
      parts.add(text.substring(at, Math.min(text.length(), at + 255)));
    }
    return txt(name, parts);
  }

  /// Octets as chars of ISO 8859-1.
  public TestDns txt(String name, List<String> parts) {
    List<String> escaped = new ArrayList<>();
    for (String part : parts) {
      var out = new StringBuilder();
      for (char c : part.toCharArray()) {
        if (c < 32 || c > 126 || c == '\\' || c == '"')
          out.append(String.format("\\%03d", (int) c));
        else out.append(c);
      }
      escaped.add(out.toString());
    }
    return add(new TXTRecord(name(name), DClass.IN, SECONDS_TO_LIVE, escaped));
  }

  public TestDns ptr(String address, String host) {
    return add(
        new PTRRecord(
            ReverseMap.fromAddress(InetAddress.ofLiteral(address)),
            DClass.IN,
            SECONDS_TO_LIVE,
            name(host)));
  }

  public TestDns cname(String alias, String target) {
    return add(new CNAMERecord(name(alias), DClass.IN, SECONDS_TO_LIVE, name(target)));
  }

  /// Takes a name's records away.
  public void forget(String name) {
    records.remove(name(name));
  }

  public TestDns add(Record record) {
    records.computeIfAbsent(record.getName(), key -> new ArrayList<>()).add(record);
    return this;
  }

  private void serve() {
    byte[] buffer = new byte[4096];
    while (!socket.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        byte[] answer =
            answer(new Message(java.util.Arrays.copyOf(buffer, packet.getLength()))).toWire();
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      } catch (IOException e) {
        if (!socket.isClosed()) throw new UncheckedIOException(e);
      }
    }
  }

  private Message answer(Message query) {
    questions.incrementAndGet();
    Message answer = new Message(query.getHeader().getID());
    answer.getHeader().setFlag(Flags.QR);
    answer.getHeader().setFlag(Flags.RA);
    Record question = query.getQuestion();
    answer.addRecord(question, Section.QUESTION);
    Name name = question.getName();
    Integer failure = failures.get(name);
    List<Record> known = records.get(name);
    if (failure != null) {
      answer.getHeader().setRcode(failure);
    } else if (known == null) {
      answer.getHeader().setRcode(Rcode.NXDOMAIN);
    } else {
      for (Record record : known) {
        if (record.getType() == question.getType()
            || record.getType() == Type.CNAME
            || question.getType() == Type.ANY) {
          answer.addRecord(record, Section.ANSWER);
        }
      }
    }
    return answer;
  }

  private static Name name(String text) {
    if (text.endsWith(".")) return name(text.substring(0, text.length() - 1));
    return Name.fromConstantString(text.replace("\\", "\\\\") + ".");
  }

  @Override
  public void close() {
    socket.close();
  }
}
