package org.mailstead.mailflow.filter;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which filters look into messages, and what follows from their words.
///
/// @param timeout of one filter for one message
/// @param messageBytesMax larger messages are not shown to filters
/// @param scansSubmissions whether what our own users send is looked at for viruses, and by milters
public record FilterSettings(
    Optional<FilterAddress> clamd,
    Optional<FilterAddress> spamd,
    Optional<Rspamd> rspamd,
    List<FilterAddress> milters,
    Duration timeout,
    long messageBytesMax,
    WhenDown whenDown,
    WhenVirus whenVirus,
    boolean scansSubmissions,
    BuiltIn builtIn) {
  public FilterSettings {
    milters = List.copyOf(milters);
    if (milters.size() > FilterLimits.MILTERS_MAX) {
      throw new IllegalArgumentException("at most " + FilterLimits.MILTERS_MAX + " milters");
    }
    if (!timeout.isPositive()) throw new IllegalArgumentException("a timeout is positive");
  }

  /// @param password empty for none
  public record Rspamd(FilterAddress address, String password) {
    @Override
    public String toString() {
      return "Rspamd[" + address.text() + "]";
    }
  }

  /// What happens to a message when a filter is down or slow.
  public enum WhenDown {
    /// It is taken in without that filter's verdict.
    ACCEPT,
    /// The peer is asked to come again.
    DEFER
  }

  /// What happens to a message with a virus.
  public enum WhenVirus {
    REFUSE,
    /// It goes to the junk folder, whatever rules say.
    JUNK
  }

  /// The filter that needs nothing installed; used where no other spam filter is set.
  ///
  /// @param required from so many points on a message is spam
  /// @param blockLists DNS lists of addresses that send spam
  public record BuiltIn(boolean isOn, double required, List<BlockList> blockLists) {
    public BuiltIn {
      blockLists = List.copyOf(blockLists);
      if (!(required > 0) || required > 1_000) {
        throw new IllegalArgumentException("the points for spam are more than 0, at most 1000");
      }
      if (blockLists.size() > FilterLimits.BLOCK_LISTS_MAX) {
        throw new IllegalArgumentException("at most " + FilterLimits.BLOCK_LISTS_MAX + " lists");
      }
    }

    public static BuiltIn standard() {
      return new BuiltIn(true, 5, List.of());
    }
  }

  /// A DNS block list (RFC 5782).
  ///
  /// @param zone below which the addresses stand
  /// @param points that a listed peer costs
  public record BlockList(String zone, double points) {
    private static final double POINTS_USUAL = 3;

    /// @param text `zen.example.org`, or with points: `zen.example.org=4.5`
    /// @throws IllegalArgumentException of neither form
    public static BlockList parse(String text) {
      String[] parts = text.strip().split("=", -1);
      if (!parts[0].matches("[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+") || parts.length > 2) {
        throw new IllegalArgumentException("not a block list: " + text);
      }
      double points = parts.length == 1 ? POINTS_USUAL : Double.parseDouble(parts[1]);
      if (!(Math.abs(points) <= 100)) {
        throw new IllegalArgumentException("points from -100 to 100: " + text);
      }
      return new BlockList(parts[0], points);
    }
  }

  /// Whether the built-in filter is the one that looks for spam.
  public boolean isBuiltIn() {
    return builtIn.isOn && spamd.isEmpty() && rspamd.isEmpty();
  }

  /// Where those listen that are set, by their names.
  public Map<String, FilterAddress> addresses() {
    Map<String, FilterAddress> all = new LinkedHashMap<>();
    clamd.ifPresent(address -> all.put("clamd", address));
    milters.forEach(address -> all.put("milter " + (all.size() + 1), address));
    rspamd.ifPresent(each -> all.put("rspamd", each.address));
    spamd.ifPresent(address -> all.put("spamd", address));
    return all;
  }

  /// The built-in filter alone.
  public static FilterSettings standard() {
    return new FilterSettings(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Duration.ofSeconds(20),
        10 << 20,
        WhenDown.ACCEPT,
        WhenVirus.REFUSE,
        true,
        BuiltIn.standard());
  }

  /// Nothing looks into messages.
  public static FilterSettings off() {
    return standard().with(new BuiltIn(false, 5, List.of()));
  }

  public FilterSettings withClamd(FilterAddress value) {
    return new FilterSettings(
        Optional.of(value),
        spamd,
        rspamd,
        milters,
        timeout,
        messageBytesMax,
        whenDown,
        whenVirus,
        scansSubmissions,
        builtIn);
  }

  public FilterSettings withSpamd(FilterAddress value) {
    return new FilterSettings(
        clamd,
        Optional.of(value),
        rspamd,
        milters,
        timeout,
        messageBytesMax,
        whenDown,
        whenVirus,
        scansSubmissions,
        builtIn);
  }

  public FilterSettings with(Rspamd value) {
    return new FilterSettings(
        clamd,
        spamd,
        Optional.of(value),
        milters,
        timeout,
        messageBytesMax,
        whenDown,
        whenVirus,
        scansSubmissions,
        builtIn);
  }

  public FilterSettings withMilters(FilterAddress... values) {
    return new FilterSettings(
        clamd,
        spamd,
        rspamd,
        List.of(values),
        timeout,
        messageBytesMax,
        whenDown,
        whenVirus,
        scansSubmissions,
        builtIn);
  }

  public FilterSettings withTimeout(Duration value) {
    return new FilterSettings(
        clamd,
        spamd,
        rspamd,
        milters,
        value,
        messageBytesMax,
        whenDown,
        whenVirus,
        scansSubmissions,
        builtIn);
  }

  public FilterSettings with(WhenDown value) {
    return new FilterSettings(
        clamd,
        spamd,
        rspamd,
        milters,
        timeout,
        messageBytesMax,
        value,
        whenVirus,
        scansSubmissions,
        builtIn);
  }

  public FilterSettings with(WhenVirus value) {
    return new FilterSettings(
        clamd,
        spamd,
        rspamd,
        milters,
        timeout,
        messageBytesMax,
        whenDown,
        value,
        scansSubmissions,
        builtIn);
  }

  public FilterSettings with(BuiltIn value) {
    return new FilterSettings(
        clamd,
        spamd,
        rspamd,
        milters,
        timeout,
        messageBytesMax,
        whenDown,
        whenVirus,
        scansSubmissions,
        value);
  }
}
