/// MIME: bytes to immutable records with byte offsets, and header decoding. Every byte sequence is
/// a message: nothing here throws on stored mail. Text of header fields in the records is the
/// unfolded octets, one char an octet (ISO-8859-1), so that nothing is lost; [HeaderText] makes
/// Unicode of it. Start reading at [MessageScanner].
@NullMarked
package org.mailstead.formats.mime;

import org.jspecify.annotations.NullMarked;
