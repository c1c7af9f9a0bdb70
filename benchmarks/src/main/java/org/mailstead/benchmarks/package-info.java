/// JMH benchmarks of single parts; the end-to-end drivers are in the folder `drivers`. Figures and
/// how they came about: `docs/benchmarks.md`.
@NullMarked
package org.mailstead.benchmarks;

import org.jspecify.annotations.NullMarked;
