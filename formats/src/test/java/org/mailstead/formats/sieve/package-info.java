@org.jspecify.annotations.NullMarked
package org.mailstead.formats.sieve;
