/// What the tests of the packages share: a reception that records, raw connections, transcripts.
@NullMarked
package org.mailstead.smtp;

import org.jspecify.annotations.NullMarked;
