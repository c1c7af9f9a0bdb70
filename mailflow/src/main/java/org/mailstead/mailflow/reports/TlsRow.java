package org.mailstead.mailflow.reports;

import java.util.ArrayList;
import java.util.List;

/// What is the same of many sessions with the hosts of a domain.
///
/// @param policyType `tlsa`, `sts`, `no-policy-found`
/// @param policyText lines of the policy, or TLSA records
/// @param mxHosts patterns of an MTA-STS policy
/// @param resultType empty: the session was as the policy wants it
/// @param failureReason for people
/// @spec https://www.rfc-editor.org/rfc/rfc8460#section-4.4 RFC 8460 §4.4
record TlsRow(
    String policyType,
    List<String> policyText,
    List<String> mxHosts,
    String resultType,
    String receivingMx,
    String receivingIp,
    String failureReason) {
  private static final int LINES_MAX = 12;
  private static final char LINE = '\u001e';

  TlsRow {
    policyText = List.copyOf(policyText);
    mxHosts = List.copyOf(mxHosts);
  }

  boolean isFailure() {
    return !resultType.isEmpty();
  }

  byte[] write() {
    List<String> fields = new ArrayList<>();
    fields.add(policyType);
    fields.add(lines(policyText));
    fields.add(lines(mxHosts));
    fields.add(resultType);
    fields.add(RowText.clean(receivingMx));
    fields.add(receivingIp);
    fields.add(RowText.clean(failureReason));
    return RowText.write(fields);
  }

  private static String lines(List<String> texts) {
    List<String> kept = new ArrayList<>();
    int chars = 0;
    for (String each : texts) {
      String clean = RowText.clean(each);
      chars += clean.length();
      if (kept.size() == LINES_MAX || chars > 600) break;
      kept.add(clean);
    }
    return String.join(String.valueOf(LINE), kept);
  }

  static TlsRow read(byte[] row) {
    List<String> fields = RowText.read(row);
    return new TlsRow(
        fields.get(0),
        split(fields.get(1)),
        split(fields.get(2)),
        fields.get(3),
        fields.get(4),
        fields.get(5),
        fields.get(6));
  }

  private static List<String> split(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(String.valueOf(LINE), -1));
  }
}
