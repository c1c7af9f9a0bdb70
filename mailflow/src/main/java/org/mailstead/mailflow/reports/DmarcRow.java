package org.mailstead.mailflow.reports;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.mailflow.dkim.DkimResult;
import org.mailstead.mailflow.dmarc.DmarcPolicy;
import org.mailstead.mailflow.dmarc.DmarcResult;
import org.mailstead.mailflow.dmarc.DmarcVerdict;
import org.mailstead.mailflow.spf.SpfResult;

/// What is the same of many messages, and so one row of a report.
///
/// @param disposition what was done: `pass`, `none`, `quarantine`, `reject`
/// @param override why less was done than the policy asks for; empty: it was not
/// @param envelopeFrom empty for the null reverse-path
/// @param signatures domain, selector, result of each
/// @spec https://www.rfc-editor.org/rfc/rfc9990#section-3.1.1 RFC 9990 §3.1.1
record DmarcRow(
    String source,
    String disposition,
    boolean dkimAligned,
    boolean spfAligned,
    String override,
    String envelopeFrom,
    String headerFrom,
    String spfDomain,
    String spfResult,
    List<Signature> signatures) {
  private static final int FIELDS = 9;

  /// One signature.
  record Signature(String domain, String selector, String result) {}

  /// Empty: DMARC says nothing about the message.
  ///
  /// @param applied what was done; empty: the message passed or has no policy to fail
  static Optional<DmarcRow> of(
      InetAddress peer,
      Optional<EmailAddress> reversePath,
      SpfResult spf,
      List<DkimResult> dkim,
      DmarcResult dmarc,
      DmarcPolicy applied,
      boolean isExcused) {
    if (dmarc.record().isEmpty()) return Optional.empty();
    String override = "";
    if (dmarc.verdict() == DmarcVerdict.FAIL && applied.compareTo(dmarc.policy()) < 0) {
      override = isExcused ? "trusted_forwarder" : "local_policy";
    }
    List<Signature> signatures = new ArrayList<>();
    for (DkimResult each : dkim) {
      if (signatures.size() == ReportBounds.SIGNATURES_MAX) break;
      if (each.domain().isEmpty()) continue;
      signatures.add(
          new Signature(
              RowText.clean(each.domain()), RowText.clean(each.selector()), each.verdict().word()));
    }
    return Optional.of(
        new DmarcRow(
            peer.getHostAddress().replaceFirst("%.*", ""),
            dmarc.verdict() == DmarcVerdict.PASS ? "pass" : applied.word(),
            dmarc.isDkimAligned(),
            dmarc.isSpfAligned(),
            override,
            RowText.clean(reversePath.map(EmailAddress::domain).orElse("")),
            RowText.clean(dmarc.author()),
            RowText.clean(spf.domain().toLowerCase(Locale.ROOT)),
            spf.verdict().word(),
            signatures));
  }

  byte[] write() {
    List<String> fields = new ArrayList<>();
    fields.add(source);
    fields.add(disposition);
    fields.add(dkimAligned + "," + spfAligned);
    fields.add(override);
    fields.add(envelopeFrom);
    fields.add(headerFrom);
    fields.add(spfDomain);
    fields.add(spfResult);
    fields.add("");
    int bytes = fields.stream().mapToInt(String::length).sum();
    for (Signature each : signatures) {
      // A row has a bound; of many long signatures the first ones are told.
      bytes += each.domain().length() + each.selector().length() + each.result().length() + 3;
      if (bytes > 1_800) break;
      fields.addAll(List.of(each.domain(), each.selector(), each.result()));
    }
    return RowText.write(fields);
  }

  static DmarcRow read(byte[] row) {
    List<String> fields = RowText.read(row);
    List<Signature> signatures = new ArrayList<>();
    for (int i = FIELDS; i + 2 < fields.size(); i += 3) {
      signatures.add(new Signature(fields.get(i), fields.get(i + 1), fields.get(i + 2)));
    }
    String[] aligned = fields.get(2).split(",");
    return new DmarcRow(
        fields.get(0),
        fields.get(1),
        Boolean.parseBoolean(aligned[0]),
        Boolean.parseBoolean(aligned[1]),
        fields.get(3),
        fields.get(4),
        fields.get(5),
        fields.get(6),
        fields.get(7),
        signatures);
  }
}
