/// AWS JSON 1.1 and Signature Version 4: bytes ⇄ requests, answers and errors. Knows base only.
///
/// Start reading at [SigV4Verifier], [AwsJson] and [ShapeReader]; the shapes themselves are
/// generated (`wire.shapes`).
@NullMarked
package org.mailstead.workmail.wire;

import org.jspecify.annotations.NullMarked;
