package org.mailstead.core.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("MIG-10: names in archives")
final class ArchiveNamesTest {
  @Test
  void namesThatNoSystemRefuses() {
    assertThat(ArchiveNames.safe("../../etc")).isEqualTo("_._.._etc");
    assertThat(ArchiveNames.safe("a/b\\c:d*e?f\"g<h>i|j")).isEqualTo("a_b_c_d_e_f_g_h_i_j");
    assertThat(ArchiveNames.safe("CON")).isEqualTo("_CON");
    assertThat(ArchiveNames.safe("com1.txt")).isEqualTo("_com1.txt");
    assertThat(ArchiveNames.safe("..")).isEqualTo("_");
    assertThat(ArchiveNames.safe(" ends with dots... ")).isEqualTo("ends with dots_");
    assertThat(ArchiveNames.safe("a\u202Egpj.exe\n\u0000")).isEqualTo("a_gpj.exe__");
    assertThat(ArchiveNames.safe("")).isEqualTo("_");
    assertThat(ArchiveNames.safe("Entwürfe 2026 – Q1")).isEqualTo("Entwürfe 2026 – Q1");
    assertThat(ArchiveNames.safe("ü".repeat(200)).getBytes(StandardCharsets.UTF_8)).hasSize(100);
  }

  @Test
  void twoFoldersNeverShareAPlace() {
    var names = new ArchiveNames(Set.of("README.txt"));
    assertThat(names.place(List.of("Work"))).isEqualTo("Work");
    assertThat(names.place(List.of("WORK"))).isEqualTo("WORK~2");
    assertThat(names.place(List.of("work"))).isEqualTo("work~3");
    assertThat(names.place(List.of("a?"))).isEqualTo("a_");
    assertThat(names.place(List.of("a*"))).isEqualTo("a_~2");
    assertThat(names.place(List.of("a*", "sub"))).isEqualTo("a_~2/sub");
    assertThat(names.place(List.of("readme.TXT"))).isEqualTo("readme.TXT~2");
    assertThat(names.place(List.of("Work"))).isEqualTo("Work");
  }
}
