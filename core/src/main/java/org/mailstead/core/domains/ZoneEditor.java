package org.mailstead.core.domains;

import java.util.List;
import java.util.Optional;
import org.mailstead.base.RefusedException;
import org.mailstead.base.UnavailableException;

/// A zone of the DNS that the operator lets this service write to. Implementations know how: by
/// dynamic update, or by a provider's API.
public interface ZoneEditor {
  /// All records of one name and type.
  ///
  /// @param type as in a zone file: `TXT`, `MX`, `CNAME`, `A`
  /// @param values as in [org.mailstead.core.directory.MailDomainRecord]: the text, `10 host`, the
  ///   target; names without a dot at the end
  record RecordSet(String type, int ttlSeconds, List<String> values) {
    public RecordSet {
      values = List.copyOf(values);
    }
  }

  /// The zone's name, in lower case, without a dot at the end.
  String zone();

  /// What it is, for people: `dynamic updates at 192.0.2.1:53`.
  String provider();

  /// What the zone holds at a name now: the sets that could stand in a record's way.
  ///
  /// @throws RefusedException the zone's server does not let us
  /// @throws UnavailableException no answer
  List<RecordSet> read(String name);

  /// Makes one set another one, all or nothing, and only if it is still as it was.
  ///
  /// @param before empty: there is nothing at the name of this type, for a CNAME nothing at all
  /// @param after of the same type
  /// @throws RefusedException WRONG_STATE: the zone changed meanwhile; FORBIDDEN: its server does
  ///   not let us; INVALID: it does not like the record
  /// @throws UnavailableException no answer; it may have happened
  void replace(String name, Optional<RecordSet> before, RecordSet after);
}
