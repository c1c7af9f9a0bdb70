/// AWS JSON 1.1 and the verification of Signature Version 4: bytes ⇄ requests, answers and errors.
///
/// Start reading at [SigV4Verifier], [AwsJson] and [ShapeReader]; the shapes themselves are
/// generated (`wire.shapes`).
@NullMarked
package org.mailstead.workmail.wire;

import org.jspecify.annotations.NullMarked;
