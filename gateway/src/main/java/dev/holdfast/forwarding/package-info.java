/**
 * Identifies the client of a request: address and scheme behind trusted proxies, origin of the
 * page, and user of the token.
 */
@NullMarked
package dev.holdfast.forwarding;

import org.jspecify.annotations.NullMarked;
