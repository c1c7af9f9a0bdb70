@org.jspecify.annotations.NullMarked
package org.mailstead.mailflow.srs;
