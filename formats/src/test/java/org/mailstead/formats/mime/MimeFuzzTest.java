package org.mailstead.formats.mime;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/// Jazzer targets. Without JAZZER_FUZZ=1 they run over their seeds only.
class MimeFuzzTest {
  @FuzzTest
  void everyByteSequenceIsAMessage(byte[] octets) {
    StructureChecks.check(octets);
  }

  @FuzzTest
  void headerTextsNeverThrow(byte[] octets) {
    String raw = new String(octets, StandardCharsets.ISO_8859_1);
    HeaderText.decode(raw);
    AddressParser.parse(raw);
    Dates.parse(raw);
    StructuredValue.parse(raw);
    BaseSubject.of(HeaderText.decode(raw));
    Charsets.find(raw);
    HtmlText.of(raw, 10_000);
    SearchText.fold(new String(octets, StandardCharsets.UTF_8));
  }

  @FuzzTest
  void storedStructuresAreReadOrRefused(byte[] octets) {
    try {
      StructureCodec.decode(octets);
    } catch (IllegalStateException e) {
      // Damaged data is reported so.
    }
  }
}
