package org.mailstead.formats.mime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.OffsetDateTime;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 5322 §3.3 and §4.3, and what occurs instead.
class DatesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Fri, 21 Nov 1997 09:55:06 -0600 | 1997-11-21T09:55:06-06:00",
        "21 Nov 97 09:55:06 GMT | 1997-11-21T09:55:06Z",
        "Fri, 21 Nov 1997 09(comment):   55  :  06 -0600 | 1997-11-21T09:55:06-06:00",
        "Thu, 13 Feb 1969 23:32 -0330 (Newfoundland Time) | 1969-02-13T23:32-03:30",
        "1 Jan 49 00:00:00 +0000 | 2049-01-01T00:00Z",
        "1 Jan 50 00:00:00 +0000 | 1950-01-01T00:00Z",
        "1 Jan 103 00:00:00 +0000 | 2003-01-01T00:00Z",
        "Tue, 1 Jul 2003 10:52:37 EST | 2003-07-01T10:52:37-05:00",
        "Tue, 1 Jul 2003 10:52:37 PDT | 2003-07-01T10:52:37-07:00",
        "Tue, 1 Jul 2003 10:52:37 X | 2003-07-01T10:52:37Z",
        "Tue, 1 Jul 2003 10:52:37 -0000 | 2003-07-01T10:52:37Z",
        "Tue, 1 Jul 2003 10:52:37 | 2003-07-01T10:52:37Z",
        "Tue, 1 Jul 2003 23:59:60 +0000 | 2003-07-01T23:59:59Z",
        "Tue Jul  1 10:52:37 2003 | 2003-07-01T10:52:37Z",
        "Tue Jul  1 10:52:37 CEST 2003 | 2003-07-01T10:52:37+02:00",
        "Tuesday, 01-Jul-03 10:52:37 GMT | 2003-07-01T10:52:37Z",
        "tue, 1 jul 2003 10:52:37 +0200 | 2003-07-01T10:52:37+02:00",
        "1 July 2003 10:52 +02:00 | 2003-07-01T10:52+02:00",
        "Tue, 1 Jul 2003 10:52:37 GMT+0200 | 2003-07-01T10:52:37+02:00",
        "Tue, 1 Jul 2003 10.52.37 +0200 | 2003-07-01T10:52:37+02:00",
        "Tue, 1 Jul 2003 8:05 PM | 2003-07-01T20:05Z",
        "Tue, 1 Jul 2003 12:05:00 AM +0100 | 2003-07-01T00:05+01:00",
        "2003-07-01T10:52:37Z | 2003-07-01T10:52:37Z",
        "2003-07-01 10:52:37 +0200 | 2003-07-01T10:52:37+02:00",
        "2003-07-01T10:52:37.123+02:00 | 2003-07-01T10:52:37.123+02:00",
        "Mon,3 Mar 2025 09:15:00 +0100 | 2025-03-03T09:15+01:00",
        "1 Jul 2003 | 2003-07-01T00:00Z",
        "1 Jul 2003 10:00:00 +9900 | 2003-07-01T10:00Z"
      })
  void datesAreRead(String raw, OffsetDateTime expected) {
    assertThat(Dates.parse(raw)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "Whenever it rains",
        "31 Feb 2003 10:00:00 +0000",
        "1 Jul 2003 25:00:00 +0000",
        "99999999999999999999",
        "2003-99-99",
        "1 Jul",
        "((((",
        "Jul 2003 10:00",
        "1 Jul 99999999999 10:00",
        "1:2:3:4:5",
        "-",
        "+",
        "2003-",
        "1111-11-11T"
      })
  void whatIsNoDateIsEmpty(String raw) {
    assertThat(Dates.parse(raw)).isEmpty();
  }
}
