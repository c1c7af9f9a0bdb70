@org.jspecify.annotations.NullUnmarked
package org.mailstead.mailflow.outside;
