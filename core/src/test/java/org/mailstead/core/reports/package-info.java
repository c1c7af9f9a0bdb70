@org.jspecify.annotations.NullMarked
package org.mailstead.core.reports;
