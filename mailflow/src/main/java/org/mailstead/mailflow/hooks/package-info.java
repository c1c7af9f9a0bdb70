/// What Run Lambda rules hand to functions and what they make of the answers (WorkMail guide,
/// Configuring AWS Lambda for Amazon WorkMail). Uses `core`, `http.aws` and nothing of mail flow
/// itself. Start at `FunctionCalls`, then `FunctionAnswer`.
@NullMarked
package org.mailstead.mailflow.hooks;

import org.jspecify.annotations.NullMarked;
