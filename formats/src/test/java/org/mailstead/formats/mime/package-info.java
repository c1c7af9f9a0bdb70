/// Tests of MIME.
@NullMarked
package org.mailstead.formats.mime;

import org.jspecify.annotations.NullMarked;
