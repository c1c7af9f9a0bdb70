@org.jspecify.annotations.NullMarked
package org.mailstead.managesieve.server;
