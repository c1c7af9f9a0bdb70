/// Sieve (RFC 5228 and extensions): a script's text to a checked program, and a program over an
/// abstract message to a list of actions. Knows no store, no clock and no network: what a test asks
/// of the world it asks of a [org.mailstead.formats.sieve.SieveEnvironment]. Start reading at
/// [org.mailstead.formats.sieve.SieveScript].
@NullMarked
package org.mailstead.formats.sieve;

import org.jspecify.annotations.NullMarked;
