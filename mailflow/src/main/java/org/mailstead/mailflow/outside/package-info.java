/// HTTP requests to servers that strangers name: an address in a DNS record, a domain somebody
/// registered. Start reading at [org.mailstead.mailflow.outside.OutsideRequest].
@org.jspecify.annotations.NullMarked
package org.mailstead.mailflow.outside;
