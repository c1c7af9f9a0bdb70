/// Who may do what: policies in IAM's JSON language, read strictly and evaluated without side
/// effects (API-2). Knows no account and no store. Start at `PolicyDocument`.
@NullMarked
package org.mailstead.core.authorization;

import org.jspecify.annotations.NullMarked;
